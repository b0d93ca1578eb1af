"""UNIFIED_TAKEHOMES=false: the old portal can read new take-home tests, and no data is lost."""

from datetime import timedelta

import pytest

from interviews import outbox, queries
from interviews.dynamodb import now
from interviews.legacy import ids
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination.history import Filters
from interviews.schemas.invitations import TakeHomeInvitation
from interviews.search import lookup
from operations import actions
from operations.exceptions import IdempotencyKeyReusedError
from operations.worker import runner
from tests import legacy_rows
from tests.conftest import fresh
from tests.interviews.legacy.conftest import client, keep, old_row

pytestmark = pytest.mark.usefixtures("old_table", "off")


@pytest.fixture
def off(settings):
    settings.UNIFIED_TAKEHOMES = False


def test_new_take_home_is_an_old_row_in_its_exact_format(invite):
    made = invite(custom_instructions="", valid_days=3)
    until = made.created_at + timedelta(days=3)
    assert list(Interview.scan()) == []
    assert legacy_rows.rows(client(), "takehome") == [
        {
            "passcode": {"S": made.passcode},
            "candidateName": {"S": "Ada"},
            "challenge": {"S": "word-count"},
            "customInstructions": {"S": ""},
            "status": {"S": "active"},
            "validUntil": {"S": legacy_rows.iso(until)},
            "createdAt": {"S": legacy_rows.iso(made.created_at)},
            "durationMinutes": {"N": "60"},
            "ttl": {"N": legacy_rows.seconds(until + timedelta(days=30))},
            "createdBy": {"S": "recruiter"},
            # Additive attributes, which the old portal leaves alone.
            "unifiedId": {"S": made.id},
            "challengeVersion": {"N": "1"},
        }
    ]
    assert old_row(made.passcode)["createdAt"]["S"].endswith(".000Z")


def test_it_is_found_listed_and_searched_once_under_its_id(invite):
    made = invite(candidate_name="Grace Hopper")
    assert queries.get_interview(made.id).serialize() == made.serialize()
    assert queries.get_by_passcode(made.passcode).id == made.id
    assert [one.id for one in queries.list_page("take-home").items] == [made.id]
    for text in ("grace", made.passcode, made.id):
        assert [one.id for one in lookup.search_page(text, Filters()).items] == [made.id]


def test_passcode_cannot_be_derived_without_the_key(invite, settings):
    made = invite()
    assert made.passcode == ids.derive_passcode(made.id)
    settings.SECRET_KEY = "another-" * 5
    assert made.passcode != ids.derive_passcode(made.id)


def test_start_migrates_it_and_relays_all_changes(invite, engine):
    made = invite(candidate_email="ada@example.com")
    runner.run_operation(actions.activate(queries.get_by_passcode(made.passcode), by="candidate"))
    found = fresh(made)
    assert (found.state, found.candidate_email) == (Status.ACTIVE, "ada@example.com")
    assert [change.status for change in outbox.pending_changes(found)][:2] == [
        "available",
        "activated",
    ]
    assert old_row(made.passcode)["status"] == {"S": "activated"}


def test_allowance_counts_in_both_portals(invite):
    made = invite(allowance_percent=25)
    row = old_row(made.passcode)
    assert (row["durationMinutes"], row["baseMinutes"]) == ({"N": "75"}, {"N": "60"})
    found = fresh(made)
    assert (int(found.duration_minutes), int(found.allowance_percent)) == (60, 25)
    assert found.length == timedelta(minutes=75)


def test_repeated_request_creates_one(challenge, settings):
    invitation = TakeHomeInvitation(candidate_name="Ada", challenge=challenge.id)
    key = {"by": "recruiter", "id_": "takehome-of-a-key", "request_digest": "a"}
    made = actions.invite(invitation, **key)
    assert actions.invite(invitation, **key).passcode == made.passcode
    settings.UNIFIED_TAKEHOMES = True
    assert actions.invite(invitation, **key).passcode == made.passcode
    assert len(legacy_rows.rows(client(), "takehome")) == 1
    with pytest.raises(IdempotencyKeyReusedError):
        actions.invite(invitation, **key | {"request_digest": "b"})


def test_taken_passcode_is_written_to_the_new_table_only(challenge):
    id_ = "takehome-of-a-key"
    taken = ids.derive_passcode(id_)
    keep(legacy_rows.take_home(taken, at=now(), candidateName={"S": "Grace"}))
    invitation = TakeHomeInvitation(candidate_name="Ada", challenge=challenge.id)
    made = actions.invite(invitation, by="recruiter", id_=id_)
    assert made.passcode != taken
    assert queries.get_by_passcode(made.passcode).candidate_name == "Ada"
    assert queries.get_by_passcode(taken).candidate_name == "Grace"


def test_switching_back_and_forth_loses_nothing(invite, settings, engine):
    made = []
    for number in range(4):
        settings.UNIFIED_TAKEHOMES = number % 2 == 0
        made.append(invite(candidate_name=f"Candidate {number}"))
    for unified in (True, False):
        settings.UNIFIED_TAKEHOMES = unified
        listed = queries.list_page("take-home").items
        assert sorted(one.passcode for one in listed) == sorted(one.passcode for one in made)
        assert {queries.get_by_passcode(one.passcode).state for one in made} == {Status.AVAILABLE}
    for one in made:
        actions.activate(queries.get_by_passcode(one.passcode), by="candidate")
    assert {one.id for one in Interview.scan()} == {one.id for one in made}


def test_live_interviews_are_not_written_to_the_old_table(schedule):
    made = schedule()
    assert [one.id for one in Interview.scan()] == [made.id]
    assert legacy_rows.rows(client(), "takehome") == []
