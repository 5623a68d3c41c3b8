"""What holds for every command: help, errors in one line, statuses, no traceback."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import perisai as package
from perisai import cli
from perisai.cli import document

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(cli.COMMANDS)


def test_without_a_command_there_is_help(perisai):
    said = perisai()
    assert said.status == 2
    assert "Commands:" in said.both
    assert said.out == ""


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_there_for_every_command(perisai, name):
    for option in ("-h", "--help") if not name else ("--help",):
        said = perisai(*name.split(), option)
        assert said.status == 0
        assert said.out.startswith("Usage: ")


def test_the_list_of_commands_says_what_each_does(perisai):
    out = perisai("--help").out
    for name, about in cli.COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(about[:30])}", out, re.MULTILINE)


def test_the_list_imports_no_command(command):
    """A cold start is for the command that was asked for."""
    code = "import sys; from perisai.cli import run; run(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    heavy = {"perisai.cli.screen", "perisai.screening.screener", "openvino", "numba", "jinja2"}
    assert not loaded & (heavy | {"uvicorn", "pydantic", "numpy"})


def test_version(perisai):
    said = perisai("--version")
    assert said.status == 0
    assert package.__version__ in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["scren", "x"], "No such command 'scren'"),
        (["screen"], "Missing argument 'PATHS...'"),
        (["screen", "--age-band", "7", "x"], "'7' is not one of"),
        (["screen", "--jobs", "0", "x"], "0 is not in the range"),
        (["screen", "--polcy", "id", "x"], "No such option"),
        (["doctor", "extra"], "unexpected extra argument"),
        (["serve", "--port", "70000"], "70000 is not in the range"),
    ],
)
def test_bad_usage_is_told_with_status_2(perisai, arguments, words):
    said = perisai(*arguments)
    assert said.status == 2
    assert words in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", ["screen", "doctor", "serve", "models"])
def test_a_wrong_setting_stops_every_command_in_one_line(perisai, tmp_path, monkeypatch, name):
    config = tmp_path / "wrong.toml"
    config.write_text('[screening]\npolcy = "id"\n')
    monkeypatch.setenv("PERISAI_CONFIG", str(config))
    (tmp_path / "a.gif").write_bytes(b"x")
    more = {"screen": [tmp_path / "a.gif"], "models": ["list"]}.get(name, [])
    said = perisai(name, *more)
    assert said.status == (1 if name == "doctor" else 2)
    assert f"{config}:2: screening.polcy" in said.both
    assert "did you mean 'policy'" in said.both


def test_a_variable_that_sets_nothing_is_an_error(perisai, monkeypatch, media):
    monkeypatch.setenv("PERISAI_SCREENING__BOUNT", "3")
    said = perisai("screen", media)
    assert said.status == 2
    assert "PERISAI_SCREENING__BOUNT" in said.err


def test_a_home_that_cannot_be_is_an_error(perisai, monkeypatch, tmp_path, media):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PERISAI_HOME", str(tmp_path / "file" / "home"))
    said = perisai("lists", "create", "x", "--label", "listed", "--source", "tests")
    assert said.status == 2
    assert said.err.count("\n") == 1


def test_python_m_perisai_is_the_command(command):
    said = command("--version")
    assert said.status == 0
    assert "perisai" in said.out


@pytest.mark.parametrize("as_json", [True, False])
def test_a_reader_that_goes_away_ends_it_quietly(env, media, as_json):
    words = [sys.executable, "-m", "perisai", "screen", *[str(media / "clean.gif")] * 20]
    words += ["--json"] if as_json else []
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(30) == 141
    assert err == b""


def test_ctrl_c_stops_it_with_one_word(env, media, tmp_path):
    data = (media / "clean.gif").read_bytes()
    for number in range(500):  # of their own: a folder that is named twice is searched once
        (tmp_path / f"{number}.gif").write_bytes(data)
    words = [sys.executable, "-m", "perisai", "screen", str(tmp_path)]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whoever runs the tests in the background may have told their children to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode().strip() == "Stopped."


# ---- documents


def test_the_page_of_commands_is_up_to_date():
    """Run ``python -m perisai.cli.document > docs/cli.md`` if this fails."""
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == document.page()


def test_the_page_has_every_command_and_every_option_has_a_meaning():
    page = document.page()
    for name in COMMANDS:
        assert f"## `perisai {name}`" in page
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    for row in rows:
        assert len(row.rpartition("` | ")[2]) > 5, row


def pages():
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def anchors(path):
    """The places that a page's headings make, as code hosts name them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), f"{path.name}: {target}"
        assert place.is_relative_to(ROOT), f"{path.name}: {target}"
        if anchor:
            assert anchor in anchors(place), f"{path.name}: {target}"


def snippets(name):
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(), re.DOTALL)


@pytest.mark.parametrize(
    ("name", "number"),
    [("README.md", 0), *(("docs/screening.md", n) for n in range(2))],
)
def test_what_the_documents_show_in_python_runs(env, media, tmp_path, name, number):
    for file in ("clip.gif", "a.gif", "b.webp"):
        (tmp_path / file).write_bytes((media / "clean.gif").read_bytes())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippets(name)[number]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
