"""The upload check: what was received, what became of it, whom that was told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("storage", "0001_facts")]

    operations = [
        # Nothing was ever written to this table: it is made anew instead of changed.
        migrations.DeleteModel(name="Upload"),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("client", models.TextField()),
                ("idempotency", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("number", models.TextField(unique=True)),
                ("band", models.TextField()),
                ("asked", models.TextField()),
                ("shadow", models.BooleanField()),
                ("holder", models.TextField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency", ""), _negated=True),
                        fields=("client", "idempotency"),
                        name="upload_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("event", models.TextField(unique=True)),
                ("number", models.TextField(db_index=True)),
                ("sha256", models.TextField()),
                ("bare", models.TextField()),
                ("basis", models.TextField()),
                ("decision", models.TextField()),
                ("rule", models.TextField()),
                ("notify", models.BooleanField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("event", models.TextField(primary_key=True, serialize=False)),
                ("state", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
