"""The form of a scorecard."""

from typing import Any

from interviews.models import Interview
from tests.reviewing import CRITERIA

NOTE = "A note by otto, to be hidden"


def fields(*scores: str, **more: Any) -> dict[str, Any]:
    rows = {f"score_{place}": score for place, score in enumerate(scores)}
    names = {"criterion": [each.name for each in CRITERIA]}
    return {**names, **rows, "version": "0", "recommendation": "yes", **more}


def url(interview: Interview, part: str = "review/") -> str:
    return f"/interviews/{interview.id}/{part}"
