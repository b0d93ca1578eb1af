"""The form of a scorecard."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import REVIEWER
from interviews.models import Interview
from tests.conftest import member
from tests.dashboard.views.reviews.scorecard.form import NOTE
from tests.reviewing import CRITERIA, finish, set_criteria, submit


@pytest.fixture
def submission(invite: Callable[..., Interview]) -> Interview:
    """A submission that otto has reviewed."""
    interview = invite()
    set_criteria(*CRITERIA)
    finish(interview)
    submit(interview, member("otto", REVIEWER), 4, 4, summary=NOTE)
    return interview


@pytest.fixture
def rita(client: Client) -> User:
    user = member("rita", REVIEWER)
    client.force_login(user)
    return user
