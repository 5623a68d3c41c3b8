from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_clocks_warn"),
    ]

    operations = [
        migrations.RenameField(model_name="doorrow", old_name="summons", new_name="item"),
    ]
