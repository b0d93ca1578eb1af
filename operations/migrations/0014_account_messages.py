"""E-mails to members of staff about changes of their account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0013_field_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=10, verbose_name="language"
            ),
        ),
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
