from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PreviewRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("complaint", models.CharField(db_index=True, max_length=40)),
                ("box", models.CharField(max_length=64)),
                ("until", models.DateTimeField(db_index=True)),
                ("purged", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ViewRow",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=150)),
                ("at", models.DateTimeField(db_index=True)),
                ("seconds", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["person", "at"], name="views_by_person")],
            },
        ),
    ]
