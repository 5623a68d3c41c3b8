"""Documents are found by what they are: the same one, in another case, is sealed with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import migrations, models

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """What a rebuild would make of documents that were there before."""
    alias = editor.connection.alias
    rows = apps.get_model("attachments", "AttachmentRow").objects.using(alias)
    kept = apps.get_model("facts", "Event").objects.using(alias).filter(kind="attachment.kept")
    for stream, data in kept.values_list("stream", "data").iterator(chunk_size=500):
        told = json.loads(data)
        mine = rows.filter(case=stream.removeprefix("case:"), attachment=told["attachment"])
        mine.update(sha256=told["sha256"])


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial"), ("facts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="attachmentrow",
            name="sha256",
            field=models.CharField(db_index=True, default="", max_length=64),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
