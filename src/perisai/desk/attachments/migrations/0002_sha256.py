from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="attachmentrow",
            name="sha256",
            field=models.CharField(db_index=True, default="", max_length=64),
        ),
    ]
