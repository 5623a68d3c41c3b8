from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_platforms")]

    operations = [
        migrations.CreateModel(
            name="SampleRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("sealed", models.BooleanField()),
            ],
        ),
    ]
