from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_sessions_and_invitations")]

    operations = [
        migrations.AddField(
            model_name="askedrow",
            name="agency",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="askedrow",
            name="identity",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="BoundRow",
            fields=[
                ("identity", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("account", models.CharField(db_index=True, max_length=150)),
                ("agency", models.CharField(max_length=40)),
            ],
        ),
    ]
