"""A candidate who practises before the start."""

from collections.abc import Callable

import pytest

from interviews.models import Interview
from operations import actions, practice
from tests.conftest import fresh, run_until_idle
from tests.fakes import FakeProvisioner


@pytest.fixture
def practise(engine: FakeProvisioner) -> Callable[[Interview], Interview]:
    """Call it to start a practice workspace of the interview, and to run it until it answers."""

    def call(interview: Interview) -> Interview:
        actions.start_practice(fresh(interview))
        return run_until_idle(practice.practices_of(interview.id)[-1])

    return call


@pytest.fixture
def practising(practise: Callable[[Interview], Interview], take_home: Interview) -> Interview:
    """The running practice workspace of `take_home`."""
    return practise(take_home)


def ended(row: Interview) -> Interview:
    """The practice workspace after its end, which it is in already."""
    assert fresh(row).state == "destroying"
    return run_until_idle(row)
