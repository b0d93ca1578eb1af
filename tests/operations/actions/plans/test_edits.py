"""Editing an invitation."""

from datetime import timedelta

import pytest
import time_machine

from interviews import queries
from interviews.attributes import DRY_RUN
from interviews.dynamodb import now
from interviews.models import Interview, StaleWriteError
from interviews.search import lookup
from interviews.search.index import terms_ttl
from operations import actions, reconciler
from operations.actions.plans import edits
from operations.exceptions import InvalidInputError, WrongStateError
from operations.queue import enqueue
from tests.conftest import fresh, run_until_idle
from tests.operations.actions.plans.planning import edit, move

pytestmark = pytest.mark.usefixtures("december_2026")


def found_by(text):
    return [each.id for each in lookup.search_page(text, lookup.Filters()).items]


def test_every_field_of_an_invitation_can_be_edited(take_home, other_challenge):
    deadline = now() + timedelta(days=20)
    row = edit(
        take_home,
        candidate_name="Ada King",
        candidate_email="king@example.com",
        challenge=other_challenge,
        duration_minutes=120,
        allowance_percent=25,
        custom_instructions="Bring tea.",
        valid_until=deadline,
    )
    assert (row.candidate_name, row.candidate_email) == ("Ada King", "king@example.com")
    assert (row.challenge, row.challenge_version) == ("sorting", 1)
    assert row.length == timedelta(minutes=150)
    assert row.custom_instructions == "Bring tea."
    assert row.valid_until == row.due_at == deadline
    assert (row.passcode, row.status) == (take_home.passcode, "available")


def test_edit_is_in_the_timeline_without_values(take_home, stream):
    stream.entries.clear()
    row = edit(take_home, candidate_name="Ada King", duration_minutes=90)
    last = row.timeline[-1]
    assert (last.what, last.status, last.by) == ("edited", "available", "recruiter")
    assert last.changed == ["candidateName", "durationMinutes"]
    assert "King" not in str(last.attribute_values)
    assert len(stream.events_named("interview")) == 1


def test_fields_that_are_left_out_or_equal_stay(take_home):
    before = take_home.serialize()
    assert edit(take_home, candidate_name="Ada", allowance_percent=0).serialize() == before
    assert edit(take_home).serialize() == before


def test_two_people_edit_different_fields(take_home):
    one, other = fresh(take_home), fresh(take_home)
    edit(one, duration_minutes=90)
    row = edit(other, candidate_name="Ada King")
    assert (row.candidate_name, row.duration_minutes) == ("Ada King", 90)


def test_form_that_shows_an_outdated_invitation_changes_nothing(take_home):
    seen = take_home.write_id
    edit(fresh(take_home), duration_minutes=90)
    with pytest.raises(StaleWriteError):
        edit(fresh(take_home), based_on=seen, candidate_name="Ada King")
    with pytest.raises(StaleWriteError):
        edit(take_home, based_on=seen, candidate_name="Ada King")
    assert fresh(take_home).candidate_name == "Ada"
    assert found_by("king") == []


def test_form_loses_to_a_change_that_is_written_while_it_is_saved(take_home, schedule):
    """Neither is a change of the time, of which every write takes note."""
    for interview, change in (
        (take_home, lambda row, seen: edit(row, based_on=seen, candidate_name="Ada King")),
        (schedule(), lambda row, seen: move(row, based_on=seen, minutes=30)),
    ):
        late = fresh(interview)
        edit(interview, candidate_email="king@example.com")
        before = fresh(interview).serialize()
        with pytest.raises(StaleWriteError):
            change(late, late.write_id)
        with pytest.raises(StaleWriteError):
            change(fresh(interview), "an earlier write")
        assert fresh(interview).serialize() == before


@pytest.mark.parametrize(
    ("fields", "is_time"),
    [
        ({"candidate_name": "Ada King"}, False),
        ({"custom_instructions": "Bring tea."}, False),
        ({"duration_minutes": 90}, True),
        ({"allowance_percent": 25}, True),
    ],
)
def test_only_an_edit_of_the_time_is_a_change_of_the_time(take_home, fields, is_time):
    assert bool(edit(take_home, **fields).time_changes) is is_time


def test_edit_of_the_challenge_says_so_without_its_version(take_home, other_challenge):
    assert edit(take_home, challenge=other_challenge).timeline[-1].changed == ["challenge"]


def test_no_allowance_is_no_change_on_rows_that_store_it_as_zero(take_home):
    take_home.change(allowance_percent=0)
    before = fresh(take_home).serialize()
    assert edit(fresh(take_home), allowance_percent=0).serialize() == before


def test_dry_run_is_no_invitation():
    row = Interview(type=DRY_RUN, status="scheduled")
    assert edits.reason_not_to_edit(row) == "A dry run has no invitation."


def test_start_that_read_the_time_before_the_edit_has_the_new_time(take_home, engine):
    late = fresh(take_home)
    edit(take_home, duration_minutes=90)
    actions.activate(late, by="candidate")
    # Until the workspace is ready, the start may take the whole time and its allowance.
    row = fresh(take_home)
    assert row.auto_destroy_at - row.activated_at == (
        timedelta(minutes=90) + enqueue.PROVISIONING_ALLOWANCE
    )
    row = run_until_idle(take_home)
    assert row.auto_destroy_at - row.ready_at == timedelta(minutes=90)


def test_edit_after_the_start_is_rejected(take_home, engine):
    late = fresh(take_home)
    actions.activate(take_home, by="candidate")
    with pytest.raises(WrongStateError, match="can only be edited before the start"):
        edit(late, challenge="word-count", candidate_name="Ada King")
    row = run_until_idle(take_home)
    assert (row.candidate_name, row.status) == ("Ada", "active")
    assert (found_by("king"), found_by("ada")) == ([], [take_home.id])


