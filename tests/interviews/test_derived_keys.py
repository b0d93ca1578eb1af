"""Where each status is listed, and when something must happen to it."""

from datetime import timedelta

from interviews.derived_keys import due_at_of, list_key_of
from interviews.dynamodb import now
from interviews.lifecycle import STARTED, Status


def test_a_take_home_never_lists_among_live_interviews():
    assert {list_key_of("take-home", status) for status in Status} == {
        "take-home",
        "take-home-ended",
    }
    assert {list_key_of("regular", status) for status in Status} == {"regular", "regular-ended"}


def test_due_is_the_moment_at_which_something_happens_without_a_click():
    soon, later = now(), now() + timedelta(hours=1)
    row = {"valid_until": soon, "auto_destroy_at": later, "scheduled_at": later}
    # What another portal started is ended there.
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
