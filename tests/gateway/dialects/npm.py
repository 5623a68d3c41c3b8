"""Installs the GIF clients of others from npm, once, into build/, as their lock file says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

HERE = Path(__file__).parent / "node"
BUILD = Path(__file__).parents[3] / "build" / "clients"
_FILES = ("package.json", "package-lock.json", ".npmrc", "clients.mjs", "picker.jsx")


def clients() -> Path:
    """Return the folder with clients and scripts; skip the test where it cannot be made.

    No script of a package is run: what is installed is what the lock file's digests say.
    """
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed: GIF clients from npm cannot be tried.")
    BUILD.mkdir(parents=True, exist_ok=True)
    with FileLock(BUILD / ".lock"):
        for name in _FILES:
            shutil.copyfile(HERE / name, BUILD / name)
        _install((HERE / "package-lock.json").read_bytes())
    return BUILD


def _install(lock: bytes) -> None:
    stamp = BUILD / ".installed"
    if stamp.is_file() and stamp.read_bytes() == lock and (BUILD / "node_modules").is_dir():
        return
    stamp.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-progress", "--fetch-retries=1"],
            cwd=BUILD,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("The npm registry did not answer in time: GIF clients cannot be tried.")
    if done.returncode:
        # Only what looks like a missing network is let pass; a wrong lock file is a failure.
        offline = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "E403")
        if any(word in done.stderr for word in offline):
            pytest.skip("The npm registry cannot be reached: GIF clients cannot be tried.")
        pytest.fail(f"npm ci failed:\n{done.stderr[-2000:]}")
    stamp.write_bytes(lock)


def run(script: str, *arguments: str) -> str:
    """Run a script of the folder in Node and return what it printed."""
    done = subprocess.run(
        ["node", script, *arguments],
        cwd=BUILD,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def bundle(source: str, target: Path) -> None:
    """Make one script for a browser, and its style sheet beside it."""
    command = [
        "node",
        "node_modules/esbuild/bin/esbuild",
        source,
        "--bundle",
        "--jsx=automatic",
        "--log-level=error",
        "--define:process.env.NODE_ENV='production'",
        f"--outfile={target}",
    ]
    done = subprocess.run(
        command, cwd=BUILD, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
