from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from perisai import cli
from perisai.matching.clips import ClipSignature
from perisai.matching.lists import ListStore
from tests.matching.lists.common import hashes


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PERISAI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PERISAI_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def run(capsys):
    """Run ``perisai lists …``; returns exit status, standard output and standard error."""

    def run(*arguments):
        status = cli.run(["lists", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return run


def picture(seed):
    """Harmless blotches, fine enough that every frequency PDQ looks at has something in it."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    return small.resize((160, 120), Image.Resampling.BICUBIC)


def gif(path, *seeds, **options):
    first, *rest = (picture(seed) for seed in seeds)
    first.save(path, save_all=bool(rest), append_images=rest, duration=100, **options)
    return path


def make(run, name="known", *more, label="listed"):
    status, _, err = run("create", name, "--label", label, "--source", "test", *more)
    assert status == 0, err


def test_a_gif_is_listed_found_and_removed_again(run, tmp_path, home):
    make(run)
    file = gif(tmp_path / "clip.gif", 1, 2, 3)
    status, out, err = run("add", "known", file, "--json")
    assert (status, err) == (0, "")
    said = json.loads(out)
    assert said["pictures"] == 3
    assert said["clip"]
    assert (said["unhashable"], said["known"], said["error"]) == (0, 0, None)
    counts = json.loads(run("show", "known", "--json")[1])["counts"]
    assert (counts["sha256"], counts["md5"], counts["clip"]) == (1, 1, 1)
    assert counts["pdq"] == said["added"] - 3 > 3 * 20

    from perisai.matching.variants import query_hashes

    with ListStore(home).matcher() as matcher:
        mirrored = np.asarray(picture(2))[:, ::-1]
        assert matcher.match_frames(query_hashes(mirrored)[0])
        assert not matcher.match_frames(query_hashes(np.asarray(picture(9)))[0])

    status, out, _ = run("remove", "known", "--file", file, "--yes", "--json")
    assert json.loads(out) == {"list": "known", "removed": said["added"], "whole": False}
    assert "empty" in run("show", "known")[1]


def test_files_that_cannot_be_decoded_are_named_and_the_others_listed(run, tmp_path):
    make(run)
    bad = tmp_path / "notes.gif"
    bad.write_text("this is no picture")
    good = gif(tmp_path / "good.gif", 4)
    status, out, err = run("add", "known", bad, good, "--json")
    assert status == 2
    assert str(bad) in err
    first, second = map(json.loads, out.splitlines())
    assert first["error"]["code"] == "unknown_media"
    assert second["pictures"] == 1


def test_many_files_share_the_decoding_workers(run, tmp_path, monkeypatch):
    """A worker takes longer to start than most files take to decode."""
    from perisai.media import sandbox

    started = []

    class Counted(sandbox.WorkerProcess):
        def __init__(self, *arguments):
            started.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(sandbox, "WorkerProcess", Counted)
    monkeypatch.setenv("PERISAI_SCREENING__JOBS", "2")
    make(run)
    files = [gif(tmp_path / f"{seed}.gif", seed) for seed in range(6)]
    files.insert(3, tmp_path / "missing.gif")
    status, out, err = run("add", "known", *files, "--json")
    assert status == 2
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(file) for file in files]
    assert [json.loads(line)["error"] is None for line in out.splitlines()].count(True) == 6
    assert err.count("\n") == 1
    assert len(started) <= 2


def test_flat_pictures_are_listed_by_their_file_only(run, tmp_path):
    make(run)
    file = tmp_path / "flat.png"
    Image.new("RGB", (64, 64), "red").save(file)
    status, out, _ = run("add", "known", file)
    assert status == 0
    assert "0 pictures; 1 too flat to hash; 2 new entries" in out


def test_one_entry_is_removed_with_its_variants(run, tmp_path):
    make(run)
    run("add", "known", gif(tmp_path / "a.gif", 1, 2))
    lines = [
        json.loads(line) for line in run("show", "known", "--entries", "--json")[1].splitlines()
    ]
    entries = [line for line in lines[1:] if line["kind"] == "pdq"]
    assert "value" not in entries[0]
    chosen = next(e for e in entries if e["picture"] == 1)
    status, out, _ = run("remove", "known", "--entry", chosen["entry"], "--yes", "--json")
    assert json.loads(out)["removed"] == sum(e["picture"] == 1 for e in entries)
    status, _, err = run("remove", "known", "--entry", chosen["entry"], "--yes")
    assert status == 2
    assert f"no entry {chosen['entry']}" in err


def test_import_export_round_trip(run, tmp_path):
    make(run, "known", "--sharing", "public", "--expires", "2030-12-31", "--licence", "CC0")
    path = tmp_path / "signals.txt"
    path.write_text("".join(f"pdq {row.tobytes().hex()}\n" for row in hashes(5)))
    status, out, _ = run("import", "known", path)
    assert (status, out) == (0, "5 new entries on 'known', 0 were there already, 0 skipped.\n")
    status, out, _ = run("export", "known", "--format", "threatexchange")
    assert out == path.read_text()
    assert run("export", "known", tmp_path / "known.json")[0] == 0
    status, _, err = run("export", "known", tmp_path / "known.json")
    assert status == 2
    assert "--overwrite" in err
    assert run("export", "known", tmp_path / "known.json", "--overwrite")[0] == 0
    status, out, _ = run("import", "copy", tmp_path / "known.json", "--json")
    assert json.loads(out)["created"]
    one, two = run("export", "known")[1], run("export", "copy")[1]
    assert one.replace('"known"', '"copy"') == two
    assert not list(tmp_path.glob(".export-*"))


def test_bad_lines_end_an_import_or_are_counted(run, tmp_path):
    make(run)
    path = tmp_path / "signals.txt"
    path.write_text(f"pdq {hashes(1)[0].tobytes().hex()}\n" + "pdq 12\n" * 30)
    status, out, err = run("import", "known", path)
    assert (status, out) == (2, "")
    assert err == f"Error: {path}:2: pdq must be 64 hex digits. Nothing was imported\n"
    status, out, err = run("import", "known", path, "--skip-bad")
    assert status == 0
    assert "1 new entry on 'known', 0 were there already, 30 skipped" in out
    assert len(err.splitlines()) == 21
    assert err.splitlines()[-1] == "Skipped: 10 more lines"


def test_abuse_lists_leave_only_on_a_persons_word(run, tmp_path):
    make(run, "sealed", label="abuse")
    make(run, "held", "--sharing", "partners", label="abuse")
    flag = "--i-am-authorised-to-share-abuse-hashes"
    for arguments in (["sealed"], ["sealed", flag], ["held"]):
        status, out, err = run("export", *arguments, tmp_path / "out.json")
        assert (status, out) == (2, "")
        assert err.startswith("Error: ")
        assert not (tmp_path / "out.json").exists()
    assert run("export", "held", flag)[0] == 0
    assert [
        json.loads(line)["action"]
        for line in run("show", "held", "--log", "--json")[1].splitlines()[1:]
    ] == ["create", "export"]


def test_an_expired_list_says_so_and_can_be_renewed(run):
    make(run, "old", "--expires", "2020-01-01")
    assert "EXPIRED on 2020-01-01: it matches nothing" in run("show")[1]
    assert json.loads(run("show", "old", "--json")[1])["expired"]
    assert run("edit", "old", "--expires", "2120-01-01")[0] == 0
    assert "EXPIRED" not in run("show")[1]
    assert run("edit", "old", "--expires", "never")[0] == 0
    assert "without end" in run("show")[1]


def test_removing_asks_first(run, monkeypatch):
    make(run)
    status, _, err = run("remove", "known")
    assert status == 2
    assert "--yes" in err
    status, out, _ = run("remove", "known", "--yes")
    assert (status, out) == (0, "Removed the list 'known' with 0 entries.\n")
    assert "There are no hash lists" in run("show")[1]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["show", "missing"], "no list named 'missing'"),
        (["add", "missing", "x.gif"], "no list named 'missing'"),
        (["import", "missing", "missing.txt"], "does not exist"),
        (["create", "Bad Name", "--label", "listed", "--source", "x"], "cannot be a list's name"),
        (["create", "x", "--label", "explicit", "--source", "x"], "'explicit'"),
        (["create", "x", "--label", "listed", "--source", "x", "--expires", "soon"], "no day"),
        (["edit", "x"], "Say what to change"),
        (["show", "--entries"], "needs the NAME"),
        (["remove", "x", "--sha256", "12", "--yes"], "'x'"),
    ],
)
def test_mistakes_are_named_in_one_line_with_status_2(run, arguments, why):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert why in err
    assert err.splitlines()[-1].startswith("Error: ")


def test_the_home_folder_can_be_named(run, tmp_path, capsys):
    assert cli.run(["lists", "--home", str(tmp_path / "else"), "show"]) == 0
    make_there = ["create", "x", "--label", "listed", "--source", "s"]
    assert cli.run(["lists", "--home", str(tmp_path / "else"), *make_there]) == 0
    capsys.readouterr()
    assert "no hash lists" in run("show")[1]
    assert (tmp_path / "else" / "lists.sqlite3").exists()


def test_rebuilding_the_index(run, tmp_path):
    make(run)
    run("add", "known", gif(tmp_path / "a.gif", 1))
    status, out, _ = run("rebuild-index", "--json")
    assert status == 0
    assert json.loads(out)["entries"] > 20


DOCS = Path(__file__).parents[2] / "docs" / "lists.md"


def test_the_examples_in_the_documentation_run(run, tmp_path, monkeypatch):
    """Every block marked ``console`` in docs/lists.md, with files where it names some."""
    import shlex

    gif(tmp_path / "wave.gif", 1, 2)
    gif(tmp_path / "sticker.gif", 3)
    blocks = DOCS.read_text(encoding="utf-8").split("```")[1::2]
    for block in blocks:
        name, _, rest = block.partition("\n")
        if name.startswith("file:"):
            (tmp_path / name.removeprefix("file:")).write_text(rest, encoding="utf-8")
    ran = 0
    for block in blocks:
        if not block.startswith("console\n"):
            continue
        for line in block.splitlines():
            if line.startswith("$ perisai lists "):
                status, _, err = run(
                    *shlex.split(line.removeprefix("$ perisai lists "), comments=True)
                )
                assert status == 0, (line, err)
                ran += 1
            elif line.startswith("$"):
                pytest.fail(f"not run: {line}")
    assert ran >= 10


def test_the_python_in_the_documentation_runs(tmp_path):
    (block,) = [
        b for b in DOCS.read_text(encoding="utf-8").split("```") if b.startswith("python\n")
    ]
    rows = hashes(2)
    names = {
        "sha256": "ab" * 32,
        "md5": "cd" * 16,
        "hashes": rows,
        "signature": ClipSignature.of((row[None], 100) for row in rows),
    }
    exec(compile(block.removeprefix("python\n"), "docs/lists.md", "exec"), names)
    assert (tmp_path / "state" / "lists.sqlite3").exists()
