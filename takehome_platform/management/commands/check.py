"""Django's `check`, which also says which time zone data this installation has."""

from typing import Any

from django.core.management.commands import check

from interviews.local_time import zone_data


class Command(check.Command):
    def handle(self, *app_labels: Any, **options: Any) -> None:
        self.stdout.write(zone_data.describe())
        super().handle(*app_labels, **options)
