from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="referralrow",
            name="id",
            field=models.CharField(max_length=110, primary_key=True, serialize=False),
        ),
        migrations.AddField(
            model_name="referralrow",
            name="sha256",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="referralrow",
            name="exact",
            field=models.CharField(db_index=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="referralrow",
            name="sealed_by",
            field=models.CharField(default="", max_length=200),
        ),
        migrations.AddField(
            model_name="referralrow", name="asked", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="referralrow",
            name="asked_by",
            field=models.CharField(default="", max_length=200),
        ),
        migrations.AddField(
            model_name="referralrow", name="lifted", field=models.DateTimeField(null=True)
        ),
    ]
