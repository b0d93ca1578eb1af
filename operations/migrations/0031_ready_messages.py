"""E-mails to candidates whose workspace is ready after a long wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0030_review_original"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation"),
                    ("scheduled", "Invitation to a live interview"),
                    ("reminder", "Reminder"),
                    ("changed", "Change"),
                    ("cancelled", "Cancellation"),
                    ("ready", "Workspace ready"),
                    ("submitted", "Confirmation of a submission"),
                    ("problem", "Problem report"),
                    ("notice", "Notice to administrators"),
                    ("access", "Password link"),
                    ("account", "Notice about an account"),
                    ("staff_notice", "Notice to staff"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
    ]
