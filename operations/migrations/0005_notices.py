"""Allow e-mails to administrators, which belong to no interview."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0004_one_invitation_unasked"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="one_message_of_a_number",
        ),
        migrations.AddField(
            model_name="message",
            name="text",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="message",
            name="interview_id",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "Invitation"),
                    ("scheduled", "Scheduled"),
                    ("reminder", "Reminder"),
                    ("notice", "Notice"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("interview_id", ""), _negated=True),
                fields=("interview_id", "kind", "number"),
                name="one_message_of_a_number",
            ),
        ),
    ]
