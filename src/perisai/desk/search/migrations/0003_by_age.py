"""PostgreSQL goes back through cases with their notes, or through complaints, by an index each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

INDEX = "CREATE INDEX {} ON search_searchrow (row) WHERE kind {}"
POSTGRESQL = (
    INDEX.format("search_cases_by_age", "IN ('case', 'note')"),
    INDEX.format("search_complaints_by_age", "= 'complaint'"),
)


def order(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """Add them: for words that are in nearly everything, of which the newest are found."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for statement in POSTGRESQL:
                cursor.execute(statement)


class Migration(migrations.Migration):
    """Two more indexes."""

    dependencies = [("search", "0002_apart")]

    operations = [migrations.RunPython(order, migrations.RunPython.noop)]
