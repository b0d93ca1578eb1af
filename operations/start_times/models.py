"""The table of start times: one row per successful start."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from interviews.dynamodb import MillisecondsAttribute, TimeAttribute, table_meta


class StartTime(Model):
    """One successful start of a workspace: when it finished, and the seconds of each step."""

    Meta = table_meta("start_times")

    # The engine, and whether it was a dry run (see `series_key`).
    series = UnicodeAttribute(hash_key=True)
    at = MillisecondsAttribute(range_key=True)
    operation_id = UnicodeAttribute(attr_name="operationId")
    queue = NumberAttribute()
    provision = NumberAttribute()
    configure = NumberAttribute()
    total = NumberAttribute()
    ttl = TimeAttribute()


def series_key(provisioner: str, *, dry_runs: bool) -> str:
    """The hash key of an engine's starts. Dry runs do not count for the estimate of candidates."""
    return f"{provisioner}#dry-run" if dry_runs else provisioner
