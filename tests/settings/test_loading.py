from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from platformdirs import user_data_path
from pydantic import ValidationError

from perisai import settings
from perisai.errors import SettingsError
from perisai.media.limits import MediaLimits
from perisai.terms import AgeBand


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_need_neither_file_nor_variable() -> None:
    loaded = settings.load(env={})
    assert loaded.home == user_data_path("perisai")
    assert loaded.file is None
    assert loaded.screening.age_band is AgeBand.AGE_3_5
    assert loaded.screening.models == ("opennsfw",)
    assert loaded.screening.lists is None
    assert MediaLimits(**loaded.media.model_dump()) == MediaLimits()


def test_the_environment_lies_on_top_of_the_file(file: Path) -> None:
    write(file, '[screening]\njobs = 3\npolicy = "generic"\n[models.mine]\nfile = "m.onnx"\n')
    env = {
        "PERISAI_SCREENING__JOBS": "4",
        "PERISAI_SCREENING__AGE_BAND": "10-12",
        "PERISAI_SCREENING__MODELS": "opennsfw, mine",
        "PERISAI_SCREENING__EVERY_FRAME": "true",
        "PERISAI_SCREENING__BOUND": "8",
        "PERISAI_MODELS__MINE__INPUT__WIDTH": "224",
        "PERISAI_GATEWAY__HOST": "0.0.0.0",
        "PERISAI_TEST_ANYTHING": "1",
        "OTHER_THING": "x",
    }
    loaded = settings.load(file, env)
    assert loaded.file == file
    assert loaded.screening.policy == "generic"
    assert loaded.screening.jobs == 4
    assert loaded.screening.age_band is AgeBand.AGE_10_12
    assert loaded.screening.models == ("opennsfw", "mine")
    assert loaded.screening.every_frame is True
    assert loaded.screening.bound == 8.0
    assert loaded.models == {"mine": {"file": "m.onnx", "input": {"width": 224}}}
    assert loaded.gateway.host == "0.0.0.0"


def test_text_from_the_environment_stays_text() -> None:
    assert settings.load(env={"PERISAI_SCREENING__POLICY": "7"}).screening.policy == "7"
    assert settings.load(env={"PERISAI_SCREENING__LISTS": '["a"]'}).screening.lists == ("a",)
    assert settings.load(env={"PERISAI_SCREENING__LISTS": ""}).screening.lists == ()


def test_where_the_file_is_looked_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    env = {"PERISAI_HOME": str(home)}
    assert settings.load(env=env).file is None
    write(home / "perisai.toml", "[screening]\njobs = 1\n")
    assert settings.load(env=env).screening.jobs == 1
    assert settings.load(env={}, home=home).screening.jobs == 1
    other = write(tmp_path / "other.toml", "[screening]\njobs = 2\n")
    assert settings.load(env={**env, "PERISAI_CONFIG": str(other)}).screening.jobs == 2
    explicit = write(tmp_path / "explicit.toml", "[screening]\njobs = 3\n")
    env["PERISAI_CONFIG"] = str(other)
    assert settings.load(explicit, env).screening.jobs == 3


