"""Notices by e-mail: to those who chose them, once for each change, and to nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import translation

from dashboard.permissions.roles import REVIEWER, VIEWER
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, retention
from operations.mail import sender
from operations.mail.models import Message, MessageKind
from operations.notices.actions import change_notices
from operations.notices.models import NoticeEvent, NoticePreference, StaffNotice
from operations.notices.queue import queue_notices
from operations.reviews import reviewers
from operations.reviews.hidden_names import pseudonym
from operations.webhooks.outbox_relay import relay_changes
from tests.conftest import fresh, make_due, member, run_until_idle

pytestmark = pytest.mark.django_db

ALL = [event.value for event in NoticeEvent]


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.MAIL_IS_ON, settings.SITE_URL = True, "https://tests.example.com"


def told(name: str, *, events: list[str] = ALL, only_own: bool = False, role: str = VIEWER) -> User:
    """A member of staff who chose these events, a minute ago."""
    user = member(name, role)
    user.email = f"{name}@example.com"
    user.save()
    change_notices(user, events, only_own=only_own)
    ago = now() - timedelta(minutes=1)
    NoticePreference.objects.filter(user=user).update(since=ago)
    return user


def notices() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind=MessageKind.STAFF_NOTICE).order_by("pk")
    return [(row.to, row.subject) for row in rows]


def sent() -> Any:
    for message in Message.objects.filter(kind=MessageKind.STAFF_NOTICE):
        sender.send_message(message.pk)
    return mail.outbox[-1] if mail.outbox else None


def expire(interview: Interview) -> Interview:
    actions.expire(make_due(interview))
    return fresh(interview)


def fail(interview: Interview) -> Interview:
    for status in (Status.ACTIVATED, Status.INITIALIZING, Status.ERROR):
        interview.move_to(status, by="worker")
    return interview


def test_who_chose_it_is_told_once_of_a_test_that_was_submitted(
    running: Interview,
) -> None:
    told("grace")
    actions.submit(running, by="candidate")
    finished = run_until_idle(running)
    for _ in range(2):
        # As if the relay died before it had removed the mark.
        finished.change(outbox="1", outbox_done=0)
        relay_changes(running.id)
    assert notices() == [("grace@example.com", "An interview is finished")]
    email = sent()
    assert email.subject == "Finished: Ada, Word count"
    assert "Ada submitted “Word count”." in email.body
    assert f"https://tests.example.com/interviews/{running.id}/" in email.body
    for secret in (running.passcode, fresh(running).password or "no password"):
        assert secret not in email.body


def test_reviewer_who_has_to_score_first_reads_no_name(running: Interview) -> None:
    told("rita", role=REVIEWER)
    reviewers.change_settings("word-count", [], in_turn=0, hides_names=True)
    actions.submit(running, by="candidate")
    relay_changes(run_until_idle(running).id)
    email, name = sent(), pseudonym(running.id)
    assert email.subject == f"Finished: {name}, Word count"
    assert f"{name} submitted" in email.body
    assert "Ada" not in email.body


def test_an_invitation_that_expires_and_a_failed_start_are_told(
    invite: Callable[..., Interview],
) -> None:
    told("grace")
    relay_changes(expire(invite()).id)
    relay_changes(fail(invite(candidate_name="Bob")).id)
    assert [subject for _, subject in notices()] == [
        "An invitation has expired",
        "A workspace couldn't be started",
    ]
    sent()
    subjects = {email.subject for email in mail.outbox}
    assert subjects == {"Expired: Ada, Word count", "Couldn't start: Bob, Word count"}


def test_a_problem_is_told_with_its_words_but_not_twice_to_the_inviter(
    running: Interview,
) -> None:
    told("grace")
    told("recruiter")
    actions.report_problem(running, "The editor is blank.", by="candidate")
    relay_changes(running.id)
    assert notices() == [("grace@example.com", "A candidate has a problem")]
    assert "The editor is blank." in sent().body
    assert "The editor is blank." not in str(list(Message.objects.values()))


@pytest.mark.parametrize(
    "changes",
    [{"is_active": False}, {"is_staff": False}, {"email": ""}],
    ids=["inactive", "not staff", "no address"],
)
def test_who_cannot_read_it_is_not_told(take_home: Interview, changes: dict[str, Any]) -> None:
    User.objects.filter(pk=told("grace").pk).update(**changes)
    relay_changes(expire(take_home).id)
    assert notices() == []


def test_who_has_no_role_is_not_told(take_home: Interview) -> None:
    told("grace").groups.clear()
    relay_changes(expire(take_home).id)
    assert notices() == []


def test_only_what_was_chosen_is_told(take_home: Interview) -> None:
    told("grace", events=["finished"])
    relay_changes(expire(take_home).id)
    assert notices() == []


def test_ones_own_are_those_one_created_or_interviews(
    schedule: Callable[..., Interview], take_home: Interview
) -> None:
    for name in ("recruiter", "grace", "edith"):
        told(name, only_own=True)
    relay_changes(expire(take_home).id)
    assert [to for to, _ in notices()] == ["recruiter@example.com"]
    live = schedule(interviewers=["Grace@example.com"])
    relay_changes(fail(live).id)
    assert sorted(to for to, _ in notices()[1:]) == ["grace@example.com", "recruiter@example.com"]


def test_what_happened_before_is_not_told(take_home: Interview) -> None:
    user = told("grace")
    expired = expire(take_home)
    later = now() + timedelta(minutes=1)
    NoticePreference.objects.filter(user=user).update(since=later)
    relay_changes(expired.id)
    assert notices() == []


def test_without_mail_nothing_is_queued(take_home: Interview, settings: Any) -> None:
    told("grace")
    settings.MAIL_IS_ON = False
    relay_changes(expire(take_home).id)
    assert notices() == []


def test_a_deleted_interview_leaves_no_notice(take_home: Interview) -> None:
    told("grace")
    relay_changes(expire(take_home).id)
    message = Message.objects.get(kind=MessageKind.STAFF_NOTICE)
    deleted = retention.delete_interview(fresh(take_home), by="admin")
    assert deleted.emails == 1
    assert not StaffNotice.objects.exists()
    assert not Message.objects.filter(pk=message.pk).exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"is_active": False}, "deactivated"), ({"email": "other@example.com"}, "address")],
)
def test_a_notice_that_is_no_longer_for_them_is_left_out(
    take_home: Interview, changes: dict[str, Any], reason: str
) -> None:
    user = told("grace")
    relay_changes(expire(take_home).id)
    User.objects.filter(pk=user.pk).update(**changes)
    assert sent() is None
    assert reason in Message.objects.get(kind=MessageKind.STAFF_NOTICE).error


def test_who_lost_the_role_since_gets_no_notice(take_home: Interview) -> None:
    user = told("grace")
    relay_changes(expire(take_home).id)
    user.groups.clear()
    assert sent() is None
    assert "no longer see" in Message.objects.get(kind=MessageKind.STAFF_NOTICE).error


def test_a_notice_is_in_the_language_of_the_server(take_home: Interview) -> None:
    told("grace")
    relay_changes(expire(take_home).id)
    with translation.override("de"):
        assert sent().subject == "Expired: Ada, Word count"


def test_permissions_are_read_of_those_alone_who_want_to_be_told(
    take_home: Interview, django_assert_max_num_queries: Any
) -> None:
    told("grace", events=["finished"])
    told("edith", events=["finished"])
    expired = expire(take_home)
    with django_assert_max_num_queries(1):
        queue_notices(expired)
