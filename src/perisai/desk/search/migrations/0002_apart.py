"""Cases with their notes and complaints have each an index of words of their own in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

INDEX = "CREATE INDEX {} ON search_searchrow USING gin (lexemes) WHERE kind {}"
POSTGRESQL = (
    "DROP INDEX IF EXISTS search_by_lexeme",
    INDEX.format("search_cases", "IN ('case', 'note')"),
    INDEX.format("search_complaints", "= 'complaint'"),
)


def part(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """Make two of one: who looks for one of them does not go through all of the other."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for statement in POSTGRESQL:
                cursor.execute(statement)


class Migration(migrations.Migration):
    """Two indexes in the place of one."""

    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(part, migrations.RunPython.noop)]
