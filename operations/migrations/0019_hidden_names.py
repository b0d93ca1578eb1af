from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0018_progress"),
    ]

    operations = [
        migrations.AddField(
            model_name="reviewsettings",
            name="hides_names",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
