from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_doors_of_requests")]

    operations = [
        migrations.CreateModel(
            name="PlatformRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("platform", models.CharField(db_index=True, max_length=200)),
                ("opened", models.DateTimeField()),
                ("published", models.DateTimeField(null=True)),
            ],
        ),
        # What a rebuild would make of cases that were there before: each has one platform.
        migrations.RunSQL(
            'INSERT INTO cases_platformrow ("case", platform, opened, published) '
            "SELECT id, platform, opened, published FROM cases_caserow",
            migrations.RunSQL.noop,
        ),
    ]
