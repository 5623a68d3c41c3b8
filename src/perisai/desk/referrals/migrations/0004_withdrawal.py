from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_more")]

    operations = [
        migrations.AddField(
            model_name="referralrow",
            name="withdrawal",
            field=models.CharField(default="", max_length=20),
        ),
    ]
