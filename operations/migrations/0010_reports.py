"""E-mails that confirm a submission, and that pass on a candidate's report of a problem."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0009_access_messages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation"),
                    ("scheduled", "Scheduled"),
                    ("reminder", "Reminder"),
                    ("changed", "Changed"),
                    ("cancelled", "Cancelled"),
                    ("submitted", "Submitted"),
                    ("problem", "Problem"),
                    ("notice", "Notice"),
                    ("access", "Access"),
                ],
                max_length=20,
            ),
        ),
    ]
