"""What a review scored before it was changed in the knowledge of others'."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0029_one_unfinished_check_run"),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="original",
            field=models.JSONField(null=True),
        ),
    ]
