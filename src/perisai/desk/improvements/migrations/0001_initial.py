from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ImprovementRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("improvement", models.CharField(max_length=20)),
                ("platform", models.CharField(db_index=True, max_length=200)),
                ("agency", models.CharField(max_length=200)),
                ("what", models.CharField(max_length=200)),
                ("asked_by", models.CharField(max_length=200)),
                ("approved", models.DateTimeField(null=True)),
                ("due", models.DateTimeField(db_index=True)),
                ("standing", models.CharField(db_index=True, max_length=20)),
            ],
        ),
    ]
