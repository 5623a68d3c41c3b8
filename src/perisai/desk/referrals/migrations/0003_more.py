from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_seals")]

    operations = [
        migrations.AddField(
            model_name="referralrow", name="more", field=models.DateTimeField(null=True)
        ),
    ]
