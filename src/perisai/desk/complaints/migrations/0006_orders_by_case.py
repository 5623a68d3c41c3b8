"""The orders of the list say of each row in which case it is, and so who may read it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Three wider indexes in the place of those that there were."""

    dependencies = [("complaints", "0005_messages")]

    operations = [
        migrations.RemoveIndex("ComplaintRow", name="complaint_by_age"),
        migrations.RemoveIndex("ComplaintRow", name="complaint_waiting"),
        migrations.RemoveIndex("ComplaintRow", name="complaint_by_app"),
        migrations.AddIndex(
            model_name="ComplaintRow",
            index=models.Index(fields=["received", "id", "case"], name="complaint_by_age"),
        ),
        migrations.AddIndex(
            model_name="ComplaintRow",
            index=models.Index(
                condition=models.Q(("waiting", True)),
                fields=["received", "id", "case"],
                name="complaint_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="ComplaintRow",
            index=models.Index(fields=["app", "id", "case"], name="complaint_by_app"),
        ),
    ]
