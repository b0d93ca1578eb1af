"""The complete state machine."""

import pytest

from interviews.lifecycle import (
    FINAL,
    OPEN,
    PROVISIONING,
    STARTED,
    TRANSITIONS,
    EndReason,
    IllegalTransitionError,
    check_transition,
)
from interviews.lifecycle import Status as S
from interviews.status_labels import status_label

LEGAL = {
    (S.SCHEDULED, S.ACTIVATED),
    (S.SCHEDULED, S.CANCELLED),
    (S.AVAILABLE, S.ACTIVATED),
    (S.AVAILABLE, S.EXPIRED),
    (S.AVAILABLE, S.REVOKED),
    (S.EXPIRED, S.AVAILABLE),
    (S.ACTIVATED, S.AVAILABLE),
    (S.ACTIVATED, S.INITIALIZING),
    (S.ACTIVATED, S.ERROR),
    (S.ACTIVATED, S.DESTROYING),
    (S.INITIALIZING, S.CONFIGURING),
    (S.INITIALIZING, S.ERROR),
    (S.INITIALIZING, S.DESTROYING),
    (S.CONFIGURING, S.ACTIVE),
    (S.CONFIGURING, S.ERROR),
    (S.CONFIGURING, S.DESTROYING),
    (S.ACTIVE, S.DESTROYING),
    (S.ERROR, S.ACTIVATED),
    (S.ERROR, S.DESTROYING),
    (S.DESTROYING, S.COMPLETED),
    (S.DESTROYING, S.REVOKED),
    (S.COMPLETED, S.ACTIVATED),
}


@pytest.mark.parametrize("old", S)
@pytest.mark.parametrize("new", S)
def test_check_transition_allows_only_legal_transitions(old, new):
    if (old, new) in LEGAL:
        check_transition(old, new)
    else:
        with pytest.raises(IllegalTransitionError) as raised:
            check_transition(old, new)
        assert (raised.value.old, raised.value.new) == (old, new)
        assert str(raised.value) == f"An interview that is {old} cannot become {new}."


def test_final_statuses_have_no_transition_but_reopening():
    assert {S.COMPLETED, S.EXPIRED, S.REVOKED, S.CANCELLED} == FINAL
    assert set(S) - FINAL == OPEN


def test_every_status_with_a_workspace_can_be_torn_down():
    assert {old for old, after in TRANSITIONS.items() if S.DESTROYING in after} == STARTED
    assert PROVISIONING < STARTED


def test_no_final_status_can_be_reached_from_a_started_one_without_teardown():
    for status in STARTED:
        assert TRANSITIONS[status] & FINAL == set()


def test_stored_statuses_and_their_badges_stay_as_they_are():
    assert {status.value: status_label(status) for status in S} == {
        "scheduled": "Scheduled",
        "available": "Invited",
        "activated": "Starting",
        "initializing": "Starting",
        "configuring": "Starting",
        "active": "In progress",
        "destroying": "Saving",
        "completed": "Finished",
        "expired": "Expired",
        "revoked": "Withdrawn",
        "cancelled": "Cancelled",
        "error": "Failed",
    }


def test_stored_end_reasons_stay_as_they_are():
    assert {reason.name.lower() for reason in EndReason} == {reason.value for reason in EndReason}


def test_fault_04_an_invitation_and_a_running_test_are_two_statuses():
    assert S.AVAILABLE is not S.ACTIVE
    assert S.AVAILABLE not in STARTED
    assert S.ACTIVATED not in TRANSITIONS[S.ACTIVE]
    assert S.EXPIRED not in TRANSITIONS[S.ACTIVE]
