"""The language in which people use the dashboard."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0006_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="lastseen",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
    ]
