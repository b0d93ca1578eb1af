"""The deadline of a workspace: an annotation of its Pod, which works while the platform is down."""

from datetime import datetime
from typing import Any

from operations.provisioners.deadlines import remember_deadline, stop_time
from operations.provisioners.kubernetes.api import Api, Kind
from operations.provisioners.kubernetes.errors import ApiError
from operations.provisioners.kubernetes.naming import ENDS_AT_ANNOTATION, Names


def write_deadline(api: Api, names: Names, ends_at: datetime) -> None:
    """Write the deadline into the workspace's Pod; one that is gone has none."""
    text = str(int(stop_time(ends_at).timestamp()))
    body: dict[str, Any] = {"metadata": {"annotations": {ENDS_AT_ANNOTATION: text}}}
    try:
        api.patch(Kind.POD, names.base, body)
    except ApiError as error:
        if not error.is_missing:
            raise
        return
    remember_deadline(names.base, ends_at)
