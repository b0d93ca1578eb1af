"""The list of each status, and when an interview is due."""

from datetime import timedelta

from interviews.derived_keys import due_at_of, list_key_of
from interviews.dynamodb import now
from interviews.lifecycle import STARTED, Status


def test_take_home_is_never_listed_with_live_interviews():
    assert {list_key_of("take-home", status) for status in Status} == {
        "take-home",
        "take-home-ended",
    }
    assert {list_key_of("regular", status) for status in Status} == {"regular", "regular-ended"}


def test_due_at_per_status():
    soon, later = now(), now() + timedelta(hours=1)
    row = {"valid_until": soon, "auto_destroy_at": later, "scheduled_at": later}
    # The old portal ends the workspaces that it started.
    assert {due_at_of(status, row) for status in STARTED} == {None}
    row["provisioner"] = "fake"
    assert {status: due_at_of(status, row) for status in Status} == {
        Status.SCHEDULED: later - timedelta(minutes=5),
        Status.AVAILABLE: soon,
        Status.ACTIVATED: later,
        Status.INITIALIZING: later,
        Status.CONFIGURING: later,
        Status.ACTIVE: later,
        Status.ERROR: later,
        Status.DESTROYING: None,
        Status.COMPLETED: None,
        Status.EXPIRED: None,
        Status.REVOKED: None,
        Status.CANCELLED: None,
    }
