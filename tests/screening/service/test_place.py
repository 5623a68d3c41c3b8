"""Who may serve at a socket, and who may connect."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys

import pytest

from perisai.errors import ServiceError, SettingsError
from perisai.screening.service.place import Claim, socket_path
from tests.common import screening


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_socket_and_folder_are_of_this_user_alone(house):
    before = os.umask(0)
    try:
        with Claim(house.socket):
            assert mode(house.socket) == 0o600
            assert mode(house.socket.parent) == 0o700
            assert mode(house.socket.with_name("service.sock.lock")) == 0o600
            assert os.umask(0) == 0  # put back
    finally:
        os.umask(before)
    assert not house.socket.exists()


def test_a_second_one_is_refused_and_harms_nothing(house):
    with Claim(house.socket) as first:
        with pytest.raises(ServiceError, match=f"runs already at .*process {os.getpid()}"):
            Claim(house.socket)
        with socket.socket(socket.AF_UNIX) as asker:
            asker.connect(str(house.socket))
        first.release()
    with Claim(house.socket):
        pass


def test_what_a_killed_one_left_behind_is_removed(house):
    script = (
        "import os, sys, pathlib\n"
        "from perisai.screening.service.place import Claim\n"
        "claim = Claim(pathlib.Path(sys.argv[1]))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(house.socket)], check=False)
    assert killed.returncode == -9
    assert house.socket.is_socket()
    with Claim(house.socket), socket.socket(socket.AF_UNIX) as asker:
        asker.connect(str(house.socket))


def test_what_is_no_socket_is_left_alone(house):
    house.socket.parent.mkdir(mode=0o700)
    house.socket.write_text("mine")
    with pytest.raises(ServiceError, match="no socket"):
        Claim(house.socket)
    assert house.socket.read_text() == "mine"
    house.socket.unlink()
    with Claim(house.socket):  # the refusal has given the lock back
        pass


def test_a_folder_that_others_may_write_to_is_refused(house):
    house.socket.parent.mkdir()
    house.socket.parent.chmod(0o770)
    with pytest.raises(ServiceError, match="chmod go-w"):
        Claim(house.socket)
    house.socket.parent.chmod(0o755)
    with Claim(house.socket):
        assert mode(house.socket) == 0o600


def test_a_lock_file_that_leads_elsewhere_is_refused(house):
    house.socket.parent.mkdir(mode=0o700)
    victim = house.socket.with_name("victim")
    victim.write_text("mine")
    house.socket.with_name("service.sock.lock").symlink_to(victim)
    with pytest.raises(ServiceError, match=r"service\.sock\.lock"):
        Claim(house.socket)
    assert victim.read_text() == "mine"


def test_a_path_that_is_too_long_is_told(tiny, tmp_path):
    settings = screening.settings(tiny, HOME=tmp_path / ("x" * 100))
    with pytest.raises(SettingsError, match=r"service\.socket: .* choose a shorter one"):
        socket_path(settings)


def test_without_a_setting_it_is_in_the_home_folder(tiny, house):
    settings = screening.settings(tiny, HOME=house.socket.parent)
    assert socket_path(settings) == house.socket
