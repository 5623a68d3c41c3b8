from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai.errors import SettingsError
from perisai.screening.evaluation.labelled import LabelledFile, read_labels
from perisai.terms import Label

if TYPE_CHECKING:
    from pathlib import Path


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_folders_name_labels_and_kinds(tmp_path: Path) -> None:
    one = touch(tmp_path / "Explicit" / "a.gif")
    two = touch(tmp_path / "harmless" / "sport" / "deep" / "b.gif")
    touch(tmp_path / "harmless" / ".hidden")
    touch(tmp_path / "harmless" / ".cache" / "c.gif")
    touch(tmp_path / ".DS_Store")
    assert read_labels(tmp_path) == [
        LabelledFile(one, Label.EXPLICIT),
        LabelledFile(two, None, "sport"),
    ]
    assert [file.word for file in read_labels(tmp_path)] == ["explicit", "harmless"]


def test_a_csv_file_names_them(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "a.gif")
    touch(tmp_path / "b,c.gif")
    file = tmp_path / "labels.csv"
    file.write_text('\ufeffpath,label,kind\nx/a.gif, Nudity ,\n"b,c.gif",harmless,art\n', "utf-8")
    assert read_labels(file) == [
        LabelledFile(tmp_path / "b,c.gif", None, "art"),
        LabelledFile(tmp_path / "x" / "a.gif", Label.NUDITY),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,label\n", ":1: the column 'path' is missing"),
        ("", ":1: the column 'label' is missing"),
        ("path,label\na.gif,explicit\nb.gif\n", ":3: path and label are both needed"),
        ("path,label\na.gif,porn\n", ":2: 'porn' is not a label; use one of harmless, explicit"),
        ("path,label\na.gif,listed\n", ":2: 'listed' is not a label"),
        ("path,label\nb.gif,explicit\n", ":2: there is no file"),
        ("path,label\na.gif,abuse\n", ":2: child abuse is never evaluation material"),
        ("path,label\n", ": holds no labelled files"),
    ],
)
def test_a_bad_csv_names_the_line(tmp_path: Path, text: str, words: str) -> None:
    touch(tmp_path / "a.gif")
    file = tmp_path / "labels.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_labels(file)
    assert str(caught.value).startswith(f"{file}{words}")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(b"path,label\n\xff\xfe,explicit\n")
    with pytest.raises(SettingsError, match="is not a UTF-8 CSV file"):
        read_labels(file)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("porn/a.gif", "'porn' is not a label"),
        ("a.gif", "stands in no label's folder; put files into folders named harmless"),
        ("abuse/a.gif", "child abuse is never evaluation material"),
    ],
)
def test_a_bad_folder_says_what_to_do(tmp_path: Path, name: str, words: str) -> None:
    touch(tmp_path / name)
    with pytest.raises(SettingsError) as caught:
        read_labels(tmp_path)
    assert words in str(caught.value)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no labelled files"):
        read_labels(tmp_path)
    with pytest.raises(SettingsError, match="there is no such folder or CSV file"):
        read_labels(tmp_path / "gone")