def test_where_the_home_is(tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(file, 'home = "state"\n')
    assert settings.load(file, {}).home == tmp_path / "state"
    assert settings.load(file, {"PERISAI_HOME": "/srv/p"}).home == Path("/srv/p")
    assert settings.load(file, {"PERISAI_HOME": "rel"}).home == tmp_path / "rel"
    assert settings.load(file, {"PERISAI_HOME": "/srv/p"}, tmp_path / "x").home == tmp_path / "x"


def test_the_file_in_the_home_cannot_move_the_home(tmp_path: Path) -> None:
    write(tmp_path / "perisai.toml", '\nhome = "/elsewhere"\n')
    with pytest.raises(SettingsError, match=r"perisai\.toml:2: home: .*PERISAI_HOME"):
        settings.load(env={}, home=tmp_path)


def test_a_policy_path_is_read_from_the_files_folder(tmp_path: Path, file: Path) -> None:
    write(file, '[screening]\npolicy = "school.toml"\n')
    assert settings.load(file, {}).screening.policy == str(tmp_path / "school.toml")
    env = {"PERISAI_SCREENING__POLICY": "here.toml"}
    assert settings.load(file, env).screening.policy == "here.toml"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[screening]\npolcy = 1", 2, "screening.polcy: is not a known key; did you mean 'policy'"),
        ("\n[screning]\njobs = 1", 2, "screning: is not a known key; did you mean 'screening'"),
        ("[policy]\nzzz = 1", 2, "policy.zzz: is not a known key; known here: reviewers"),
        ("[screening]\njobs = -1", 2, "screening.jobs: is -1; must be at least 0"),
        ('[screening]\njobs = "4"', 2, "screening.jobs: must be a whole number, not '4'"),
        ("[screening]\njobs = true", 2, "screening.jobs: must be a whole number"),
        ("[screening]\nbound = nan", 2, "screening.bound: must be a number, neither infinite"),
        ("[screening]\nbound = 256", 2, "screening.bound: is 256; must be at most 255"),
        ("[screening]\ngrid = 24", 2, "screening.grid: is 24; must divide 256"),
        ("[screening]\nage_band = '3-6'", 2, "screening.age_band: is '3-6'; must be one of '3-5'"),
        ("[screening]\nengine = 'x'", 2, "screening.engine: is 'x'; must be one of 'auto'"),
        ("[screening]\nmodels = ['a',\n4]", 3, "screening.models[2]: must be text in quotes"),
        ("[screening]\nmodels = 'a'", 2, "screening.models: must be a list in square brackets"),
        ("[policy]\nreviewers = 1", 2, "policy.reviewers: must be true or false, not 1"),
        ("[policy]\nreviewers = 'yes'", 2, "policy.reviewers: must be true or false"),
        ("media = 3", 1, "media: must be a table"),
        ("models.mine = 3", 1, "models.mine: must be a table"),
        ("home = 3", 1, "home: must be a path in quotes"),
        ("[media]\nmax_bytes = 0", 2, "media.max_bytes: is 0; must be more than 0"),
        ("[media]\nmax_bytes = 1\nmax_bytes = 2", 3, "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_names_line_and_key(
    file: Path, text: str, line: int, words: str
) -> None:
    write(file, text)
    with pytest.raises(SettingsError) as caught:
        settings.load(file, {})
    assert str(caught.value).startswith(f"{file}:{line}: {words}")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PERISAI_SCREENING__JOBS", "many", "must be a whole number, not 'many'"),
        ("PERISAI_SCREENING__JOBS", "-2", "is -2; must be at least 0"),
        ("PERISAI_SCREENING__JOB", "2", "did you mean 'PERISAI_SCREENING__JOBS'"),
        ("PERISAI_SCREENING_JOBS", "2", "did you mean 'PERISAI_SCREENING__JOBS'"),
        ("PERISAI_HOMES", "/x", "did you mean 'PERISAI_HOME'"),
        ("PERISAI_XYZ__Q__Q__XYZ", "1", "is not a known variable; docs/settings.md lists them"),
        ("PERISAI_MODELS__X", "1", "is not a known variable"),
        ("PERISAI_POLICY__REVIEWERS", "perhaps", "must be true or false"),
        ("PERISAI_GATEWAY__PORT", "99999", "is 99999; must be at most 65535"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    file: Path, variable: str, value: str, words: str
) -> None:
    write(file, "[screening]\njobs = 1\n")
    with pytest.raises(SettingsError) as caught:
        settings.load(file, {variable: value})
    assert str(caught.value).startswith(f"{variable}: ")
    assert words in str(caught.value)


def test_referrals_go_to_a_machine_that_a_table_names(file: Path) -> None:
    table = '[receivers.polisi]\nurl = "https://polisi.example/in"\nsecret_env = "X"\n'
    write(file, '[desk]\nreferral_machine = "polisi"\n' + table)
    assert settings.load(file, {}).desk.referral_machine == "polisi"
    write(file, '[desk]\nreferral_machine = "polsi"\n' + table)
    with pytest.raises(SettingsError) as caught:
        settings.load(file, {})
    wanted = f"{file}:2: desk.referral_machine: is 'polsi'; add a table [receivers.polsi], or name"
    assert str(caught.value) == f"{wanted} one that is there (polisi)"
    with pytest.raises(SettingsError, match=r"^PERISAI_DESK__REFERRAL_MACHINE: is 'x'; .*\(none\)"):
        settings.load(env={"PERISAI_DESK__REFERRAL_MACHINE": "x"})


def test_the_block_list_is_told_of_to_machines_that_tables_name(file: Path) -> None:
    table = '[receivers.isp]\nurl = "https://isp.example/in"\nsecret_env = "X"\n'
    write(file, '[desk]\nlist_receivers = ["isp"]\n' + table)
    assert settings.load(file, {}).desk.list_receivers == ("isp",)
    write(file, '[desk]\nlist_receivers = ["isp", "ips"]\n' + table)
    with pytest.raises(SettingsError, match=r":2: desk.list_receivers: is 'ips'; add a table"):
        settings.load(file, {})


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(env={"PERISAI_CONFIG": str(tmp_path / "gone.toml")})


def test_settings_cannot_be_changed(file: Path) -> None:
    loaded = settings.load(env={})
    with pytest.raises(ValidationError, match="frozen"):
        loaded.screening.jobs = 3  # type: ignore[misc]


def test_other_packages_can_name_the_place_of_a_value(file: Path) -> None:
    write(file, '[models.mine]\nfile = "m.onnx"\n')
    loaded = settings.load(file, {})
    problem = loaded.problem(("models", "mine", "file"), "is missing; install it")
    assert str(problem) == f"{file}:2: models.mine.file: is missing; install it"
    bare = settings.load(env={}).problem(("models", "mine"), "is odd")
    assert str(bare) == "models.mine: is odd"


def test_importing_the_settings_pulls_in_nothing_heavy() -> None:
    code = "import sys, perisai.settings; print(' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"numpy", "PIL", "av", "numba", "openvino", "altair", "jinja2", "click"}


def test_lexicons_are_read_from_the_folder_of_the_file(file: Path) -> None:
    write(file, '[vocabulary]\nlexicons = ["school.toml", "/etc/other.toml"]\n')
    loaded = settings.load(file, env={})
    assert loaded.vocabulary.lexicons == (str(file.parent / "school.toml"), "/etc/other.toml")
    env = {"PERISAI_VOCABULARY__LEXICONS": "here.toml"}
    assert settings.load(file, env).vocabulary.lexicons == ("here.toml",)
