from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("improvements", "0002_paper")]

    operations = [
        migrations.AddField(
            model_name="improvementrow",
            name="approved_by",
            field=models.CharField(default="", max_length=200),
        ),
    ]
