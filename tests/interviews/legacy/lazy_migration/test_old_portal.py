"""Old rows that the old portal starts, ends or changes meanwhile."""

from datetime import timedelta

import pytest

from interviews import queries
from interviews.dynamodb import now
from interviews.legacy import lazy_migration
from interviews.legacy.mapping import is_migrated
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview, StaleWriteError
from operations import (
    actions,
    health_watch,
    models,
    operation_log,
    reconciler,
)
from operations.worker import runner
from tests import legacy_rows
from tests.conftest import fresh, operation_of, run_until_idle
from tests.interviews.legacy.conftest import client, everything, keep

pytestmark = pytest.mark.usefixtures("old_table")


def test_running_test_of_the_old_portal_is_shown_and_left_to_it(engine):
    code = everything()["running"]
    found = queries.get_by_passcode(code)
    assert (found.access_url, found.password) == (
        "http://takehome-1700000000001-abcd1.example.com/",
        "editor-password",
    )
    ends = found.auto_destroy_at
    actions.extend(found, 30, by="recruiter")
    later = fresh(found)
    assert (later.auto_destroy_at, later.due_at) == (
        ends + timedelta(minutes=30),
        None,
    )
    reconciler.run_due()
    health_watch.check_all()
    health_watch.check_health(found.id)
    assert fresh(found).state is Status.ACTIVE
    assert (engine.provisioned, engine.destroyed) == ([], [])


@pytest.mark.parametrize("kind", ["running", "starting", "ending", "failed"])
def test_end_of_a_test_of_the_old_portal_reports_no_archive(kind, engine):
    found = queries.get_by_passcode(everything()[kind])
    actions.end(found, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    operation = operation_of(found)
    ended = run_until_idle(found)
    assert (ended.state, ended.destroyed_at, ended.access_url, ended.password) == (
        Status.COMPLETED,
        None,
        None,
        None,
    )
    assert (engine.destroyed, ended.is_saved) == ([], False)
    said = [line.message for line in operation_log.OperationLog.query(operation.id)]
    assert [line for line in said if "wasn't started by this platform" in line] == said[-1:]
    assert "is gone" not in "".join(said)


def test_reconciler_never_restarts_what_the_old_portal_is_starting(engine):
    everything()
    keep(*legacy_rows.every_interview(now()).values())
    health_watch.check_all()
    assert list(models.Operation.scan()) == []


def test_failed_test_of_the_old_portal_is_retried_here(engine):
    found = queries.get_by_passcode(everything()["failed"])
    runner.run_operation(actions.retry(found, by="recruiter"))
    assert (fresh(found).state, engine.provisioned) == (Status.ACTIVE, [found.id])


def test_old_scheduled_interview_is_started_unless_the_old_portal_did(engine):
    soon = legacy_rows.seconds(now() + timedelta(minutes=4))
    due = legacy_rows.seconds(now() + timedelta(minutes=2))
    common = {"accessUrl": None, "password": None, "status": {"S": "scheduled"}, "at": now()}
    keep(
        legacy_rows.interview("aB3dE5gH", scheduledAt={"N": soon}, **common),
        legacy_rows.interview("bB3dE5gH", scheduledAt={"N": due}, **common),
    )
    reconciler.run_due()
    assert [queries.get_interview(f"{letter}B3dE5gH").state for letter in "ab"] == [
        Status.SCHEDULED,
        Status.ACTIVATED,
    ]
    runner.run_operation(operation_of(queries.get_interview("bB3dE5gH")).id)
    assert engine.provisioned == ["bB3dE5gH"]
    listed = queries.list_page("regular").items
    assert sorted(one.id for one in listed) == ["aB3dE5gH", "bB3dE5gH"]


def test_migrated_row_that_the_old_portal_closed_is_over(running):
    client().update_item(
        TableName="interviews",
        Key={"id": {"S": running.id}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "destroyed"}},
    )
    found = fresh(running)
    assert (found.state, queries.get_by_passcode(running.passcode).state) == (Status.COMPLETED,) * 2
    assert queries.list_page("take-home").items == []
    assert [one.id for one in queries.list_page("take-home-ended").items] == [running.id]
    lazy_migration.migrate_on_write(found)
    assert [one.id for one in queries.list_page("take-home-ended").items] == [running.id]


def test_old_row_that_changed_since_it_was_read_is_not_migrated():
    keep(legacy_rows.interview("aB3dE5gH", at=now()))
    found = queries.get_interview("aB3dE5gH")
    keep(legacy_rows.interview("aB3dE5gH", at=now(), status={"S": "destroying"}))
    with pytest.raises(StaleWriteError):
        lazy_migration.migrate_on_write(found)
    assert queries.get_interview("aB3dE5gH").state is Status.DESTROYING
    lazy_migration.migrate_on_write(queries.get_interview("aB3dE5gH"))
    assert is_migrated(Interview.get("aB3dE5gH"))
