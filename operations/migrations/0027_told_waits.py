"""The estimate of the wait that each page in line was told of last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0026_left_workspaces"),
    ]

    operations = [
        migrations.AddField(
            model_name="admission",
            name="told_minutes",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
