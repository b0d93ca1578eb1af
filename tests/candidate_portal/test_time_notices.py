"""The page shows notices of time changes, and reports that it has shown them."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import EndReason, Status
from interviews.schemas.invitations import InvitationEdit
from interviews.timeline import TimelineEvent
from operations import actions
from tests.conftest import fresh, run_until_idle

KINDS = ["take-home", "interview"]


@pytest.fixture(params=KINDS)
def changed(request, take_home, schedule):
    """A take-home test or a live interview with 15 more minutes: its URL and the row."""
    interview = take_home if request.param == "take-home" else schedule()
    actions.extend(interview, 15, by="boss")
    return f"/{request.param}/{interview.passcode}/", fresh(interview)


def body_of(client, interview, kind="take-home"):
    return client.get(f"/{kind}/{interview.passcode}/", headers={"HX-Request": "true"}).text


def text(body):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip())


def notices(body):
    return [text(found) for found in re.findall(r"<p data-number[^>]*>(.*?)</p>", body, re.S)]


def so_now(body):
    return [text(found) for found in re.findall(r"<p data-now-so>(.*?)</p>", body, re.S)]


def test_page_without_changes_has_no_notice(client, running):
    body = body_of(client, running)
    assert (notices(body), "data-seen" in body) == ([], False)


def test_more_time_while_running_shows_the_new_end(client, running):
    ends = running.auto_destroy_at + timedelta(minutes=15)
    actions.extend(running, 15, by="boss")
    body = body_of(client, running)
    assert notices(body) == ["You've been given 15 minutes more."]
    assert f'data-deadline="{int(ends.timestamp() * 1000)}"' in body
    assert re.findall(r'now ends at\s+<time datetime="([^"]*)"', body) == [ends.isoformat()]


def test_less_time_is_shown(client, running):
    actions.extend(running, -1, by="boss")
    assert notices(body_of(client, running)) == ["Your test was shortened by 1 minute."]


def test_more_time_before_the_start_shows_the_new_length(client, take_home):
    actions.extend(take_home, 15, by="boss")
    body = body_of(client, take_home)
    assert so_now(body) == ["You now have 1 hour 15 minutes."]
    assert "From then on you have 1 hour 15 minutes" in text(body)


def test_allowance_is_part_of_the_length(client, invite):
    interview = invite(duration_minutes=60, allowance_percent=50)
    assert "1 hour 30 minutes" in text(body_of(client, interview))
    answer = client.get(f"/api/interviews/by-passcode/{interview.passcode}").json()
    assert (answer["durationMinutes"], answer["lengthMinutes"]) == (60, 90)


def test_only_the_last_changes_are_shown_oldest_first(client, running):
    for minutes in (1, 2, 3, 4):
        actions.extend(fresh(running), minutes, by="boss")
    assert notices(body_of(client, running)) == [
        f"You've been given {minutes} minutes more." for minutes in (2, 3, 4)
    ]


def test_change_is_shown_until_seen_and_ten_minutes_after(client, take_home):
    actions.extend(take_home, 15, by="boss")
    with time_machine.travel(now() + timedelta(hours=3), tick=False):
        assert len(notices(body_of(client, take_home))) == 1
        actions.mark_time_changes_seen(fresh(take_home), 1)
        assert notices(body_of(client, take_home)) == []
    assert len(notices(body_of(client, take_home))) == 1


def test_receipt_does_not_change_the_page_version(client, take_home):
    def version():
        return re.findall(r'data-version="(\w+)"', body_of(client, take_home))

    actions.extend(take_home, 15, by="boss")
    first = version()
    actions.mark_time_changes_seen(fresh(take_home), 1)
    assert version() == first


def test_paused_clock_shows_the_time_left(client, running):
    running.change_time(paused_at=now(), paused_left=754, restarting=True)
    body = body_of(client, running)
    assert 'data-left="754000"' in body
    assert "data-deadline" not in body
    assert "Your workspace is restarting and the clock is paused" in text(body)
    answer = client.get(f"/api/interviews/by-passcode/{running.passcode}").json()
    assert (answer["autoDestroyAt"], answer["pausedAt"] is not None) == (None, True)


def test_credit_is_shown(client, running):
    running.change_time(by="schedule", what=TimelineEvent.CREDITED, seconds=125)
    assert notices(body_of(client, running)) == [
        "Your workspace didn't respond for 2 minutes 5 seconds. You got that time back."
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_until": "+9 days"}, "The deadline to start your test has changed."),
        ({"duration_minutes": 90}, "The time limit of your test has changed."),
        ({"allowance_percent": 25}, "The time limit of your test has changed."),
        ({"candidate_name": "Ada King", "custom_instructions": "Bring tea."}, ""),
    ],
)
def test_edit_of_the_time_is_shown(client, take_home, fields, words):
    if "valid_until" in fields:
        fields = {"valid_until": now() + timedelta(days=9)}
    actions.edit_invitation(take_home, InvitationEdit(**fields), by="boss")
    shown = " ".join(notices(body_of(client, take_home)))
    assert shown.startswith(words) and bool(shown) is bool(words)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"at": timedelta(days=9)}, "Your interview was moved. This page shows the new time."),
        ({"at": timedelta(days=9), "minutes": 30}, "Your interview was moved."),
        ({"minutes": 30}, "The length of your interview has changed."),
    ],
)
def test_move_is_shown(client, schedule, how, words):
    interview = schedule()
    at = {"at": interview.scheduled_at + how["at"]} if "at" in how else {}
    actions.reschedule(interview, by="boss", **how | at)
    (shown,) = notices(body_of(client, interview, "interview"))
    assert shown.startswith(words)


def test_reopening_is_shown_without_earlier_changes(client, running):
    actions.extend(running, 15, by="boss")
    actions.end(fresh(running), by="boss", reason=EndReason.ENDED_BY_STAFF)
    over = run_until_idle(running)
    assert notices(body_of(client, over)) == []
    actions.reopen(over, 30, by="boss")
    body = body_of(client, over)
    assert notices(body) == ["Your test was reopened for 30 minutes with your saved files."]
    assert "Your saved files will be in it." in text(body)
    run_until_idle(over)
    assert 'data-minutes="30"' in body_of(client, over)


def test_archive_of_an_earlier_opening_does_not_count_as_saved(client, running):
    actions.end(running, by="boss", reason=EndReason.ENDED_BY_STAFF)
    over = run_until_idle(running)
    actions.reopen(over, 30, by="boss")
    run_until_idle(over)
    actions.end(fresh(over), by="boss", reason=EndReason.ENDED_BY_STAFF)
    assert re.findall(r'aria-current="step">([^<]*)<', body_of(client, over)) == [
        "Saving your files"
    ]


def test_wait_is_counted_from_the_start_not_from_a_change(client, interview_in):
    began = now() - timedelta(minutes=3)
    interview = interview_in(
        Status.ACTIVATED,
        timeline=[
            TimelineEntry(status="activated", at=began, by="candidate"),
            TimelineEntry(status="activated", at=now(), by="boss", what="extended", seconds=60),
        ],
    )
    assert f'data-since="{began.isoformat()}"' in body_of(client, interview)


def test_page_subscribes_unless_nothing_can_change_any_more(client, interview_in):
    over = [Status.COMPLETED, Status.EXPIRED, Status.REVOKED, Status.CANCELLED]
    found = {status: "data-final" in body_of(client, interview_in(status)) for status in over}
    may_come_back = dict.fromkeys([Status.COMPLETED, Status.EXPIRED], False)
    assert found == dict.fromkeys(over, True) | may_come_back


# -- the receipt ---------------------------------------------------------------------------------


def test_page_has_the_number_of_the_change(client, changed):
    path, _ = changed
    body = client.get(path).text
    assert '<form method="post" action="seen" data-seen="0" hidden>' in body
    assert '<input type="hidden" name="number" value="1">' in body


def test_receipt_is_recorded(client, changed):
    path, interview = changed
    answer = client.post(f"{path}seen", {"number": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert fresh(interview).time_changes_seen == 1


def test_receipt_of_an_unknown_change_is_not_recorded(client, changed):
    path, interview = changed
    for number in ("0", "2", "999999999"):
        assert client.post(f"{path}seen", {"number": number}).status_code == 204
    assert fresh(interview).time_changes_seen is None


@pytest.mark.parametrize("number", ["", "x", "-1", "1.0", "²", "9" * 5000])
def test_invalid_receipt_is_refused(client, changed, number):
    path, interview = changed
    assert client.post(f"{path}seen", {"number": number}).status_code == 422
    assert fresh(interview).time_changes_seen is None


def test_receipt_of_an_older_page_is_ignored(client, changed):
    path, interview = changed
    actions.extend(interview, 15, by="boss")
    for number in ("2", "1"):
        client.post(f"{path}seen", {"number": number})
    assert fresh(interview).time_changes_seen == 2


def test_receipt_publishes_an_event_for_staff(client, changed, stream):
    path, interview = changed
    before = len(stream.events_named("interview"))
    client.post(f"{path}seen", {"number": "1"})
    client.post(f"{path}seen", {"number": "1"})
    said = stream.events_named("interview")[before:]
    assert [each["interviewId"] for each in said] == [interview.id]


def test_receipt_with_a_wrong_passcode_records_nothing(client, changed):
    path, interview = changed
    kind = path.split("/")[1]
    other = next(each for each in KINDS if each != kind)
    for wrong in (f"/{kind}/YYYYYYYY/seen", f"/{other}/{interview.passcode}/seen"):
        assert client.post(wrong, {"number": "1"}).status_code == 404
    assert fresh(interview).time_changes_seen is None


def test_receipt_without_csrf_token_is_refused(changed):
    path, interview = changed
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path}seen", {"number": "1"}).status_code == 403
    token = re.findall(r'data-seen="0" hidden><input[^>]*value="(\w+)"', strict.get(path).text)
    answer = strict.post(f"{path}seen", {"number": "1", "csrfmiddlewaretoken": token[0]})
    assert answer.status_code == 204
    assert fresh(interview).time_changes_seen == 1


def test_get_is_not_allowed(client, changed):
    path, _ = changed
    assert client.get(f"{path}seen").status_code == 405
