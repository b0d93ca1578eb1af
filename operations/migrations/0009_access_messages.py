"""E-mails with a link to set a password."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0008_branding"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="user_id",
            field=models.BigIntegerField(null=True),
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
                    ("access", "Access"),
                ],
                max_length=20,
            ),
        ),
    ]
