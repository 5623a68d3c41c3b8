"""``perisai screen``: what is looked at, what is said, and the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from perisai.matching.digests import digest
from perisai.terms import Label
from tests.common import drawn, screening, writers


def lines(said):
    return [json.loads(line) for line in said.out.splitlines()]


def by_name(said):
    return {os.path.basename(line["path"]): line for line in lines(said)}  # noqa: PTH119


# ---- statuses


def test_all_is_allowed(perisai, media):
    said = perisai("screen", media / "clean.gif")
    assert said.status == 0
    assert "✓ allow" in said.out
    assert "1 file for age band 3-5: 1 allow." in said.out


def test_something_is_withheld(perisai, media):
    said = perisai("screen", media)
    assert said.status == 1
    marked = next(line for line in said.out.splitlines() if "marked.gif" in line)
    assert "✗ withhold" in marked
    assert "at frame 2 (0.16 s) by tiny" in marked
    assert "2 files for age band 3-5: 1 allow, 1 withhold." in said.out


def test_it_depends_on_the_age_band_and_the_policy(perisai, media):
    path = media / "sub" / "marked.gif"
    assert perisai("screen", path, "--age-band", "adult").status == 1  # for review, and nobody does
    assert perisai("screen", path, "--age-band", "adult", "--policy", "generic").status == 0
    assert perisai("screen", path, "--age-band", "16-17", "--policy", "generic").status == 1


def test_what_cannot_be_screened_wins(perisai, media, tmp_path):
    (tmp_path / "page.gif").write_bytes(b"<!doctype html>")
    said = perisai("screen", media, tmp_path / "page.gif")
    assert said.status == 3
    assert "! unscreenable" in said.out
    assert "This is an HTML page" in said.out


def test_shadow_judges_and_changes_no_status(perisai, media, tmp_path):
    (tmp_path / "page.gif").write_bytes(b"<!doctype html>")
    said = perisai("screen", media, tmp_path / "page.gif", "--shadow")
    assert said.status == 0
    assert "1 withhold, 1 unscreenable" in said.out


def test_shadow_does_not_hide_bad_usage(perisai, tmp_path):
    assert perisai("screen", tmp_path / "missing.gif", "--shadow").status == 2


# ---- what is looked at


def test_folders_are_searched_and_hidden_files_left_out(perisai, media):
    said = perisai("screen", media, "--json")
    assert sorted(by_name(said)) == ["clean.gif", "marked.gif"]
    named = perisai("screen", media / ".hidden.gif", "--json")
    assert named.status == 3  # who names it means it


def test_missing_and_empty_places_are_bad_usage(perisai, tmp_path, media):
    for path, words in ((tmp_path / "no.gif", "does not exist"), (tmp_path, "There is no file in")):
        said = perisai("screen", path)
        assert said.status == 2
        assert words in said.err
    said = perisai("screen", media, tmp_path / "no.gif")
    assert said.status == 2
    assert said.out == ""  # nothing was screened before the mistake was told


def test_a_dangling_link_in_a_folder_is_told(perisai, tmp_path):
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "dangling.gif").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.gif")
    said = perisai("screen", folder, "--json")
    assert said.status == 3
    assert {line["error"]["code"] for line in lines(said)} == {"broken_media"}
    assert len(lines(said)) == 2
    assert "leads nowhere" in by_name(said)["dangling.gif"]["error"]["message"]


def test_linked_files_and_folders_are_looked_at(perisai, tmp_path, media):
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "marked.gif").write_bytes((media / "sub" / "marked.gif").read_bytes())
    (folder / "clean.gif").symlink_to(media / "clean.gif")
    (folder / "link").symlink_to(outside, target_is_directory=True)
    said = perisai("screen", folder, "--json")
    assert said.status == 1
    assert said.err == ""
    assert {line["path"] for line in lines(said)} == {
        str(folder / "clean.gif"),
        str(folder / "link" / "deep" / "marked.gif"),
    }
    named = perisai("screen", folder / "link", "--json")
    assert [line["path"] for line in lines(named)] == [str(folder / "link" / "deep" / "marked.gif")]


def test_folders_that_link_to_each_other_are_searched_once_by_their_own_names(
    perisai, tmp_path, media
):
    folder = tmp_path / "in"
    for name in ("b", "c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "x.gif").write_bytes((media / "clean.gif").read_bytes())
    (folder / "a").symlink_to("b")  # sorted before the folder that it leads to
    (folder / "b" / "other").symlink_to("../c")
    (folder / "c" / "up").symlink_to("..")
    (folder / "loop").symlink_to("loop")
    (folder / ".hidden").symlink_to(media)
    said = perisai("screen", folder, "--json")
    assert said.status == 3
    shown = {line["path"]: line["error"] for line in lines(said)}
    assert list(shown) == [line["path"] for line in lines(said)]  # nothing twice
    assert set(shown) == {str(folder / name) for name in ("b/x.gif", "c/x.gif", "loop")}
    assert shown[str(folder / "loop")]["code"] == "broken_media"
    assert "3 links" in said.err
    assert "under another name" in said.err


def test_both_names_of_a_folder_count_where_both_are_named(perisai, tmp_path, media):
    (tmp_path / "one").symlink_to(media)
    said = perisai("screen", tmp_path / "one", media, "--json")
    assert len(lines(said)) == 4
    assert said.err == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every folder")
def test_a_closed_folder_is_told(perisai, tmp_path):
    (tmp_path / "all" / "closed").mkdir(parents=True)
    (tmp_path / "all" / "closed").chmod(0)
    try:
        said = perisai("screen", tmp_path / "all")
        assert said.status == 3
        assert "This is a folder" in said.out
    finally:
        (tmp_path / "all" / "closed").chmod(0o700)


def test_standard_input_is_a_file(command, media):
    data = (media / "sub" / "marked.gif").read_bytes()
    said = command("screen", "-", "--json", data=data)
    assert said.status == 1
    (line,) = lines(said)
    assert (line["path"], line["sha256"]) == ("-", digest(data).sha256)
    assert command("screen", "-", data=b"").status == 3


def test_standard_input_stands_alone(perisai, media):
    said = perisai("screen", "-", media)
    assert said.status == 2
    assert "standard input" in said.err


def test_options_reach_the_screener(perisai, tmp_path):
    still = drawn.stand_in(1, 120, 90)
    (tmp_path / "held.gif").write_bytes(screening.clip(writers.held(still, 4)))
    path = tmp_path / "held.gif"

    def coverage(*options):
        (line,) = lines(perisai("screen", path, "--json", *options))
        return line["coverage"]

    assert coverage()["classified"] == 1
    assert coverage("--every-frame")["classified"] == 4
    assert coverage("--whole-picture", "--jobs", "1")["looks"] == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--list", "nowhere"], "no list named 'nowhere'"),
        (["--model", "nobody"], "models.nobody"),
        (["--policy", "strict"], "strict: is not a policy"),
        (["--stills"], "--stills needs --report"),
        (["--report", "/nowhere/at/all/r.html"], "/nowhere/at/all/r.html does not exist"),
    ],
)
def test_wrong_choices_are_one_line(perisai, media, options, words):
    said = perisai("screen", media, *options)
    assert said.status == 2
    assert words in said.err
    assert said.out == ""


def test_a_bad_policy_file_is_told_with_line_and_key(perisai, media, tmp_path):
    policy = tmp_path / "mine.toml"
    policy.write_text('[title]\nen = "Mine"\nid = "Saya"\n\n[rules.a]\nlabels = ["rude"]\n')
    said = perisai("screen", media, "--policy", policy)
    assert said.status == 2
    assert f"{policy}:6: rules.a.labels" in said.err


# ---- what is said


def test_json_is_one_object_a_line_and_nothing_else(perisai, media):
    said = perisai("screen", media, "--json")
    assert said.status == 1
    assert said.err == ""
    found = by_name(said)
    assert found["clean.gif"]["verdicts"]["3-5"] == "allow"
    assert found["marked.gif"]["findings"][0]["frame"] == 2


def test_json_comes_as_soon_as_a_file_is_done(env, media, tmp_path):
    """The second file takes its time; the first one's line is there before."""
    for number in range(300):
        (tmp_path / f"{number}.gif").symlink_to(media / "clean.gif")
    words = [sys.executable, "-m", "perisai", "screen", str(tmp_path), "--json", "--jobs", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        json.loads(process.stdout.readline())
        assert process.poll() is None
        process.kill()


def test_file_names_of_any_bytes(perisai, command, tmp_path, media):
    odd = [b"\xff\xfe.gif", b"red\x1b[31m.gif", b"turned\xe2\x80\xaegnp.gif", b"[bold]x[red].gif"]
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in odd:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:  # noqa: PTH118, PTH123
            file.write((media / "clean.gif").read_bytes())
    said = command("screen", folder)
    assert said.status == 0
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    for shown in (r"\xff\xfe.gif", "red\ufffd[31m.gif", "turned\ufffdgnp.gif", "[bold]x[red].gif"):
        assert shown in said.out
    said = command("screen", folder, "--json", "--report", tmp_path / "r.html")
    assert said.status == 0
    assert "\x1b" not in said.out
    names = {os.fsencode(json.loads(line)["path"].rpartition("/")[2]) for line in lines_of(said)}
    assert names == set(odd)
    missing = command("screen", os.fsdecode(b"/missing/\xff\x1b[31m"))
    assert missing.status == 2
    assert "\x1b" not in missing.err


def lines_of(said):
    return said.out.splitlines()


def test_what_a_file_carries_is_said(perisai, tmp_path, media):
    (tmp_path / "two.png").write_bytes((media / "clean.gif").read_bytes() + b"\x89PNG\r\n\x1a\n")
    out = perisai("screen", tmp_path / "two.png").out
    assert "second image (png)" in out
    assert "named .png" in out
    (tmp_path / "cut.gif").write_bytes((media / "clean.gif").read_bytes()[:-40])
    assert "ends too early" in perisai("screen", tmp_path / "cut.gif").out


def test_the_summary_says_how_much_was_looked_at(perisai, tmp_path, media):
    assert "4 displayed pictures, each looked at" in perisai("screen", media / "clean.gif").out
    one, other = drawn.stand_in(1, 120, 90), drawn.stand_in(2, 120, 90)
    (tmp_path / "loop.gif").write_bytes(screening.clip([one, other, one]))
    out = perisai("screen", tmp_path / "loop.gif").out
    assert "3 displayed pictures, 2 looked at" in out
    assert "at most 0.0 of 255" in out


# ---- the report


def test_the_report_is_a_file(perisai, media, tmp_path):
    report = tmp_path / "r.html"
    said = perisai("screen", media, "--report", report)
    assert said.status == 1
    assert f"Report: {report}" in said.out
    text = report.read_text()
    assert "marked.gif" in text
    assert "<img" not in text
    with_stills = perisai("screen", media, "--report", report, "--stills", "--lang", "id", "--json")
    assert with_stills.status == 1
    assert len(lines(with_stills)) == 2
    text = report.read_text()
    assert text.count("<img") == 1
    assert 'lang="id"' in text


def test_a_report_in_the_folder_is_not_screened_next_time(perisai, tmp_path, media):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "clean.gif").write_bytes((media / "clean.gif").read_bytes())
    for _ in range(2):
        said = perisai("screen", folder, "--report", folder / "r.html")
        assert said.status == 0
        assert "1 file for" in said.out


