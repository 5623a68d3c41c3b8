from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("opinions", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="opinionrow", name="number", field=models.BigIntegerField(default=0)
        ),
    ]
