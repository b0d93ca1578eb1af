"""Send the actions of a take-home test's page."""

from collections.abc import Callable, Iterable
from typing import Any

from django.test import Client

from interviews.lifecycle import Status
from interviews.models import Interview
from tests.conftest import fresh

HTMX = {"HX-Request": "true"}


def press(client: Client, verb: str, interview: Interview) -> Any:
    """Post an action as htmx does."""
    return client.post(f"/take-home/{interview.passcode}/{verb}", headers=HTMX)


def assert_refused_with_message(
    client: Client, verb: str, interview_in: Callable[..., Interview], statuses: Iterable[Status]
) -> None:
    """Assert that in each status the action is refused with one message and changes nothing."""
    for status in statuses:
        interview = interview_in(status)
        answer = press(client, verb, interview)
        assert (status, answer.status_code) == (status, 409)
        assert answer.text.count('role="alert"') == 1
        assert f'data-status="{status.value}"' in answer.text
        assert fresh(interview).state is status
