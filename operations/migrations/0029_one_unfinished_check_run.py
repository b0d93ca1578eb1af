"""The same checks of the same files wait or run once, however often they are asked for."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Coalesce

UNFINISHED = ("queued", "running")
SAME = ("subject", "interview_id", "archive_key", "challenge_id", "version", "progress_state")


def delete_doubles(apps: Any, schema_editor: Any) -> None:
    """Keep the one that runs, or else the oldest. Those that are deleted have no results yet."""
    runs = apps.get_model("operations", "CheckRun").objects
    kept: dict[tuple[Any, ...], Any] = {}
    # "running" comes before "queued".
    for run in runs.filter(state__in=UNFINISHED).order_by("-state", "queued_at", "pk"):
        first = kept.setdefault(tuple(getattr(run, name) for name in SAME), run)
        if first is run:
            continue
        run.delete()
        if run.automatic_key and not first.automatic_key:
            first.automatic_key = run.automatic_key
            first.save(update_fields=["automatic_key"])
    # PostgreSQL makes no index of a table while it has rows of it to check.
    schema_editor.connection.check_constraints()


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0028_trials_by_suite"),
    ]

    operations = [
        migrations.RunPython(delete_doubles, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="checkrun",
            constraint=models.UniqueConstraint(
                models.F("subject"),
                models.F("interview_id"),
                models.F("archive_key"),
                models.F("challenge_id"),
                models.F("version"),
                Coalesce("progress_state", 0),
                condition=models.Q(state__in=UNFINISHED),
                name="one_unfinished_check_run",
            ),
        ),
    ]
