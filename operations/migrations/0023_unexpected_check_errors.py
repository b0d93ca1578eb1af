"""A run of checks may end with an error that the platform does not know."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0022_checks_of_states"),
    ]

    operations = [
        migrations.AlterField(
            model_name="checkrun",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("engine", "The engine failed."),
                    ("store", "The file store isn't responding."),
                    ("no_archive", "The saved files are missing from the store."),
                    ("damaged_archive", "The saved files are damaged or too large."),
                    ("no_challenge", "This version of the challenge has no checks any more."),
                    ("damaged_challenge", "The files of the challenge are damaged."),
                    ("interrupted", "The worker stopped during each attempt."),
                    ("settings", "The settings don't allow it."),
                    ("unexpected", "The platform failed unexpectedly."),
                ],
                max_length=20,
            ),
        ),
    ]
