"""The machines of an engine, as they were when it was scanned last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0033_engine_is_full"),
    ]

    operations = [
        migrations.AddField(
            model_name="enginelook",
            name="machines",
            field=models.JSONField(default=list),
        ),
    ]
