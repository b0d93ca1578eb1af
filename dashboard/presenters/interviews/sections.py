"""The sections of the live interviews: what runs now, what is next, and what comes later.

The list is in the order of the start, so each section is one piece of it. While time goes by,
list_sections.js moves the headings by the same rule.
"""

from datetime import timedelta
from enum import StrEnum

from interviews.derived_keys import PROVISION_LEAD_TIME
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination.by_start import start_of

NEXT_WITHIN = timedelta(hours=24)


class Section(StrEnum):
    NOW = "now"
    NEXT = "next"
    LATER = "later"


def section_of(interview: Interview) -> Section:
    """NOW from when its workspace is prepared, NEXT within a day."""
    until_start = start_of(interview) - now()
    if interview.state is not Status.SCHEDULED or until_start <= PROVISION_LEAD_TIME:
        return Section.NOW
    return Section.NEXT if until_start <= NEXT_WITHIN else Section.LATER
