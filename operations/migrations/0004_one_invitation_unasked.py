"""Allow one invitation per candidate and challenge unless staff decide otherwise."""

from typing import Any

from django.db import migrations, models


def mark_duplicates(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("operations", "BatchRow").objects
    invited = rows.filter(state__in=("wanted", "done"), twice="").exclude(key="")
    counts = invited.order_by().values("key").annotate(count=models.Count("pk"))
    for key in counts.filter(count__gt=1).values_list("key", flat=True):
        first, *others = invited.filter(key=key).select_related("batch").order_by("pk")
        message = f"Invited to this challenge already, from “{first.batch.file_name}”."
        rows.filter(pk__in=[row.pk for row in others]).update(twice=message)


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0003_orphans"),
    ]

    operations = [
        migrations.RunPython(mark_duplicates, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("wanted", "done")), ("twice", ""))
                & ~models.Q(("key", "")),
                fields=("key",),
                name="one_invitation_unasked",
            ),
        ),
    ]