def test_search_finds_the_new_name_and_challenge_only(take_home, other_challenge):
    edit(take_home, candidate_name="Augusta", challenge=other_challenge)
    for text in ("augusta", "sorting"):
        assert found_by(text) == [take_home.id]
    for text in ("ada", "word"):
        assert found_by(text) == []


def test_deadline_after_which_terms_would_lapse_extends_them(schedule):
    interview = schedule()
    before = terms_ttl(interview)
    move(interview, at=now() + timedelta(days=360))
    assert terms_ttl(interview) - before >= timedelta(days=358)


def test_deadline_of_a_test_extends_its_terms(take_home):
    before = terms_ttl(take_home)
    edit(take_home, valid_until=now() + timedelta(days=29))
    assert terms_ttl(take_home) - before >= timedelta(days=20)


def test_deadline_that_is_moved_postpones_the_expiry(take_home):
    before = take_home.valid_until
    edit(take_home, valid_until=before + timedelta(days=2))
    with time_machine.travel(before + timedelta(minutes=1), tick=False):
        reconciler.run_due()
        assert fresh(take_home).status == "available"


@pytest.fixture
def expired(take_home):
    with time_machine.travel(take_home.valid_until + timedelta(seconds=1), tick=False):
        reconciler.run_due()
        yield fresh(take_home)


def test_expired_invitation_with_a_new_deadline_can_be_started(expired, engine):
    assert expired.status == "expired"
    deadline = now() + timedelta(days=3)
    row = edit(expired, valid_until=deadline)
    assert (row.status, row.list_key, row.due_at) == ("available", "take-home", deadline)
    assert (row.completed_at, row.ttl, row.time_changes) == (None, None, 1)
    assert [each.id for each in queries.list_page("take-home").items] == [row.id]
    actions.activate(row, by="candidate")
    assert run_until_idle(row).status == "active"


def test_only_the_deadline_of_an_expired_invitation_can_be_edited(expired):
    with pytest.raises(InvalidInputError, match="Only its deadline") as raised:
        edit(expired, candidate_name="Ada King", valid_until=now() + timedelta(days=3))
    assert raised.value.field == "candidate_name"
    assert fresh(expired).status == "expired"


def test_length_includes_the_time_that_staff_took(take_home):
    actions.extend(take_home, -50, by="recruiter")
    with pytest.raises(InvalidInputError, match="must be 1 minute to 24 hours") as raised:
        edit(take_home, duration_minutes=50)
    assert raised.value.field == "duration_minutes"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"duration_minutes": 480}, "duration_minutes"),
        ({"allowance_percent": 100}, "allowance_percent"),
    ],
)
def test_length_includes_the_time_that_staff_gave(take_home, fields, field):
    for _ in range(2):
        actions.extend(fresh(take_home), 480, by="recruiter")
    edit(fresh(take_home), duration_minutes=470)
    actions.extend(fresh(take_home), 9, by="recruiter")
    with pytest.raises(InvalidInputError, match="must be 1 minute to 24 hours") as raised:
        edit(fresh(take_home), **fields)
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"challenge": "nowhere"}, "challenge"),
        ({"interviewers": ["grace@example.com"]}, "interviewers"),
    ],
)
def test_field_that_does_not_fit_is_named(take_home, fields, field):
    before = take_home.serialize()
    with pytest.raises(InvalidInputError) as raised:
        edit(take_home, **fields)
    assert raised.value.field == field
    assert fresh(take_home).serialize() == before


def test_live_interview_has_no_deadline_to_edit(schedule):
    with pytest.raises(InvalidInputError, match="Reschedule the interview") as raised:
        edit(schedule(), valid_until=now() + timedelta(days=3))
    assert raised.value.field == "valid_until"


def test_interviewers_are_kept_once_and_none_are_no_attribute(schedule):
    row = edit(schedule(), interviewers=["a@example.com", "A@example.com"])
    assert (row.interviewers, row.timeline[-1].changed) == (["a@example.com"], ["interviewers"])
    assert len(edit(row, interviewers=["a@example.com"]).timeline) == 2
    assert edit(row, interviewers=[]).interviewers is None


def test_candidate_is_not_named_as_an_interviewer_of_their_own(schedule):
    row = edit(schedule(), candidate_email="ada@example.com")
    for fields in ({}, {"candidate_email": "Ada@Example.com"}):
        with pytest.raises(InvalidInputError) as refusal:
            edit(row, interviewers=["ADA@example.com"], **fields)
        assert refusal.value.field == "interviewers"
    row = edit(row, interviewers=["ada@example.com"], candidate_email="new@example.com")
    assert row.interviewers == ["ada@example.com"]


def test_edit_of_interviewers_does_not_undo_one_that_came_between(schedule):
    seen = schedule(interviewers=["a@example.com"])
    edit(fresh(seen), interviewers=["a@example.com", "b@example.com"])
    with pytest.raises(StaleWriteError):
        edit(fresh(seen), based_on=seen.write_id, interviewers=["c@example.com"])
    assert fresh(seen).interviewers == ["a@example.com", "b@example.com"]


def test_live_interview_before_its_start_can_be_edited(schedule):
    assert edit(schedule(), candidate_name="Grace").candidate_name == "Grace"


def test_edit_of_a_deleted_invitation_leaves_no_search_term(take_home, monkeypatch):
    def deleted(*args):
        Interview(take_home.id).delete()
        raise StaleWriteError(take_home.id)

    monkeypatch.setattr(edits, "_write_edit", deleted)
    with pytest.raises(WrongStateError, match="deleted"):
        edit(take_home, candidate_name="Augusta")
    assert terms_ttl(take_home) is None
