from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_samples")]

    operations = [
        migrations.AddField(
            model_name="summonsrow",
            name="paper_by",
            field=models.CharField(db_index=True, default="", max_length=200),
        ),
    ]
