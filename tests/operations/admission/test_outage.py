"""Starts in line whose time is over, while the SQL database gives no answer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError

from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import deadlines, reconciler
from tests.conftest import fresh, make_due
from tests.operations.admission.conftest import look, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_outage_before(monkeypatch) -> None:
    monkeypatch.setattr(deadlines, "_line_outage", deadlines._LineOutage())


class Outage:
    """The table of places gives no answer; `asked` counts the questions."""

    def __init__(self) -> None:
        self.asked = 0
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(deadlines, "_waits_or_just_waited", self._fail)

    def _fail(self, _: Interview) -> bool:
        self.asked += 1
        raise OperationalError

    def end(self) -> None:
        self._patch.undo()


@pytest.fixture
def outage() -> Iterator[Outage]:
    outage = Outage()
    yield outage
    outage.end()


@pytest.fixture
def overdue(started):
    """A test that runs and three starts in line, and the time of all is over."""
    tests = started(1, 4)
    for each in tests:
        make_due(fresh(each))
    return tests


def test_nobody_in_line_fails_and_the_others_go_on(overdue, outage):
    reconciler.run_due()
    assert statuses(*overdue) == ["destroying", "activated", "activated", "activated"]


def test_an_outage_is_one_line_and_one_question(overdue, outage, caplog):
    reconciler.run_due()
    reconciler.run_due()
    assert caplog.text.count("places_unknown") == outage.asked == 1
    assert "due_item_failed" not in caplog.text
    assert "Traceback" not in caplog.text


def test_after_the_outage_those_in_line_have_more_time(overdue, outage, monkeypatch):
    monkeypatch.setattr(deadlines, "LINE_RETRY_DELAY", 0.0)
    reconciler.run_due()
    outage.end()
    reconciler.run_due()
    for each in overdue[1:]:
        row = fresh(each)
        assert row.state is Status.ACTIVATED
        assert row.auto_destroy_at > now() + timedelta(minutes=60)


def test_a_start_without_a_limit_asks_nobody(invite, engine, set_limit, outage):
    from operations import actions

    set_limit(0)
    interview = invite()
    actions.activate(interview, by="candidate")
    make_due(fresh(interview))
    reconciler.run_due()
    assert outage.asked == 0
    assert look(interview).state is Status.ERROR
