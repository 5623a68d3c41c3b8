"""In the orders of the queue are the rows that lead, and no others."""

from __future__ import annotations

from django.db import migrations, models

ORDERS = {
    "queue_order": ("-urgency", "received", "complaint"),
    "queue_by_age": ("received", "complaint"),
    "queue_by_number": ("-number", "received", "complaint"),
    "queue_by_app": ("app", "received"),
}


class Migration(migrations.Migration):
    """Smaller indexes in the place of those that there were."""

    dependencies = [("triage", "0003_apps")]

    operations = [
        *(migrations.RemoveIndex("QueueRow", name=name) for name in ORDERS),
        *(
            migrations.AddIndex(
                "QueueRow",
                models.Index(fields=fields, condition=models.Q(("leads", True)), name=name),
            )
            for name, fields in ORDERS.items()
        ),
    ]
