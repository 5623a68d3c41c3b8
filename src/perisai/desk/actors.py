"""Who acts, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk.permissions import GRANTS, Role
from perisai.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.desk.permissions import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with a role. ``name`` is unique and is what stands in the facts."""

    name: str
    role: Role | None
    """None: the public, or the house itself; their doors are functions of their own."""
    platform: str = ""
    """Whom a platform's liaison speaks for; empty for everybody else."""

    @property
    def by(self) -> str:
        """How the log of facts names this actor."""
        return f"{self.role or 'public'}:{self.name}"

    def may(self, permission: Permission) -> bool:
        """Whether the role grants it. What the case at hand forbids is another matter."""
        return self.role is not None and permission in GRANTS[self.role]


PUBLIC = Actor("", None)
HOUSE = Actor("perisai", None)
"""The program itself: clocks, patrols."""


def require(actor: Actor, permission: Permission, conflicted: Collection[str] = ()) -> None:
    """Raise NotAllowed unless the actor may do this and is no party to the case at hand."""
    if not actor.may(permission):
        raise NotAllowed(f"{actor.role or 'Nobody without an account'} may not do this.")
    if actor.name in conflicted:
        raise NotAllowed("You are named as a party to this case; somebody else must do this.")


def require_another(actor: Actor, first: str) -> None:
    """Raise NotAllowed if the second person is the first one (``first`` as in :attr:`Actor.by`)."""
    if first.partition(":")[2] == actor.name:
        raise NotAllowed("Two people are needed: somebody else than who wrote this must agree.")
