"""Staff is written to once when the rules of an interview's zone changed."""

import pytest
import time_machine
from django.contrib.auth.models import User

from interviews.local_time import zone_data
from operations import actions
from operations.mail.models import Message
from operations.mail.staff import zone_changes
from tests.conftest import fresh
from tests.zones import BEFORE, TODAY, planned_by_earlier_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def autumn(settings):
    settings.MAIL_IS_ON = True
    settings.ADMINS = [("", "ops@example.com")]
    settings.SITE_URL = "https://tests.example.com"
    with time_machine.travel("2026-12-01T12:00Z", tick=False):
        yield


@pytest.fixture
def interview(schedule):
    return planned_by_earlier_rules(schedule)


def told():
    zone_changes.notify_planners()
    return list(Message.objects.values_list("to", flat=True))


def test_planner_is_written_to_once(interview):
    User.objects.create_user("recruiter", "recruiter@example.com")
    assert [told(), told()] == [["recruiter@example.com"]] * 2
    message = Message.objects.get()
    assert message.subject == (
        "The clock rules of America/Edmonton changed: move or keep an interview?"
    )
    assert (
        message.text
        == f"""\
An interview was planned for Tuesday, 15 December 2026, 10:00 in America/Edmonton.

It currently begins at:   11:00 (UTC-06:00), which is 17:00 UTC
The agreed time would be: 10:00 (UTC-06:00), which is 16:00 UTC

Nothing moves by itself. Please move it or keep it:
https://tests.example.com/interviews/{interview.id}/

Rules of time zones change now and then. This server has those of {zone_data.VERSION}.
"""
    )
    # A person's data is deleted with the interview, and this message is of none.
    assert (message.interview_id, interview.candidate_name in message.text) == ("", False)


def test_next_zone_data_is_written_about_again(interview, monkeypatch):
    told()
    monkeypatch.setattr(zone_data, "VERSION", "2027a")
    assert told() == ["ops@example.com"] * 2
    assert fresh(interview).zone_notice == "2027a"


@pytest.mark.parametrize(
    "user", [{}, {"email": ""}, {"email": "a@example.com", "is_active": False}]
)
def test_administrators_are_written_to_if_the_planner_cannot_be(interview, user):
    if user:
        User.objects.create_user("recruiter", **user)
    assert told() == ["ops@example.com"]


def test_last_day_is_urgent(interview):
    with time_machine.travel("2026-12-14T17:00Z", tick=False):
        told()
    assert "It begins in less than 24 hours." in Message.objects.get().text


def test_nobody_is_written_to_without_a_reason(interview, schedule):
    schedule()
    actions.move_to_reading(interview, planned=BEFORE, reading=TODAY, by="recruiter")
    assert told() == []


@pytest.mark.parametrize("missing", [{"MAIL_IS_ON": False}, {"ADMINS": []}])
def test_what_could_not_be_told_is_told_later(interview, settings, missing):
    usual = {name: getattr(settings, name) for name in missing}
    for name, value in missing.items():
        setattr(settings, name, value)
    assert told() == []
    for name, value in usual.items():
        setattr(settings, name, value)
    assert told() == ["ops@example.com"]


def test_only_one_of_two_workers_writes(interview, monkeypatch):
    monkeypatch.setattr(type(interview), "record_zone_notice", lambda *_: False)
    assert told() == []


def test_interview_that_fails_does_not_stop_the_next(interview, schedule, monkeypatch):
    other = planned_by_earlier_rules(schedule)
    get = zone_changes.queries.get_interview

    def fail_for_one(id_):
        if id_ == other.id:
            raise RuntimeError
        return get(id_)

    monkeypatch.setattr(zone_changes.queries, "get_interview", fail_for_one)
    assert told() == ["ops@example.com"]
