"""Notices to staff that are written once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0031_ready_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="once",
            field=models.CharField(
                max_length=64, null=True, unique=True, verbose_name="written once"
            ),
        ),
    ]
