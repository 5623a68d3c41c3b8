from __future__ import annotations

import os
import subprocess
import sys

import pytest

from perisai import settings
from perisai.errors import SettingsError, StorageError
from perisai.gateway.secrets import FILE_NAME, derived, signing_secret

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


def loaded(home, **env):
    return settings.load(env=env, home=home)


def test_made_once_and_kept(tmp_path):
    first = signing_secret(loaded(tmp_path / "home"))
    assert len(first) == 32
    assert signing_secret(loaded(tmp_path / "home")) == first
    assert signing_secret(loaded(tmp_path / "other")) != first
    assert not (tmp_path / "home" / f"{FILE_NAME}.part").exists()


@posix
def test_nobody_else_can_read_it(tmp_path):
    signing_secret(loaded(tmp_path))
    file = tmp_path / FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(StorageError, match="chmod 600"):
        signing_secret(loaded(tmp_path))


def test_processes_that_start_together_agree(tmp_path):
    code = (
        "import sys; from pathlib import Path; from perisai import settings;"
        "from perisai.gateway.secrets import signing_secret;"
        "print(signing_secret(settings.load(env={}, home=Path(sys.argv[1]))).hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in running}) == 1


def test_what_a_killed_process_left_is_no_secret(tmp_path):
    (tmp_path / f"{FILE_NAME}.part").write_text("ab")
    assert len(signing_secret(loaded(tmp_path))) == 32


@pytest.mark.parametrize("content", ["", "abcd", "not hexadecimal", "\xff"])
def test_a_damaged_file_is_not_taken(tmp_path, content):
    file = tmp_path / FILE_NAME
    file.write_text(content, encoding="latin-1")
    file.chmod(0o600)
    with pytest.raises(StorageError, match="damaged"):
        signing_secret(loaded(tmp_path))


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(StorageError, match="secret"):
        signing_secret(loaded(tmp_path / "home"))


class TestEnvironment:
    def test_the_variable_that_is_named(self, tmp_path):
        chosen = loaded(tmp_path, PERISAI_GATEWAY__SIGNING_ENV="GIF_SECRET")
        assert signing_secret(chosen, {"GIF_SECRET": "s" * 24}) == b"s" * 24
        assert not (tmp_path / FILE_NAME).exists()

    @pytest.mark.parametrize(("env", "says"), [({}, "is not set"), ({"GIF_SECRET": "short"}, "24")])
    def test_missing_or_short(self, tmp_path, env, says):
        chosen = loaded(tmp_path, PERISAI_GATEWAY__SIGNING_ENV="GIF_SECRET")
        with pytest.raises(SettingsError, match=says) as told:
            signing_secret(chosen, env)
        assert "GIF_SECRET" in str(told.value)
        assert "short" not in str(told.value), "the secret itself is not told"


def test_keys_for_different_purposes_differ():
    assert len({derived(b"s", purpose) for purpose in "abc"}) == 3
