from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_orders")]

    operations = [
        migrations.AddField(
            model_name="complaintrow", name="unanswered", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="complaintrow", name="danger", field=models.BooleanField(default=False)
        ),
        migrations.AddIndex(
            model_name="complaintrow",
            index=models.Index(
                fields=["unanswered"],
                condition=models.Q(unanswered__isnull=False),
                name="complaint_unanswered",
            ),
        ),
    ]
