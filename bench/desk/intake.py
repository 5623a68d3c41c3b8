"""Complaints that come in at a steady rate: how many were taken, and whether all of them are there.

They go the way of the public page and of machines once a form is read: through the house, each
with a key of its own, facts and rows, durably. Those of the public page have a receipt besides,
whose hash is slow on purpose: what that leaves of the rate is told on its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from statistics import median, quantiles
from typing import Any

A_SECOND = 50
THREADS = 8


def measure(env: dict[str, str], seconds: int) -> dict[str, Any]:
    """In processes of their own, since Django is configured once in one."""
    return {"by_machine": _child(env, seconds, ""), "with_receipt": _child(env, seconds, "receipt")}


def _child(env: dict[str, str], seconds: int, receipt: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "bench.desk.intake", str(seconds), receipt]
    done = subprocess.run(words, env=env, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main(seconds: int, *, receipts: bool) -> dict[str, Any]:
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from perisai.desk.complaints.models import ComplaintRow
    from perisai.desk.complaints.receipts import Receipt
    from perisai.desk.opening import open_house

    house = open_house(chosen)
    taken: list[str] = []
    waited: list[float] = []
    wanted, begin, lock = iter(range(A_SECOND * seconds)), time.perf_counter(), threading.Lock()

    def take() -> None:
        while True:
            with lock:
                number = next(wanted, None)
            if number is None:
                return
            due = begin + number / A_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            told = {"app": "Contoh Pesan", "words": "kucing", "what": f"aduan {number}"}
            receipt = Receipt.new() if receipts else None
            made = house.receive(told, receipt=receipt, reporter="Orang Contoh")
            taken.append(made.id)
            waited.append((time.perf_counter() - due) * 1000)

    threads = [threading.Thread(target=take) for _ in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    spent = time.perf_counter() - begin
    there = set(ComplaintRow.objects.filter(id__in=taken[:500]).values_list("id", flat=True))
    for first in range(500, len(taken), 500):
        some = taken[first : first + 500]
        there |= set(ComplaintRow.objects.filter(id__in=some).values_list("id", flat=True))
    return {
        "asked_a_second": A_SECOND,
        "taken_a_second": round(len(taken) / spent, 1),
        "acknowledged": len(taken),
        "lost": len(set(taken) - there),
        "p50_ms": round(median(waited), 1),
        "p95_ms": round(quantiles(waited, n=20)[-1], 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), receipts=bool(sys.argv[2]))))
