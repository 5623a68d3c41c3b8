"""How many bytes of uploads are held in memory together."""

from __future__ import annotations

from perisai.gateway.uploads.wrong import BadUpload

RETRY_SECONDS = 5


class Room:
    """Room for ``most`` bytes. A single upload is always taken, however large it may be."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.held = 0

    def share(self) -> Share:
        """The share of one upload, nothing at first."""
        return Share(self)

    def take(self, count: int, already: int) -> None:
        """Hold ``count`` bytes more for who holds ``already``. Raises BadUpload (503) if full."""
        if self.held > already and self.held + count > self._most:
            raise BadUpload(
                503,
                "busy",
                "Too many uploads wait here already; send this one again a little later.",
                RETRY_SECONDS,
            )
        self.held += count


class Share:
    """What one upload holds of a room, from its first byte until nobody needs it any more."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = 0

    def grow(self, count: int) -> None:
        """Hold so many bytes more. Raises BadUpload (503) if there is no room."""
        self._room.take(count, self._held)
        self._held += count

    def leave(self) -> None:
        """Give everything back. May be called again."""
        self._room.held -= self._held
        self._held = 0
