from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("improvements", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="improvementrow",
            name="paper_by",
            field=models.CharField(db_index=True, default="", max_length=200),
        ),
    ]
