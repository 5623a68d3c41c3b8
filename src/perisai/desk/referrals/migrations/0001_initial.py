from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ReferralRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("case", models.CharField(max_length=40)),
                ("drafted", models.DateTimeField()),
                ("sent", models.DateTimeField(db_index=True, null=True)),
                ("sent_by", models.CharField(max_length=200)),
                ("receiver", models.CharField(max_length=200)),
                ("message", models.CharField(max_length=20)),
                ("reviewed", models.DateTimeField(null=True)),
                ("reviewed_by", models.CharField(max_length=200)),
            ],
        ),
    ]
