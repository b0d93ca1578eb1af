"""The first write to an old row migrates it."""

from datetime import timedelta

import pytest

from interviews import outbox, queries
from interviews.dynamodb import now
from interviews.legacy import ids, lazy_migration
from interviews.legacy.lazy_migration import Outcome
from interviews.legacy.mapping import is_migrated
from interviews.legacy.models import Takehome, UnreadableRowError
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination.history import Filters
from interviews.search import lookup
from operations import (
    actions,
    models,
    reconciler,
    retention,
)
from operations.exceptions import WrongStateError
from operations.worker import runner
from tests import legacy_rows
from tests.conftest import fresh
from tests.interviews.legacy.conftest import client, everything, keep, old_row

pytestmark = pytest.mark.usefixtures("old_table")
CODE = legacy_rows.passcode(77)
OLD_ID = "takehome-1700000000001-abcd1"


@pytest.fixture
def invitation() -> Interview:
    """Write an invitation of the old portal, and return its interview."""
    keep(legacy_rows.take_home(CODE, at=now(), score={"N": "12.5"}))
    found = queries.get_by_passcode(CODE)
    assert found is not None
    return found


def ours() -> list[Interview]:
    return list(Interview.scan())


def test_reading_writes_nothing(invitation):
    queries.list_page("take-home")
    queries.get_interview(invitation.id)
    assert ours() == []
    assert old_row(CODE) == legacy_rows.take_home(CODE, at=now(), score={"N": "12.5"}) | {
        name: old_row(CODE)[name] for name in ("createdAt", "validUntil", "ttl")
    }


def test_start_migrates_the_row_and_continues(invitation, engine):
    runner.run_operation(actions.activate(invitation, by="candidate"))
    found = queries.get_by_passcode(CODE)
    assert [one.id for one in ours()] == [invitation.id] == [found.id]
    assert (found.state, found.provisioner, found.on_first_write) == (Status.ACTIVE, "fake", None)
    assert engine.provisioned == [invitation.id]
    assert [moment.status for moment in found.timeline] == [
        "available",
        "activated",
        "initializing",
        "configuring",
        "active",
    ]
    assert found.legacy_attributes == {"score": {"N": "12.5"}}
    assert (found.candidate_name, found.custom_instructions, int(found.duration_minutes)) == (
        f"Ada {CODE}",
        "Think aloud in NOTES.md.",
        60,
    )


def test_old_portal_sees_it_as_started_and_complete(invitation):
    before = old_row(CODE)
    actions.activate(invitation, by="candidate")
    assert old_row(CODE) == before | {
        "status": {"S": "activated"},
        "interviewId": {"S": invitation.id},
    }


def test_migrated_row_is_listed_once_and_searchable(invitation):
    actions.extend(invitation, 15, by="recruiter")
    assert [one.id for one in queries.list_page("take-home").items] == [invitation.id]
    assert [one.id for one in lookup.search_page("ada", Filters()).items] == [invitation.id]
    assert fresh(invitation).length == timedelta(minutes=75)


def test_only_changes_after_the_migration_are_relayed(invitation):
    actions.activate(invitation, by="candidate")
    assert [change.status for change in outbox.pending_changes(fresh(invitation))] == ["activated"]


@pytest.mark.parametrize("kind", ["available", "available, unknown attributes"])
def test_old_invitation_can_be_revoked(kind):
    code = everything()[kind]
    found = queries.get_by_passcode(code)
    assert actions.revoke(found, by="recruiter") is None
    assert (fresh(found).state, queries.get_by_passcode(code).state) == (Status.REVOKED,) * 2


def test_invitation_that_expired_meanwhile_is_not_started():
    keep(legacy_rows.take_home(CODE, at=now()))
    seen = queries.get_by_passcode(CODE)
    past = now() - timedelta(seconds=5)
    keep(legacy_rows.take_home(CODE, at=now(), validUntil={"S": legacy_rows.iso(past)}))
    with pytest.raises(WrongStateError, match="expired"):
        actions.activate(seen, by="candidate")
    assert [one.state for one in ours()] == [Status.EXPIRED]


