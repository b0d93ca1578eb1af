"""What a candidate presses on the page of a take-home test."""

from collections.abc import Callable, Iterable
from typing import Any

from django.test import Client

from interviews.lifecycle import Status
from interviews.models import Interview
from tests.conftest import fresh

HTMX = {"HX-Request": "true"}


def press(client: Client, verb: str, interview: Interview) -> Any:
    """With scripts."""
    return client.post(f"/take-home/{interview.passcode}/{verb}", headers=HTMX)


def expect_told_why(
    client: Client, verb: str, standing: Callable[..., Interview], statuses: Iterable[Status]
) -> None:
    """In each of these it cannot be: the page says so once, and nothing changes."""
    for status in statuses:
        interview = standing(status)
        answer = press(client, verb, interview)
        assert (status, answer.status_code) == (status, 409)
        assert answer.text.count('role="alert"') == 1
        assert f'data-status="{status.value}"' in answer.text
        assert fresh(interview).state is status
