"""Reads a table of settings key by key, so that every mistake is reported by its full key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from perisai.errors import SettingsError

_MISSING: Any = object()


class Table:
    """One table at ``path`` (as in ``models.mine.input``); every getter raises SettingsError."""

    def __init__(self, path: str, data: Mapping[str, Any]) -> None:
        self.path = path
        self.data = data
        self._seen: set[str] = set()

    def fail(self, key: str, what: str) -> NoReturn:
        """Raise the error for one key."""
        raise SettingsError(f"{self.path}.{key}: {what}")

    def finish(self, hint: str = "") -> None:
        """Complain about a key that nothing asked for: most often it is a typing mistake."""
        for key in self.data:
            if key not in self._seen:
                known = ", ".join(sorted(self._seen))
                self.fail(str(key), hint or f"is not a known key; known here: {known}")

    def _get(self, key: str, default: Any) -> Any:  # noqa: ANN401 (checked by each getter)
        self._seen.add(key)
        value = self.data.get(key, default)
        if value is _MISSING:
            self.fail(key, "is missing")
        return value

    def table(self, key: str, *, optional: bool = False) -> Table:
        """Give the table under ``key`` (an empty one if it is optional and not there)."""
        value = self._get(key, {} if optional else _MISSING)
        if not isinstance(value, Mapping):
            self.fail(key, "must be a table")
        return Table(f"{self.path}.{key}", value)

    def text(self, key: str, default: str | None = _MISSING) -> str | None:
        """Give a text."""
        value = self._get(key, default)
        if value is not None and (not isinstance(value, str) or not value):
            self.fail(key, "must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of different texts, at least one."""
        value = self._get(key, _MISSING)
        good = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
        if not good or not all(isinstance(x, str) and x for x in value):
            self.fail(key, "must be a list of texts")
        if len(set(value)) != len(value):
            self.fail(key, "must not name anything twice")
        return tuple(value)

    def choice(self, key: str, allowed: Sequence[str], default: str = _MISSING) -> str:
        """Give one of the ``allowed`` words."""
        value = self._get(key, default)
        if value not in allowed:
            self.fail(key, f"must be one of {', '.join(allowed)}; it is {value!r}")
        return str(value)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Give true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            self.fail(key, "must be true or false")
        return value

    def integer(self, key: str, low: int, high: int, default: int = _MISSING) -> int:
        """Give a whole number from ``low`` to ``high``."""
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fail(key, f"must be a whole number from {low} to {high}")
        return value

    def integer_or_none(self, key: str, low: int, high: int) -> int | None:
        """Give a whole number, or None where the key is not there (or null, from JSON)."""
        if self._get(key, None) is None:
            return None
        return self.integer(key, low, high)

    def number(self, key: str, low: float, high: float, default: float = _MISSING) -> float:
        """Give a number from ``low`` to ``high``."""
        value = self._get(key, default)
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not low <= value <= high
        ):
            self.fail(key, f"must be a number from {low} to {high}")
        return float(value)

    def triple(
        self, key: str, default: tuple[float, float, float], *, nonzero: bool = False
    ) -> tuple[float, float, float]:
        """Give three numbers, one for each colour channel."""
        value = self._get(key, default)
        good = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 3
        if not good or not all(
            isinstance(x, int | float) and not isinstance(x, bool) for x in value
        ):
            self.fail(key, "must be three numbers, one for each colour channel")
        if nonzero and 0 in value:
            self.fail(key, "must not be 0: values are divided by it")
        first, second, third = value
        return float(first), float(second), float(third)
