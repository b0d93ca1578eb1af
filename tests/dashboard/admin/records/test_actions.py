"""Actions on records: each asks first, and is written down."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import gettext_lazy

from dashboard.admin.interviews import InterviewAdmin
from dashboard.presenters.interviews import confirmations
from interviews import queries
from interviews.models import Interview, StaleWriteError
from operations import actions
from operations.audit.models import AuditEntry
from tests.conftest import fresh
from tests.dashboard.admin.pages import (
    INTERVIEWS,
    act,
    audited,
    messages_of,
    page_of,
)
from tests.dashboard.admin.records.pages import all_pages
from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db


def test_an_action_asks_first(staff_client: Client, take_home: Interview) -> None:
    response = staff_client.post(INTERVIEWS, {"action": "revoke", "_selected_action": take_home.id})
    assert response.status_code == 200
    assert "The test can no longer be started" in response.content.decode()
    assert fresh(take_home).status == "available"
    assert audited() == []


def test_revoking_is_done_and_written_down(staff_client: Client, take_home: Interview) -> None:
    response = act(staff_client, "revoke", take_home.id)
    assert fresh(take_home).status == "revoked"
    assert messages_of(response) == ["Ada: The invitation was withdrawn."]
    assert audited() == [("recruiter", "revoked", take_home.id, "admin")]
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (take_home.id, "Withdraw or cancel.")
    history = staff_client.get(f"{INTERVIEWS}{quote(take_home.id)}/history/")
    assert "Withdraw or cancel." in history.content.decode()


def test_history_is_kept_in_english(
    staff_client: Client, take_home: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A text that Django itself translates.
    action = next(each for each in InterviewAdmin.record_actions if each.verb == "revoke")
    german = dataclasses.replace(action, title=gettext_lazy("January"))
    monkeypatch.setattr(InterviewAdmin, "record_actions", (german,))
    staff_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    assert "Januar" in staff_client.get(INTERVIEWS).text
    act(staff_client, "revoke", take_home.id)
    assert LogEntry.objects.get().get_change_message() == "January."


def test_several_at_once_are_each_by_itself(
    staff_client: Client, invite: Any, in_state: Any
) -> None:
    open_one, over = invite(candidate_name="Ada"), in_state("completed", candidate_name="Grace")
    response = act(staff_client, "revoke", open_one.id, over.id)
    assert messages_of(response) == [
        "Ada: The invitation was withdrawn.",
        "Grace: This can't be withdrawn any more. Status: Finished.",
    ]
    assert audited() == [("recruiter", "revoked", open_one.id, "admin")]


def test_ending_from_the_page_leads_back_to_it(staff_client: Client, running: Interview) -> None:
    response = act(staff_client, "end", running.id, comes_from="page")
    assert response.redirect_chain == [(page_of(running), 302)]
    assert fresh(running).status == "destroying"


def test_retry(staff_client: Client, in_state: Any, engine: Any) -> None:
    failed = in_state("error")
    act(staff_client, "retry", failed.id)
    assert fresh(failed).status == "activated"


def test_extending(staff_client: Client, running: Interview) -> None:
    before = fresh(running).auto_destroy_at
    act(staff_client, "extend", running.id, minutes="15")
    assert (fresh(running).auto_destroy_at - before).total_seconds() == 15 * 60
    assert AuditEntry.objects.get().detail == "15 minutes"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the number of minutes."),
        ("a lot", "Enter a whole number."),
        ("9999", "Ensure this value is less than or equal to 480."),
        ("0", "Enter a number from 1 to 480. Use a minus sign to shorten."),
    ],
)
def test_bad_minutes_are_said_at_the_field_and_kept(
    staff_client: Client, take_home: Interview, typed: str, sentence: str
) -> None:
    response = act(staff_client, "extend", take_home.id, minutes=typed)
    page = soup(response)
    assert response.status_code == 422
    assert page.select_one(".errorlist").get_text(strip=True) == sentence
    assert page.select_one("[name=minutes]").get("value", "") == typed
    assert fresh(take_home).extra_seconds is None


@pytest.mark.parametrize(
    ("verb", "typed", "sentence"),
    [
        ("reschedule", {"scheduled_local": "noon"}, "Enter a valid date and time."),
        ("reschedule", {"time_zone": "Mars"}, "Enter a time zone such as Europe/Berlin."),
        ("edit", {"candidate_name": "\u0301"}, "Include at least one letter or digit."),
        (
            "edit",
            {"candidate_email": "nowhere"},
            "Enter an email address such as ada@example.com.",
        ),
        ("edit", {"challenge": "nowhere"}, "This challenge isn't available. Choose another one."),
    ],
)
def test_bad_plan_is_said_at_the_field_and_kept(
    staff_client: Client, schedule: Any, verb: str, typed: dict[str, str], sentence: str
) -> None:
    interview = schedule()
    response = act(staff_client, verb, interview.id, **typed)
    page, ((name, value),) = soup(response), typed.items()
    assert (response.status_code, page.select_one(".errorlist").get_text(strip=True)) == (
        422,
        sentence,
    )
    assert page.select_one(f"[name={name}]").get("value", "") == value
    assert fresh(interview).serialize() == interview.serialize()


def test_plan_is_changed_by_the_fields_that_are_filled_in(
    staff_client: Client, schedule: Any
) -> None:
    interview = schedule()
    act(staff_client, "reschedule", interview.id, scheduled_local="2027-01-15T10:00")
    act(staff_client, "edit", interview.id, candidate_name="Grace Hopper", notify="on")
    row = fresh(interview)
    assert (row.scheduled_local, row.candidate_name) == ("2027-01-15T10:00", "Grace Hopper")
    assert [(each.what, each.notify) for each in row.timeline[1:]] == [
        ("rescheduled", None),
        ("edited", True),
    ]
    assert [each.detail for each in AuditEntry.objects.order_by("id")] == [
        "2027-01-15 10:00 UTC, 60 minutes",
        "candidateName",
    ]


def test_deleting(staff_client: Client, in_state: Any) -> None:
    over = in_state("completed")
    response = act(staff_client, "delete", over.id, comes_from="page")
    assert response.redirect_chain == [(INTERVIEWS, 302)]
    assert queries.get_interview(over.id) is None
    assert audited() == [("recruiter", "deleted", over.id, "admin")]
    assert LogEntry.objects.get().is_deletion()


def test_the_question_before_deleting_names_saved_files_only_where_there_are(
    staff_client: Client, in_state: Any
) -> None:
    for key in (None, "archives/takehome-1/op-1.tar.gz"):
        over = in_state("completed", history_s3_key=key)
        page = soup(
            staff_client.post(INTERVIEWS, {"action": "delete", "_selected_action": [over.id]})
        )
        said = page.select(".asked p")[1].get_text()
        assert (said, "files" in said) == (
            confirmations.DELETE.confirmation(over).text,
            key is not None,
        )


def test_somebody_was_faster(
    staff_client: Client, take_home: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> None:
        raise StaleWriteError(take_home.id)

    monkeypatch.setattr(actions, "revoke", lost)
    response = act(staff_client, "revoke", take_home.id)
    assert messages_of(response) == ["Ada: Someone else just changed this. Reload and try again."]
    assert (audited(), LogEntry.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"action": ""}, "Select an action."),
        ({"action": "nonsense", "_selected_action": "x"}, "Select an action."),
        ({"action": "end"}, "Select a record."),
        ({"action": "end", "_selected_action": "gone"}, "The selected records no longer exist."),
        (
            {"action": "end", "_selected_action": [str(n) for n in range(51)]},
            "Select 50 or fewer.",
        ),
    ],
)
def test_a_senseless_request_is_said(
    staff_client: Client, tables: None, data: dict[str, Any], sentence: str
) -> None:
    assert messages_of(staff_client.post(INTERVIEWS, data, follow=True)) == [sentence]


def test_it_needs_its_csrf_token(staff: User, take_home: Interview) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    data = {"action": "revoke", "_selected_action": take_home.id, "post": "yes"}
    assert client.post(INTERVIEWS, data).status_code == 403
    assert fresh(take_home).status == "available"


def test_no_page_has_a_style_or_a_script_of_its_own(
    staff_client: Client, running: Interview
) -> None:
    for address in all_pages(running):
        page = soup(staff_client.get(address))
        assert page.select("style, [style], script:not([src])") == [], address


def test_interviewers_are_named_and_shown(
    staff_client: Client, schedule: Callable[..., Interview]
) -> None:
    interview = schedule()
    answer = act(
        staff_client, "edit", interview.id, interviewers="mary@example.com\njoan@example.com"
    )
    assert fresh(interview).interviewers == ["mary@example.com", "joan@example.com"], answer
    facts = soup(staff_client.get(page_of(interview))).get_text()
    assert "mary@example.com, joan@example.com" in facts
    act(staff_client, "edit", interview.id, candidate_name="Rita Levi")
    row = fresh(interview)
    assert (row.candidate_name, row.interviewers) == (
        "Rita Levi",
        ["mary@example.com", "joan@example.com"],
    )
    answer = act(staff_client, "edit", interview.id, interviewers="nobody")
    assert "There is no active account “nobody”." in answer.content.decode()