def test_a_report_is_not_screened_by_way_of_a_link(perisai, tmp_path, media):
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "clean.gif").write_bytes((media / "clean.gif").read_bytes())
    (tmp_path / "start").mkdir()
    (tmp_path / "start" / "link").symlink_to(folder)
    for _ in range(2):
        said = perisai("screen", tmp_path / "start", "--report", folder / "r.html")
        assert said.status == 0


def test_a_report_that_cannot_be_written_is_one_line(perisai, media, tmp_path):
    (tmp_path / "r.html.part").mkdir()
    said = perisai("screen", media, "--report", tmp_path / "r.html")
    assert said.status == 2
    assert said.err.count("\n") == 1


# ---- abuse


def test_abuse_is_sealed_in_everything_that_is_said(perisai, env, tmp_path):
    from pathlib import Path

    picture = drawn.stand_in(8, 200, 150)
    screening.create_list(Path(env["PERISAI_HOME"]), "hidden-list", [picture], label=Label.ABUSE)
    frames = [*screening.scene(2, 200, 150), screening.marked(picture), picture]
    path = tmp_path / "a.webp"
    path.write_bytes(writers.webp(frames, quality=90))
    report = tmp_path / "r.html"
    said = perisai("screen", path, "--report", report, "--stills", "--age-band", "adult")
    assert said.status == 1
    line = next(line for line in said.out.splitlines() if "a.webp" in line)
    assert "■ block" in line
    assert "child abuse list" in line
    assert said.out.count("Do not save, copy or forward it") == 1
    as_json = perisai("screen", path, "--json")
    (told,) = lines(as_json)
    assert set(told["verdicts"].values()) == {"block"}
    assert told["refer"].startswith("Do not save")
    for text in (said.out, as_json.out, report.read_text()):
        for detail in ("hidden-list", "frame 3", "0.24 s", "bits apart", "tiny", "data:image"):
            assert detail not in text
    assert {f["frame"] for f in told["findings"]} == {None}
