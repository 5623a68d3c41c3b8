"""The table of what can be searched, with the index of words that each database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import OperationalError, migrations, models, transaction

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = (
    """CREATE VIRTUAL TABLE search_words USING fts5(
        text, content='search_searchrow', content_rowid='row',
        tokenize="unicode61 remove_diacritics 0", prefix='2 3'
    )""",
    """CREATE TRIGGER search_words_added AFTER INSERT ON search_searchrow BEGIN
        INSERT INTO search_words(rowid, text) VALUES (new.row, new.text);
    END""",
    """CREATE TRIGGER search_words_gone AFTER DELETE ON search_searchrow BEGIN
        INSERT INTO search_words(search_words, rowid, text) VALUES ('delete', old.row, old.text);
    END""",
    """CREATE TRIGGER search_words_changed AFTER UPDATE OF text ON search_searchrow BEGIN
        INSERT INTO search_words(search_words, rowid, text) VALUES ('delete', old.row, old.text);
        INSERT INTO search_words(rowid, text) VALUES (new.row, new.text);
    END""",
)
SECURE = "INSERT INTO search_words(search_words, rank) VALUES ('secure-delete', 1)"
"""What is deleted leaves the index at once; SQLite knows it from 3.42 on."""
POSTGRESQL = (
    """ALTER TABLE search_searchrow ADD COLUMN lexemes tsvector
        GENERATED ALWAYS AS (array_to_tsvector(
            array_remove(string_to_array(text, ' '), '')
        )) STORED""",
    "CREATE INDEX search_by_lexeme ON search_searchrow USING gin (lexemes)",
)


def add_index(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """Add it; a SQLite without FTS5 has none, and looks into every row instead."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in POSTGRESQL:
                cursor.execute(statement)
            return
        cursor.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'")
        if cursor.fetchone() is None:
            return
        for statement in SQLITE:
            cursor.execute(statement)
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute(SECURE)
        except OperationalError:
            pass


class Migration(migrations.Migration):
    """The first one."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.CharField(max_length=80, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("key", models.CharField(db_index=True, max_length=40)),
                ("case", models.CharField(max_length=40)),
                ("audience", models.CharField(max_length=20)),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunPython(add_index, migrations.RunPython.noop),
    ]
