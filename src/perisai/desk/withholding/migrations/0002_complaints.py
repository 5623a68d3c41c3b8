from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("withholding", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="withholdingrow",
            name="complaint",
            field=models.CharField(db_index=True, default="", max_length=40),
        ),
    ]
