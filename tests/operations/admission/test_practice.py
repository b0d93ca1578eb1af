"""Practice workspaces on an engine with a limit: none is offered a wait in line."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations import actions
from operations.admission import line
from operations.exceptions import WrongStateError
from operations.practice import practices_of
from tests.fakes import Broken, FakeProvisioner
from tests.operations.admission.conftest import look, press_start

pytestmark = pytest.mark.django_db


def is_refused(interview) -> bool:
    try:
        actions.start_practice(interview)
    except WrongStateError as error:
        return "All practice workspaces are in use" in str(error)
    return False


def test_there_is_none_while_all_places_are_taken(invite, engine, set_limit):
    set_limit(1)
    press_start(invite())
    test = invite()
    assert is_refused(test)
    assert not practices_of(test.id)
    set_limit(2)
    assert not is_refused(test)
    assert look(practices_of(test.id)[0]).state is Status.ACTIVE


def test_there_is_none_while_the_last_place_is_kept(invite, schedule, engine, set_limit):
    set_limit(1)
    schedule(scheduled_at=now() + timedelta(minutes=8))
    assert is_refused(invite())


def test_there_is_none_while_others_wait(invite, schedule, engine, set_limit):
    set_limit(2)
    schedule(scheduled_at=now() + timedelta(minutes=8))
    press_start(invite())
    press_start(invite())
    set_limit(3)
    assert is_refused(invite())


def test_a_failed_one_is_not_tried_again_while_all_places_are_taken(invite, use_engine, set_limit):
    set_limit(1)
    use_engine(Broken())
    test = invite()
    actions.start_practice(test)
    assert look(practices_of(test.id)[0]).state is Status.ERROR
    use_engine(FakeProvisioner())
    press_start(invite())
    assert is_refused(test)


def test_there_is_none_without_the_sql_database(invite, engine, set_limit, monkeypatch):
    def fail(_):
        raise OperationalError

    set_limit(1)
    monkeypatch.setattr(line, "places_taken", fail)
    assert is_refused(invite())
