"""Makes the tables of a database, and brings them up to date. Needs a configured Django."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.migrations.executor import MigrationExecutor


def behind(alias: str, labels: Collection[str]) -> bool:
    """Whether tables of these apps have to be made or changed.

    Raises StorageError if they are too new for this Perisai.
    """
    executor = _executor(alias)
    _refuse_newer(executor, labels)
    return bool(executor.migration_plan(_wanted(executor, labels)))


def bring_up_to_date(alias: str, labels: Collection[str]) -> None:
    """Make or change the tables of these apps; nothing if they are as they should be.

    One plan for all of them: Django's own command, asked for each app, takes seconds to find that
    there is nothing to do. Raises StorageError if the tables are too new for this Perisai.
    """
    executor = _executor(alias)
    _refuse_newer(executor, labels)
    wanted = _wanted(executor, labels)
    if plan := executor.migration_plan(wanted):
        executor.migrate(wanted, plan)


def _executor(alias: str) -> MigrationExecutor:
    from django.db import connections  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    return MigrationExecutor(connections[alias])


def _wanted(executor: MigrationExecutor, labels: Collection[str]) -> list[tuple[str, str]]:
    # Of these apps alone: in a process of the desk, Django knows those of others, too.
    return [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] in labels]


def _refuse_newer(executor: MigrationExecutor, labels: Collection[str]) -> None:
    from django.apps import apps  # noqa: PLC0415

    ours = {label for label in labels if apps.get_app_config(label).name.startswith("perisai.")}
    known = executor.loader.disk_migrations or {}
    unknown = [each for each in executor.loader.applied_migrations if each not in known]
    if names := sorted(name for app, name in unknown if app in ours):
        raise StorageError(
            f"the database was written by a newer Perisai ({names[0]}); install that one"
        )
