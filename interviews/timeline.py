"""The kinds of timeline entries that are not a new status."""

from enum import StrEnum


class TimelineEvent(StrEnum):
    """A change of the candidate's time. The values are stored, and the API shows them."""

    # Staff gave or took time, before or during the test.
    EXTENDED = "extended"
    # The workspace did not answer, and the candidate got that time back.
    CREDITED = "credited"
    # Staff opened an ended test again for some minutes.
    REOPENED = "reopened"
