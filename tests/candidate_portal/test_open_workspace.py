"""GET .../open: the candidate is signed in to the workspace, or sees why there is none."""

import pytest
from django.test import Client

from interviews.attributes import LIVE, TAKE_HOME
from interviews.lifecycle import Status
from interviews.models import Interview
from tests.candidate_portal.conftest import PASSWORD, URL

FORM = {"sign_in": "form"}


@pytest.mark.parametrize(("type_", "prefix"), [(TAKE_HOME, "take-home"), (LIVE, "interview")])
def test_running_workspace_gets_the_password(client: Client, interview_in, type_, prefix) -> None:
    interview = interview_in(Status.ACTIVE, type=type_, workspace_state=FORM)
    page = client.get(f"/{prefix}/{interview.passcode}/")
    assert f'href="/{prefix}/{interview.passcode}/open"' in page.text
    assert "signs you in" in page.text
    response = client.get(f"/{prefix}/{interview.passcode}/open")
    assert f'action="{URL}login"' in response.text
    assert f'value="{PASSWORD}"' in response.text
    policy = response["Content-Security-Policy"].split("; ")
    assert "form-action http://workspace.test" in policy
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_workspace_of_an_earlier_version_asks_for_the_password(
    client: Client, interview_in
) -> None:
    interview = interview_in(Status.ACTIVE)
    assert "asks for the password" in client.get(f"/take-home/{interview.passcode}/").text
    response = client.get(f"/take-home/{interview.passcode}/open")
    assert (response.status_code, response["Location"]) == (302, URL)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
def test_other_statuses_lead_to_the_page_that_explains_them(
    client: Client, interview_in, status
) -> None:
    interview = interview_in(status, workspace_state=FORM)
    response = client.get(f"/take-home/{interview.passcode}/open")
    assert (response.status_code, response["Location"]) == (
        302,
        f"/take-home/{interview.passcode}/",
    )
    assert PASSWORD not in response.text


def test_page_says_that_nobody_may_sign_in_for_a_while(client: Client, interview_in) -> None:
    interview = interview_in(Status.ACTIVE, workspace_state=FORM | {"sign_in_refused": True})
    page = f"/take-home/{interview.passcode}/"
    assert "nobody can sign in to your workspace" in client.get(page).text
    opened = client.get(f"{page}open").text
    assert "locked for about a minute after too many wrong passwords" in opened
    # It would be refused: the button is there for later.
    assert "open_workspace" not in opened
    assert f'value="{PASSWORD}"' in opened


def test_page_of_a_row_with_a_broken_address_is_shown(client: Client, interview_in) -> None:
    interview = interview_in(Status.ACTIVE, workspace_state=FORM)
    interview.update(actions=[Interview.access_url.set("http://[::1")])
    page = client.get(f"/take-home/{interview.passcode}/")
    assert page.status_code == 200
    assert "::1" not in page.text
