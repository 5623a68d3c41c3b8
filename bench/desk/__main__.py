"""``python -m bench.desk``: lay a load, open every page as who works there, take complaints in.

Everything is real: `perisai seed` and `perisai rebuild` as commands, `perisai desk` as a server
over HTTP on this machine, complaints by several threads at a steady rate. With ``--home`` a home
that was laid before is used again. Prints one JSON object; the load average stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import machine
from bench.desk import intake, pages

PASSWORD = "kata-sandi-untuk-mengukur"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=100_000)
    parser.add_argument("--database", help="address of an empty PostgreSQL database")
    parser.add_argument("--home", type=Path, help="a home folder to make, or one made before")
    parser.add_argument("--rounds", type=int, default=20, help="times that each page is opened")
    parser.add_argument("--seconds", type=int, default=20, help="of intake, at 50 a second")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="perisai-bench-") as folder:
        home = given.home or Path(folder)
        env = {k: v for k, v in os.environ.items() if not k.startswith("PERISAI_")}
        env["PERISAI_HOME"] = str(home)
        if given.database:
            env["PERISAI_STORAGE__DATABASE"] = given.database
        made: dict[str, Any] = {"database": "PostgreSQL" if given.database else "SQLite"}
        made["machine"] = {k: machine.describe()[k] for k in ("processor", "cores", "python")}
        if not (home / "people.key").exists():
            words = ["seed", "--complaints", str(given.complaints), "--password", PASSWORD]
            made["seed_seconds"] = timed(env, *words)
        for part in given.only:
            before = os.getloadavg()[0]
            made[part] = PARTS[part](env, given)
            made[part]["load_average"] = [round(before, 1), round(os.getloadavg()[0], 1)]
        print(json.dumps(made, indent=1, ensure_ascii=False))


def timed(env: dict[str, str], *words: str) -> float:
    begin = time.perf_counter()
    command = [sys.executable, "-m", "perisai", *words]
    subprocess.run(command, env=env, check=True, stdout=sys.stderr)
    return round(time.perf_counter() - begin, 1)


def anew(env: dict[str, str], _: argparse.Namespace) -> dict[str, Any]:
    """`perisai rebuild`, and the memory of the process."""
    begin = time.perf_counter()
    words = [sys.executable, "-m", "perisai", "rebuild"]
    with subprocess.Popen(words, env=env, stdout=sys.stderr) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    seconds = round(time.perf_counter() - begin, 1)
    made = {"rebuild_seconds": seconds, "memory_mb": round(used.ru_maxrss * 1024 / 1e6)}
    return made | {"verify_seconds": timed(env, "audit", "verify")}


PARTS = {
    "pages": lambda env, given: pages.measure(env, PASSWORD, given.rounds),
    "intake": lambda env, given: intake.measure(env, given.seconds),
    "rebuild": anew,
}

if __name__ == "__main__":
    main()
