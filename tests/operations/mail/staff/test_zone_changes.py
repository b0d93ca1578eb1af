"""Staff is written to once when the rules of an interview's zone changed."""

import pytest
import time_machine
from django.contrib.auth.models import User

from interviews.local_time import zone_data
from interviews.models import Interview
from operations import actions
from operations.mail.models import Message
from operations.mail.staff import zone_changes
from operations.management.commands.create_tables import TABLES
from tests.conftest import fresh
from tests.dynamodb.calls import before_each_call
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


def test_of_two_workers_that_read_the_same_row_one_writes(interview, monkeypatch):
    reads = [fresh(interview), fresh(interview)]
    monkeypatch.setattr(zone_changes.queries, "get_interview", lambda _: reads.pop())
    assert [told(), told()] == [["ops@example.com"]] * 2


def test_worker_that_dies_before_its_note_leaves_one_message(interview, monkeypatch):
    class KilledError(BaseException):
        """No handler catches it."""

    def die(*_):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(type(interview), "record_zone_notice", die)
        with pytest.raises(KilledError):
            told()
    assert [told(), told()] == [["ops@example.com"]] * 2
    assert fresh(interview).zone_notice == zone_data.VERSION


def test_recipients_whom_a_killed_worker_left_out_are_written_to(interview, settings):
    settings.ADMINS = [("", "ops@example.com"), ("", "night@example.com")]
    zone_changes.notify_planners()
    Message.objects.get(to="night@example.com").delete()
    Interview(interview.id).update(actions=[Interview.zone_notice.remove()])
    assert sorted(told()) == ["night@example.com", "ops@example.com"]


def test_note_whose_answer_is_lost_costs_no_message(interview, dynamodb):
    lost = []

    def write_twice(model, params, **more):
        body = params["body"].decode()
        if model.name == "UpdateItem" and zone_data.VERSION in body and not lost:
            lost.append(dynamodb.answer(model, params, **more))

    with before_each_call(write_twice, *TABLES):
        assert told() == ["ops@example.com"]
    assert lost
    assert told() == ["ops@example.com"]


def test_interview_that_fails_does_not_stop_the_next(interview, schedule, monkeypatch):
    other = planned_by_earlier_rules(schedule)
    get = zone_changes.queries.get_interview

    def fail_for_one(id_):
        if id_ == other.id:
            raise RuntimeError
        return get(id_)

    monkeypatch.setattr(zone_changes.queries, "get_interview", fail_for_one)
    assert told() == ["ops@example.com"]
