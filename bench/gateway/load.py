"""Load from ``wrk``: many requests on a few connections, without eating the cores that serve."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTIONS = 16
_SCRIPT = """
local paths = {%s}
local headers = {%s}
local next_path = 0
function request()
    next_path = next_path %% #paths + 1
    return wrk.format("GET", paths[next_path], headers)
end
function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        '\\n{"requests": %%d, "us": %%d, "bytes": %%d, "p50": %%d, "p99": %%d, "most": %%d, ' ..
        '"failed": %%d, "broken": %%d}\\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50),
        latency:percentile(99), latency.max, e.status, e.connect + e.read + e.write + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it. Latencies are in milliseconds, from a request sent to its answer read."""

    per_second: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    mb_per_second: float
    requests: int
    failed: int


def missing() -> str | None:
    """Say why there can be no load, or None if there can."""
    return None if shutil.which("wrk") else "wrk is not installed (apt-get install wrk)"


def load(
    url: str,
    paths: Sequence[str],
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    headers: dict[str, str] | None = None,
) -> Loaded:
    """Ask a server for these paths in turn, each connection as soon as it has its answer.

    Raises RuntimeError if any answer is an error: there is nothing to measure then.
    """
    given = ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in (headers or {}).items())
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % (", ".join(map(json.dumps, paths)), given))
        script.flush()
        words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "10s"]
        done = subprocess.run(
            [*words, "-s", script.name, url], check=True, capture_output=True, text=True
        )
    found = json.loads(done.stdout.strip().splitlines()[-1])
    if found["failed"] or found["broken"] or not found["requests"]:
        raise RuntimeError(f"{Path(script.name).name} at {url}: {found}")
    passed = found["us"] / 1e6
    return Loaded(
        per_second=found["requests"] / passed,
        p50_ms=found["p50"] / 1e3,
        p99_ms=found["p99"] / 1e3,
        most_ms=found["most"] / 1e3,
        mb_per_second=found["bytes"] / passed / 1e6,
        requests=found["requests"],
        failed=found["failed"],
    )
