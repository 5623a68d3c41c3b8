"""What was decided for the gateway."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WithholdingRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("what", models.CharField(max_length=20)),
                ("decided", models.DateTimeField()),
                ("applied", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
    ]
