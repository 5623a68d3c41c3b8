"""Look-ups go through an index in both kinds of database, however much is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from perisai.storage.records import Approval, Linked
from perisai.terms import AgeBand
from tests.storage.facts import ENTRY, NOW, OPINION, SCREENED, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from perisai.storage.ports import Store

KEPT = 18_000
SHAS = [f"{n:064x}" for n in range(KEPT)]


def fill(store: Any) -> None:
    from perisai.storage import models, rows

    store.keep([replace(SCREENED, sha256=sha256) for sha256 in SHAS])
    store.link([Linked("up", f"i{n // 2}", f"r{n % 2}", SHAS[n], NOW) for n in range(KEPT)])
    store.add_entries([replace(ENTRY, id=f"{n:06}") for n in range(KEPT)])
    bands = frozenset(AgeBand)
    approvals = [
        Approval("up", "item", f"i{n}", bands, SHAS[n], "siti", "", NOW) for n in range(KEPT)
    ]
    with store._steps.written():
        made = [rows.approval_row(each) for each in approvals]
        models.Approval.objects.using(store._alias).bulk_create(made)
        opinions = [rows.opinion_row(replace(OPINION, sha256=sha256)) for sha256 in SHAS]
        models.Opinion.objects.using(store._alias).bulk_create(opinions)


def plans(store: Any, ask: Callable[[], object]) -> str:
    """How the database finds what this call asks for."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    connection = connections[store._alias]
    with CaptureQueriesContext(connection) as captured:
        ask()
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    found = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT") and "FROM" in query["sql"]:
                cursor.execute(f"{explain} {query['sql']}")
                found += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(found)


def test_no_look_up_walks_through_everything(database: str, tmp_path: Path) -> None:
    store: Store = opened(tmp_path, database)
    fill(store)
    from django.db import connections

    with connections[store._alias].cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("ANALYZE")
    items, some = [f"i{n}" for n in range(0, KEPT // 2, 180)], SHAS[::360]
    looked_up = {
        "screened": (50, lambda: store.screened(some, "basis")),
        "opinions": (50, lambda: store.opinions(some)),
        "approvals": (50, lambda: store.approvals("up", items)),
        "links": (50, lambda: store.links("up", items)),
        "holders": (1, lambda: store.holders(some[3])),
        "entry": (50, lambda: store.entry([f"{n:06}" for n in range(0, KEPT, 360)])),
        "entries": (50, lambda: store.entries("003000", 50)),
        "entry_changes": (50, lambda: store.entry_changes(15_000, 50)),
    }
    for name, (count, ask) in looked_up.items():
        assert len(ask()) == count, name
        plan = plans(store, ask)
        assert "USING" in plan or "Index" in plan, (name, plan)
        assert "SCAN " not in plan, (name, plan)
        assert "Seq Scan" not in plan, (name, plan)
    store.close()
