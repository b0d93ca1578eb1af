"""E-mails to interviewers and about changes, and webhooks that are told of edits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0006_queued_rows"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="one_message_of_a_number",
        ),
        migrations.AddField(
            model_name="message",
            name="interviewer",
            field=models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
        migrations.AddField(
            model_name="webhook",
            name="sends_edits",
            field=models.BooleanField(db_default=False, default=False),
        ),
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
                    ("notice", "Notice"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("interview_id", ""), _negated=True),
                fields=("interview_id", "kind", "number", "interviewer"),
                name="one_message_of_a_number_each",
            ),
        ),
    ]
