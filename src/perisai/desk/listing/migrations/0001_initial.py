"""The house's list, and hashes of what the gateway allows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ListingRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("standing", models.CharField(db_index=True, max_length=20)),
                ("category", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=200)),
                ("pictures", models.IntegerField()),
                ("proposed_by", models.CharField(max_length=200)),
                ("proposed", models.DateTimeField(db_index=True)),
                ("checked", models.DateTimeField(null=True)),
                ("compared", models.IntegerField(null=True)),
                ("unread", models.IntegerField(null=True)),
                ("hits", models.IntegerField(null=True)),
                ("agreed_by", models.CharField(max_length=200)),
                ("agreed", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ItemHashRow",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("hashes", models.BinaryField()),
                ("readable", models.BooleanField()),
            ],
        ),
    ]
