"""Counters are there from the beginning; one index instead of two over each SHA-256."""

from typing import Any

from django.db import migrations, models
from django.db.models import Max


def _begin_counters(apps: Any, editor: Any) -> None:  # noqa: ANN401 - Django's own, of the past
    """Whoever writes takes turns by a row that must be there before."""
    alias = editor.connection.alias
    counters = apps.get_model("storage", "Counter").objects.using(alias)
    reports = apps.get_model("storage", "ItemReport").objects.using(alias)
    last = reports.aggregate(last=Max("number"))["last"] or 0
    counters.get_or_create(name="generation", defaults={"value": 0})
    counters.update_or_create(name="reports", defaults={"value": last})
    counters.filter(name="uploads").delete()


class Migration(migrations.Migration):
    dependencies = [("storage", "0003_made")]

    operations = [
        migrations.AlterField(
            model_name="linked", name="sha256", field=models.CharField(max_length=64)
        ),
        migrations.AlterField(
            model_name="opinion", name="sha256", field=models.CharField(max_length=64)
        ),
        migrations.AddIndex(
            model_name="linked",
            index=models.Index(fields=["sha256"], name="linked_by_sha256"),
        ),
        migrations.AddIndex(
            model_name="opinion",
            index=models.Index(fields=["sha256"], name="opinion_by_sha256"),
        ),
        migrations.RunPython(_begin_counters, migrations.RunPython.noop),
    ]
