"""Until when an engine that had no room itself admits nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0032_written_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="limitedengine",
            name="full_until",
            field=models.DateTimeField(null=True),
        ),
    ]
