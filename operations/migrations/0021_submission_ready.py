"""A change may have a message of each event: of its status, and that a submission can be read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0020_checks"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="one_delivery_per_change"),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("webhook", "interview_id", "moment", "event"),
                name="one_delivery_per_change_and_event",
            ),
        ),
    ]
