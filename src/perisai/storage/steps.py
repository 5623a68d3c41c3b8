"""How one step is done in the database: asked or written, whole or not at all, in turn."""

from __future__ import annotations

from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import Error, connections, transaction

from perisai.errors import StorageError
from perisai.storage import models
from perisai.storage.checks import findable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound="Model")
Thing = TypeVar("Thing")
GENERATION = "generation"
REPORTS = "reports"
TOGETHER = 500
"""Names in one question."""
DAMAGED = (ValueError, LookupError, TypeError, AttributeError)
"""What reading a row raises that does not hold what was written."""


class Steps:
    """One database, as it is used by all threads: each has a connection of its own."""

    def __init__(self, alias: str) -> None:
        """``alias`` is Django's name for the database."""
        self.alias = alias
        self._closed = False
        self._mine = local()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Turn what the database complains of into StorageError."""
        if self._closed:
            self.release()
            raise StorageError("the store is closed; open it again with open_store")
        try:
            connection = connections[self.alias]
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            yield
        except Error as error:
            raise unusable(error) from error

    @contextmanager
    def written(self) -> Iterator[None]:
        """One durable step; inside of another it becomes part of that."""
        with self.asked():
            if getattr(self._mine, "part", False):
                yield
                return
            with transaction.atomic(using=self.alias):
                yield
                self.check()

    @contextmanager
    def part(self) -> Iterator[None]:
        """One of several calls in a step: what it raises undoes it alone."""
        before = getattr(self._mine, "part", False)
        with transaction.atomic(using=self.alias):
            self._mine.part = True
            try:
                yield
                self.check()
            finally:
                self._mine.part = before

    def check(self, error: Exception | None = None) -> None:
        """Raise StorageError if what was written so far in this step is lost already.

        So it is when the connection broke, or when the disk was full: no savepoint outlives that.
        Django would roll back without a word, and what was lost would pass for kept.
        """
        if connections[self.alias].needs_rollback:
            raise unusable(error or "what was written before is undone") from error

    def read(self, query: QuerySet[Row], convert: Callable[[Row], Thing]) -> list[Thing]:
        """Read all rows of a query. Raises StorageError for one that is damaged."""
        with self.asked():
            try:
                return [convert(row) for row in query]
            except DAMAGED as error:
                raise damaged(query.model, error) from error

    def take_turn(self) -> models.Counter:
        """Wait until no other step that takes its turn is under way; until this one ends none is.

        One lock for all of them: two steps that took several in different order would wait for one
        another for ever. SQLite lets one step write at a time, so there it is ours already.
        """
        return self._counter(GENERATION, models.Counter.objects.select_for_update())

    def raise_counter(self, name: str = GENERATION) -> int:
        """Take a turn and raise a counter; return its new value."""
        turn = self.take_turn()
        counter = turn if name == GENERATION else self._counter(name, models.Counter.objects.all())
        counter.value += 1
        counter.save(using=self.alias, update_fields=["value"])
        return int(counter.value)

    def counter(self, name: str = GENERATION) -> int:
        """The value of a counter."""
        return int(self._counter(name, models.Counter.objects.all()).value)

    def _counter(self, name: str, table: QuerySet[models.Counter]) -> models.Counter:
        for row in self.read(table.using(self.alias).filter(name=name), lambda row: row):
            return row
        raise damaged(models.Counter, f"there is no counter '{name}'")

    def release(self) -> None:
        """Close the connection of this thread; the next step opens it again."""
        connection = connections[self.alias]
        if not connection.in_atomic_block:
            connection.close()

    def close(self) -> None:
        """Close the connection of this thread; further steps raise StorageError."""
        self._closed = True
        self.release()


def parts(values: Collection[str]) -> Iterator[list[str]]:
    """What can be found of some names, in parts: databases have a limit for one question."""
    every = findable(values)
    for start in range(0, len(every), TOGETHER):
        yield every[start : start + TOGETHER]


def unusable(why: Any) -> StorageError:  # noqa: ANN401 - an error or a text
    """The error for a database that did not do what it was asked."""
    said = " ".join(str(why).split())  # drivers write several lines
    return StorageError(f"the database cannot be used now: {said}; see that it runs and has room")


def damaged(table: type[Model], why: object) -> StorageError:
    """The error for a row that does not hold what was written."""
    return StorageError(
        f"a row of {table._meta.db_table} is damaged: {why}; restore the database from its backup"
    )