def test_interview_of_the_old_portal_counts_if_it_was_first(invitation, engine):
    keep(
        legacy_rows.activated(CODE, OLD_ID, at=now()),
        legacy_rows.interview(OLD_ID, at=now()),
    )
    with pytest.raises(WrongStateError, match="already running"):
        actions.activate(invitation, by="candidate")
    assert [one.id for one in ours()] == [OLD_ID]
    assert not list(models.Operation.scan())
    assert (engine.provisioned, invitation.id) == ([], OLD_ID)
    # A page that still shows the invitation must work.
    assert queries.get_interview(ids.id_for_passcode(CODE)).id == OLD_ID


def test_row_that_the_old_portal_is_starting_is_left_alone(invitation):
    keep(legacy_rows.activated(CODE, OLD_ID, at=now(), activatedAt={"S": legacy_rows.iso(now())}))
    before = old_row(CODE)
    with pytest.raises(WrongStateError):
        actions.activate(invitation, by="candidate")
    assert lazy_migration.copy_takehome(Takehome.get(CODE)) is Outcome.DEFERRED
    assert (ours(), old_row(CODE)) == ([], before)


def test_each_kind_is_copied_once_as_read():
    codes = everything()
    read = {code: queries.get_by_passcode(code) for code in codes.values()}
    outcomes = {
        kind: lazy_migration.copy_takehome(Takehome.get(code)) for kind, code in codes.items()
    }
    joined = {
        "revoked after the start",
        "running",
        "starting",
        "ending",
        "ended by itself",
        "failed",
        "completed",
    }
    assert outcomes == {
        kind: Outcome.JOINED if kind in joined else Outcome.COPIED for kind in codes
    }
    for code, was in read.items():
        found = queries.get_by_passcode(code)
        stored = found.serialize()
        del stored["writeId"]
        assert stored == was.serialize()
        assert is_migrated(found)
    rows = legacy_rows.rows(client(), "takehome")
    assert {lazy_migration.copy_takehome(Takehome.get(code)) for code in codes.values()} == {
        Outcome.ALREADY_MIGRATED
    }
    assert legacy_rows.rows(client(), "takehome") == rows
    assert {row["status"]["S"] for row in rows} == {"activated", "completed", "revoked"}


def test_unreadable_row_is_refused_without_a_write():
    bad = legacy_rows.unreadable(now())
    keep(*bad.values())
    for row in bad.values():
        with pytest.raises(UnreadableRowError) as refused:
            lazy_migration.copy_takehome(Takehome.get(row["passcode"]["S"]))
        assert row["passcode"]["S"] not in str(refused.value)
        assert old_row(row["passcode"]["S"]) == row
    assert ours() == []


def test_interrupted_migration_is_readable_and_finished_by_the_reconciler(invitation):
    keep(
        legacy_rows.take_home(
            CODE, at=now(), status={"S": "copying"}, interviewId={"S": invitation.id}
        )
    )
    assert queries.get_by_passcode(CODE).state is Status.AVAILABLE
    assert [one.id for one in queries.list_page("take-home").items] == [invitation.id]
    reconciler.run_due()
    assert [(one.id, one.state) for one in ours()] == [(invitation.id, Status.AVAILABLE)]
    assert old_row(CODE)["status"] == {"S": "activated"}


@pytest.mark.django_db
def test_deleted_interview_does_not_come_back(invitation):
    actions.revoke(invitation, by="recruiter")
    retention.delete_interview(fresh(invitation), by="recruiter")
    assert queries.get_by_passcode(CODE) is None
    assert legacy_rows.rows(client(), "takehome") == []
    assert lookup.search_page("ada", Filters()).items == []


@pytest.mark.django_db
def test_ended_old_interview_can_be_deleted():
    code = everything()["ended by itself"]
    retention.delete_interview(queries.get_by_passcode(code), by="recruiter")
    assert queries.get_by_passcode(code) is None
    assert queries.get_interview("takehome-1700000000004-abcd4") is None
