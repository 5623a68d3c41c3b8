"""Which file is what, said by folders or by a CSV file."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import SettingsError
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Iterator

HARMLESS = "harmless"
KNOWN = {
    HARMLESS: None,
    **{
        label.value: label
        for label in (Label.EXPLICIT, Label.DRAWN_EXPLICIT, Label.NUDITY, Label.SUGGESTIVE)
    },
}
"""Words for a file. ``listed`` is no property of a picture; ``abuse`` belongs with the police."""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """One file and what a person says it is: ``label``, or None for harmless.

    ``kind`` is finer, as people like (``sport``, ``medicine``), or empty.
    """

    path: Path
    label: Label | None
    kind: str = ""

    @property
    def word(self) -> str:
        """The label as a word: ``explicit``, ``harmless``."""
        return HARMLESS if self.label is None else self.label.value


def read_labels(source: Path) -> list[LabelledFile]:
    """Read labelled files from a folder or a CSV file, sorted by path.

    A folder has one folder for each label (``explicit``, ``harmless``, ...), whose own folders name
    kinds. A CSV file (UTF-8) has the columns ``path`` (from the CSV's folder), ``label``, and if
    wanted ``kind``. Hidden files are left out. Raises SettingsError, with file and line where
    there are any.
    """
    if source.is_dir():
        found = list(_from_folder(source))
    elif source.is_file():
        found = list(_from_csv(source))
    else:
        raise SettingsError(f"{source}: there is no such folder or CSV file; check the path")
    if not found:
        raise SettingsError(f"{source}: holds no labelled files; {_layout()}")
    return sorted(found, key=lambda file: file.path)


def _layout() -> str:
    return f"put files into folders named {', '.join(KNOWN)}, or name a CSV file with path,label"


def _label(word: str, place: str) -> Label | None:
    name = word.strip().lower()
    if name == Label.ABUSE.value:
        raise SettingsError(
            f"{place}: child abuse is never evaluation material, and to keep it is a crime. Do not "
            "open or copy it; report it to the police"
        )
    if name not in KNOWN:
        raise SettingsError(f"{place}: {word!r} is not a label; use one of {', '.join(KNOWN)}")
    return KNOWN[name]


def _from_folder(folder: Path) -> Iterator[LabelledFile]:
    for top in sorted(folder.iterdir()):
        if top.name.startswith("."):
            continue
        if not top.is_dir():
            raise SettingsError(f"{top}: stands in no label's folder; {_layout()}")
        label = _label(top.name, str(top))
        for path in _walk(top):
            inside = path.relative_to(top).parts
            yield LabelledFile(path, label, inside[0] if len(inside) > 1 else "")


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place) / name for name in names if not name.startswith("."))


def _from_csv(file: Path) -> Iterator[LabelledFile]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            columns = rows.fieldnames or []
            if missing := {"path", "label"} - set(columns):
                raise SettingsError(
                    f"{file}:1: the column {sorted(missing)[0]!r} is missing; the first line must "
                    "read path,label or path,label,kind"
                )
            for row in rows:
                place = f"{file}:{rows.line_num}"
                if not row["path"] or not row["label"]:
                    raise SettingsError(f"{place}: path and label are both needed; complete it")
                path = file.parent / row["path"]
                if not path.is_file():
                    raise SettingsError(f"{place}: there is no file {path}; check the path")
                yield LabelledFile(path, _label(row["label"], place), row.get("kind") or "")
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{file}: is not a UTF-8 CSV file ({error}); save it as one") from error
