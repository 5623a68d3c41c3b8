"""Which sessions of an account are open, and ending them. Not facts: they come and go."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from perisai.desk.people.models import SessionRow

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

    from perisai.desk.house import House

NOTE = "desk.session"
"""What the session remembers of its own row: its number, the key it had, when it was seen."""
SEEN_EVERY = timedelta(minutes=5)


def here(house: House, user: Any, session: SessionBase, browser: str, network: str) -> None:  # noqa: ANN401
    """Write down that this session is in use: at once when it is new, else every few minutes."""
    now, note = house.clock(), session.get(NOTE)
    if note and note["key"] == session.session_key and note["user"] == user.pk:
        if now.timestamp() - note["at"] < SEEN_EVERY.total_seconds():
            return
    elif not note or note["user"] != user.pk:
        note = {"id": secrets.token_hex(8), "user": user.pk}
    SessionRow.objects.using(house.alias).update_or_create(
        id=note["id"],
        defaults={"session": session.session_key or "", "seen": now},
        create_defaults={
            "user": user,
            "session": session.session_key or "",
            "browser": browser,
            "network": network,
            "began": now,
            "seen": now,
        },
    )
    session[NOTE] = {**note, "key": session.session_key, "at": now.timestamp()}


def number_of(session: SessionBase) -> str:
    """The number of a session's own row."""
    return str((session.get(NOTE) or {}).get("id", ""))


def opened(house: House, user: Any) -> list[SessionRow]:  # noqa: ANN401 - Django's user
    """The sessions of an account that are open, the latest first; rows of others are swept away."""
    mine = SessionRow.objects.using(house.alias).filter(user=user)
    live = Session.objects.using(house.alias).filter(expire_date__gt=timezone.now())
    mine.exclude(session__in=live.values("session_key")).delete()
    return list(mine.order_by("-seen", "-began"))


def end(house: House, user: Any, *, only: str = "", keep: str = "") -> int:  # noqa: ANN401
    """End the sessions of an account: all, or one, or all but one. Return how many it were."""
    rows = SessionRow.objects.using(house.alias).filter(user=user)
    rows = rows.filter(id=only) if only else rows.exclude(id=keep)
    keys = list(rows.values_list("session", flat=True))
    Session.objects.using(house.alias).filter(session_key__in=keys).delete()
    return rows.delete()[0]


def forget(house: House, session: SessionBase) -> None:
    """The session ends by itself."""
    SessionRow.objects.using(house.alias).filter(id=number_of(session)).delete()
