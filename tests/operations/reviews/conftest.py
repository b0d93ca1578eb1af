"""A submission, and somebody who reviews it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from dashboard.permissions.roles import REVIEWER
from interviews.models import Interview
from tests.conftest import member
from tests.reviewing import CRITERIA, finish, set_criteria


@pytest.fixture
def submission(invite: Callable[..., Interview]) -> Interview:
    interview = invite()
    set_criteria(*CRITERIA)
    return finish(interview)


@pytest.fixture
def rita() -> User:
    return member("rita", REVIEWER)
