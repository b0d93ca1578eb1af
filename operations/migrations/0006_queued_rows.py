"""Rename the label of rows that a worker will invite."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0005_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="batchrow",
            name="state",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("wanted", "Queued"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                ],
                db_index=True,
                default="new",
                max_length=10,
            ),
        ),
    ]
