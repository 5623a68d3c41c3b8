"""How long each page of the desk takes, opened by who works with it, over HTTP."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from perisai.desk.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

GOAL_MS = 200.0
NAMES = {
    Role.INTAKE: "penerima", Role.REVIEWER: "penelaah", Role.CASE_OFFICER: "petugas",
    Role.COMMISSIONER: "komisioner", Role.MINISTRY: "kementerian", Role.PLATFORM: "platform",
    Role.AUDITOR: "auditor", Role.ADMINISTRATOR: "admin",
}  # fmt: skip
"""The accounts that `perisai seed --password` makes."""
LISTS = {
    "/complaints": (
        "", "?page=1000", "?sort=-received", "?sort=app&page=700", "?state=waiting",
        "?state=in-case", "?state=sealed", "?source=phone", "?q=kucing", "?q=tidakada",
    ),
    "/queue": (
        "", "?sort=number", "?sort=waiting", "?band=6-9", "?app=Klip+Pendek", "?held=free",
        "?days=7&number=2",
    ),
    "/cases": ("", "?page=150", "?sort=-promised", "?status=published", "?q=joget"),
    "/letters": ("", "?page=100", "?standing=sent", "?q=Pesan"),
    "/commitments": ("", "?page=100", "?outcome=broken"),
    "/improvements": ("",),
    "/referrals": ("",),
    "/list": ("",),
    "/platforms": ("",),
    "/platform": ("?name=Contoh+Pesan",),
    "/outbox": ("",),
    "/figures": ("", "?days=90"),
    "/search": ("", "?q=kucing", "?q=catatan+joget", "?q=tidakada"),
}  # fmt: skip
"""By a commissioner, who sees all of these."""
FORMS = ("/complaints/new", "/cases/new")
"""By an intake officer."""


@contextmanager
def serving(env: dict[str, str]) -> Iterator[str]:
    words = [sys.executable, "-m", "perisai", "desk", "--port", "0"]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as server:
        base, caught_up = "", False
        try:
            for line in server.stderr:
                if found := re.search(r"on (http://\S+)", line):
                    base = found[1]
                # First what ran out while nobody looked is written down.
                caught_up |= '"caught up"' in line
                if base and caught_up:
                    threading.Thread(target=server.stderr.read, daemon=True).start()
                    yield base
                    return
            raise RuntimeError("perisai desk did not start")
        finally:
            server.terminate()
            server.wait(timeout=600)


def signed_in(base: str, role: Role, password: str) -> httpx.Client:
    client = httpx.Client(base_url=base, timeout=120)
    page = client.get("/sign-in")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    said = {"csrfmiddlewaretoken": token, "login": NAMES[role], "password": password}
    done = client.post("/sign-in", data=said, headers={"Referer": f"{base}/sign-in"})
    assert done.status_code == 302, f"{role}: {done.status_code}"
    return client


def measure(env: dict[str, str], password: str, rounds: int) -> dict[str, Any]:
    with serving(env) as base:
        who = {role: signed_in(base, role, password) for role in Role if role in NAMES}
        pages = [("/", role) for role in who]
        boss = who[Role.COMMISSIONER]
        found = []
        for path in ("/complaints?state=in-case", "/complaints?state=waiting", "/cases"):
            # One that is new, and one in the middle of the list.
            for more in ("", "&page=30" if "?" in path else "?page=30"):
                link = re.search(
                    r'href="(/(?:complaints/a|cases/K)-[^"?/]+)', boss.get(path + more).text
                )
                found += [link[1]] if link else []
        paths = [path + query for path, queries in LISTS.items() for query in queries]
        pages += [(path, Role.COMMISSIONER) for path in (*paths, *dict.fromkeys(found))]
        pages += [(path, Role.INTAKE) for path in FORMS]
        pages += [
            (f"{path}/links", Role.COMMISSIONER) for path in found if path.startswith("/cases/")
        ]
        pages += [(path, Role.AUDITOR) for path in ("/audit", "/looks", "/viewers")]
        pages += [("/second", Role.REVIEWER), ("/people", Role.ADMINISTRATOR)]
        rows = {}
        for path, role in pages:
            answers = [_opened(who[role], path) for _ in range(rounds + 1)][1:]
            rows[f"{path} ({role})"] = _of(answers)
    late = {name: row["p95_ms"] for name, row in rows.items() if row["p95_ms"] > GOAL_MS}
    slowest = dict(sorted(rows.items(), key=lambda each: -each[1]["p95_ms"])[:12])
    worst = max(row["p95_ms"] for row in rows.values())
    return {"pages": len(rows), "worst_p95_ms": worst, "late": late, "slowest": slowest}


def _opened(client: httpx.Client, path: str) -> tuple[int, float]:
    begin = time.perf_counter()
    answer = client.get(path)
    return answer.status_code, (time.perf_counter() - begin) * 1000


def _of(answers: list[tuple[int, float]]) -> dict[str, Any]:
    times = sorted(spent for _, spent in answers)
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    return {
        "status": sorted({status for status, _ in answers}),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(p95, 1),
    }
