"""A message as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from perisai.storage.facts.records import Fact

CHANNELS = ("email", "webhook", "hand")
ORDER = ("failed", "hand", "trying", "waiting", "delivered", "acknowledged", "replaced")
"""Every standing, what needs somebody most first."""
OVER = ("acknowledged", "replaced")
"""The last of them: nobody has to do anything any more. All others are red."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that leaves the house, for one receiver.

    ``about`` says what it belongs to (``case``, ``item``); ``secret`` is sealed under a key of the
    message's own, which is destroyed when the receiver has acknowledged it.
    """

    id: str
    position: int = 0
    channel: str = ""
    receiver: str = ""
    address: str = ""
    subject: str = ""
    kind: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    secret: Mapping[str, str] | None = None
    put: datetime | None = None
    put_by: str = ""
    attempts: int = 0
    trying: bool = False
    due: datetime | None = None
    delivered: datetime | None = None
    acknowledged: datetime | None = None
    replaced: datetime | None = None
    how: str = ""
    why: str = ""

    @property
    def standing(self) -> str:
        """One word for where it stands: one of ORDER."""
        if self.acknowledged:
            return "acknowledged"
        if self.replaced:
            return "replaced"
        if self.delivered:
            return "delivered"
        if self.channel == "hand":
            return "hand"
        if self.trying:
            return "trying"
        return "failed" if self.why else "waiting"

    @property
    def red(self) -> bool:
        """Whether the receiver has not said that it has it, and is to have it."""
        return not self.over

    @property
    def over(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.standing in OVER


def fold(key: str, facts: Iterable[Fact]) -> Message:
    """Return the message that these facts add up to, oldest first."""
    state = Message(key)
    for fact in facts:
        state = after(state, fact)
    return state


def after(state: Message, fact: Fact) -> Message:
    """Return the message after one more fact."""
    state = replace(state, position=fact.position)
    change = _CHANGES.get(fact.kind)
    return change(state, fact) if change else state


def _put(state: Message, fact: Fact) -> Message:
    told = fact.data
    return replace(
        state,
        channel=told["channel"],
        receiver=told["receiver"],
        address=told["address"],
        subject=told["subject"],
        kind=told["kind"],
        about=told["about"],
        payload=told["payload"],
        secret=told["secret"],
        put=fact.at,
        put_by=fact.by,
        due=None if told["channel"] == "hand" else fact.at,
    )


def _tried(state: Message, fact: Fact) -> Message:
    until = datetime.fromisoformat(fact.data["until"])
    return replace(state, attempts=state.attempts + 1, trying=True, due=until)


def _failed(state: Message, fact: Fact) -> Message:
    again = datetime.fromisoformat(fact.data["again"])
    return replace(state, trying=False, why=fact.data["why"], due=again)


def _delivered(state: Message, fact: Fact) -> Message:
    return replace(state, trying=False, why="", due=None, delivered=fact.at, how=fact.data["how"])


def _acknowledged(state: Message, fact: Fact) -> Message:
    return replace(
        state, trying=False, why="", due=None, acknowledged=fact.at, how=fact.data["how"]
    )


def _replaced(state: Message, fact: Fact) -> Message:
    return replace(state, trying=False, why="", due=None, replaced=fact.at)


def _urged(state: Message, fact: Fact) -> Message:
    return replace(state, trying=False, delivered=None, due=fact.at)


_CHANGES: dict[str, Callable[[Message, Fact], Message]] = {
    Event.OUTBOX_PUT: _put,
    Event.OUTBOX_TRIED: _tried,
    Event.OUTBOX_FAILED: _failed,
    Event.OUTBOX_DELIVERED: _delivered,
    Event.OUTBOX_ACKNOWLEDGED: _acknowledged,
    Event.OUTBOX_REPLACED: _replaced,
    Event.OUTBOX_URGED: _urged,
}
