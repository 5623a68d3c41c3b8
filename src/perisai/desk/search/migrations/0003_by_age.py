"""PostgreSQL goes back through cases with their notes by an index, past all complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = (
    "CREATE INDEX search_cases_by_age ON search_searchrow (row) WHERE kind IN ('case', 'note')"
)
"""Not one for complaints: they are so few that PostgreSQL would rather read all of them by it than
ask the index of words."""


def order(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """Add it: for words that are in nearly everything, of which the newest are found."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(POSTGRESQL)


class Migration(migrations.Migration):
    """One more index."""

    dependencies = [("search", "0002_apart")]

    operations = [migrations.RunPython(order, migrations.RunPython.noop)]
