"""The pages of the records in the admin."""

from django.contrib.admin.utils import quote

from interviews.models import Interview
from tests.conftest import operation_of
from tests.dashboard.admin.pages import (
    CHALLENGES,
    INTERVIEWS,
    LISTS,
    OPERATIONS,
    page_of,
)


def all_pages(interview: Interview) -> list[str]:
    operation = operation_of(interview)
    return [
        "/admin/",
        "/admin/dashboard/",
        "/admin/password_change/",
        *LISTS,
        page_of(interview),
        f"{INTERVIEWS}{quote(interview.id)}/history/",
        f"{OPERATIONS}{quote(operation.id)}/change/",
        f"{OPERATIONS}{quote(operation.id)}/history/",
        f"{CHALLENGES}{quote(interview.challenge)}/change/",
        f"{CHALLENGES}{quote(interview.challenge)}/history/",
    ]
