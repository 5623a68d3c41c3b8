"""An answer on paper: how it came, and the second person who compares it with what was entered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require_another
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.desk.actors import Actor
    from perisai.desk.summons.state import Answer


def came(how: str) -> str:
    """How it came, as it is written down. Raises NotYet if nobody says so."""
    if not how.strip():
        raise NotYet("Write down how the answer came.")
    return how.strip()


def compare(
    answers: Iterable[Answer], actor: Actor, number: int, *, same: bool, reason: str
) -> tuple[Answer, dict[str, Any]]:
    """The answer that waits with this number, and what the fact of comparing it says.

    Raises NotYet, or NotAllowed for whoever entered it.
    """
    waiting = [each for each in answers if each.number == number and each.waits]
    if not waiting:
        raise NotYet("No answer with this number waits to be compared with its paper.")
    require_another(actor, waiting[0].by)
    if same:
        return waiting[0], {"answer": number}
    if not reason.strip():
        raise NotYet("Write down what the paper says otherwise.")
    return waiting[0], {"answer": number, "refused": reason.strip()}
