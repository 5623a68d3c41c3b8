from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AttachmentRow",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("case", models.CharField(db_index=True, max_length=40)),
                ("attachment", models.CharField(max_length=20)),
                ("box", models.CharField(max_length=64)),
                ("until", models.DateTimeField(db_index=True)),
                ("purged", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
    ]
