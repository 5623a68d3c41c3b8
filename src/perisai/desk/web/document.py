"""Keep the tables of docs/desk.md: ``python -m perisai.desk.web.document docs/desk.md``.

What stands between ``<!-- NAME -->`` and ``<!-- end -->`` is made from the code; the rest is not
touched. A test fails when the page is out of date.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.desk import events
from perisai.desk.permissions import GRANTS, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

YES = "yes"


def permissions() -> str:
    """Who may do what: a line for each permission, a column for each role."""
    rows = [
        (f"`{each}`", *(YES if each in GRANTS[role] else "" for role in Role))
        for each in Permission
    ]
    return _table(("", *Role), rows)


def doors() -> str:
    """Every address, its methods, and what each of them asks for."""
    from perisai.desk.web import urls as _  # noqa: F401, PLC0415 - needs a configured Django
    from perisai.desk.web.access import DOORS  # noqa: PLC0415

    words = {"everyone": "nothing", "signed-in": "an account", "staff": "a role"}
    rows = []
    for each in DOORS.values():
        for method, need in each.needs.items():
            address = re.sub(r"<\w+:(\w+)>", r"{\1}", f"/{each.route}")
            fresh = ", and the password again" if each.fresh and method == "POST" else ""
            rows.append((f"`{method} {address}`", f"{words.get(need, f'`{need}`')}{fresh}"))
    return _table(("Door", "Asks for"), rows)


def kinds() -> str:
    """Every kind of fact, with the meaning that stands beside it in the code."""
    source = inspect.getsource(events.Event)
    found = re.findall(r'^ {4}[A-Z_]+ = "([a-z.]+)"  # (.+)$', source, re.MULTILINE)
    if len(found) != len(events.Event):
        raise ValueError("a kind of fact has no meaning beside it")
    return _table(("Fact", "What happened"), [(f"`{kind}`", meaning) for kind, meaning in found])


PARTS = {"permissions": permissions, "doors": doors, "facts": kinds}


def page(text: str) -> str:
    """Return the page with its tables made anew. Raises ValueError if one has no place in it."""
    for name, made in PARTS.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"the page has no place for {name}")
        table = made()
        text = pattern.sub(lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", text)  # type: ignore[misc]
    return text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _main(path: Path) -> None:
    import tempfile  # noqa: PLC0415

    from perisai import settings  # noqa: PLC0415
    from perisai.desk.site import configure_site  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as home:
        configure_site(settings.load(env={}, home=Path(home)), "desk")
        path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
