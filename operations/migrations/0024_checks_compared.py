"""A run of checks says whether it was compared with a trial of the solution."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0023_unexpected_check_errors"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkrun",
            name="is_compared",
            field=models.BooleanField(null=True),
        ),
        migrations.AlterField(
            model_name="checkresult",
            name="problem",
            field=models.CharField(
                blank=True,
                choices=[
                    ("time", "It took too long and was ended."),
                    ("memory", "It used more memory than allowed."),
                    ("output", "It wrote too much output and was ended."),
                    ("no_report", "It wrote no report."),
                    ("large_report", "Its report is too large."),
                    ("invalid_report", "Its report isn't valid JUnit XML."),
                    ("entities_in_report", "Its report has a document type, which isn't read."),
                    ("too_many_tests", "Its report has too many tests."),
                    ("empty_report", "Its report has no tests."),
                    (
                        "exit_code",
                        "Every test passed, but the command failed: that's one more failure.",
                    ),
                ],
                max_length=20,
            ),
        ),
    ]
