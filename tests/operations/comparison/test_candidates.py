"""The time of a candidate, and whose scores a viewer sees."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.permissions.roles import INTERVIEWER, REVIEWER
from interviews.attributes import TAKE_HOME
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.models import Interview
from operations.comparison.candidates import read_candidates, time_used
from operations.reviews import scorecards
from operations.reviews.access import Viewer
from operations.reviews.decisions import decide
from operations.reviews.schemas import DecisionInput
from tests.conftest import member
from tests.reviewing import CRITERIA, card, finish, set_criteria, submit

START = now()
MINUTE = timedelta(minutes=1)


def line(minute: int, status: str, what: str | None = None, seconds: int | None = None) -> Any:
    at: datetime = START + minute * MINUTE
    return TimelineEntry(status=status, at=at, by="x", what=what, seconds=seconds)


def row(timeline: list[Any], **fields: Any) -> Interview:
    values = {"type": TAKE_HOME, "status": "completed", "duration_minutes": 60}
    return Interview(**{**values, "timeline": timeline, **fields})


def sitting(start: int, minutes: int) -> list[Any]:
    return [line(start, "active"), line(start + minutes, "destroying")]


def test_time_is_that_of_all_sittings_without_pauses_and_with_extensions() -> None:
    pause = line(20, "active", "credited", 300)
    first = [line(0, "activated"), line(1, "active"), pause, line(31, "destroying")]
    again = [line(50, "activated", "reopened", 1200), *sitting(51, 10)]
    time = time_used(row([*first, *again], reopened=1, reopened_minutes=20, extra_seconds=300))
    assert time is not None
    # 30 minutes with a pause of 5, and 10 more; of 60, and of 20 with 5 more.
    assert (time.used, time.given) == (35 * MINUTE, 85 * MINUTE)
    assert not time.is_whole


def test_allowance_and_extension_are_part_of_the_given_time() -> None:
    for minutes, is_whole in ((90, False), (96, True)):
        events = [line(0, "activated"), *sitting(1, minutes)]
        time = time_used(row(events, allowance_percent=50, extra_seconds=360))
        assert time is not None
        assert (time.used, time.given) == (minutes * MINUTE, 96 * MINUTE)
        assert time.is_whole is is_whole


def test_without_a_workspace_there_is_no_time() -> None:
    assert time_used(row([line(0, "available")])) is None


@pytest.mark.django_db
class TestScores:
    @pytest.fixture
    def submissions(self, invite: Callable[..., Interview]) -> list[Interview]:
        set_made = [invite(candidate_name=name) for name in ("Ada", "Bo")]
        set_criteria(*CRITERIA)
        return [finish(each) for each in set_made]

    def test_reviewer_sees_only_what_their_own_review_opens(
        self, submissions: list[Interview]
    ) -> None:
        rita, otto = member("rita", REVIEWER), member("otto", REVIEWER)
        for each in submissions:
            submit(each, otto, 4, 4)
        submit(submissions[0], rita, 2, 2)
        scorecards.save_draft(submissions[1], rita, card(1, 1), version=0)
        first, second = read_candidates(submissions, Viewer(rita.pk, may_review=True))
        assert (first.mean, first.spread, first.reviews, first.hides_scores) == (3, 2, 2, False)
        assert (second.mean, second.spread, second.reviews, second.hides_scores) == (
            *(None, None, 0),
            True,
        )

    def test_who_decides_sees_them_until_they_review(self, submissions: list[Interview]) -> None:
        boss = member("boss", INTERVIEWER)
        submit(submissions[0], member("otto", REVIEWER), 4, 2)
        viewer = Viewer(boss.pk, may_review=True, may_decide=True)
        first, second = read_candidates(submissions, viewer)
        # 3 × 4 and 1 × 2, of four; and one review has no spread.
        assert (first.mean, first.spread, first.reviews) == (3.5, None, 1)
        assert (second.mean, second.hides_scores) == (None, False)
        scorecards.save_draft(submissions[0], boss, card(1, 1), version=0)
        hidden, _second = read_candidates(submissions, viewer)
        assert (hidden.scores, hidden.hides_scores) == (None, True)

    def test_others_see_the_decision_and_no_score(self, submissions: list[Interview]) -> None:
        submit(submissions[0], member("otto", REVIEWER), 4, 4)
        decide(submissions[0], DecisionInput(outcome="advance", reason="Good."), by="boss")
        first, second = read_candidates(submissions, Viewer(None))
        assert (first.scores, first.hides_scores, first.outcome) == (None, True, "advance")
        assert second.outcome == ""

    def test_what_was_never_begun_is_no_candidate(
        self, submissions: list[Interview], invite: Callable[..., Interview]
    ) -> None:
        compared = read_candidates([*submissions, invite()], Viewer(None))
        assert [each.interview.id for each in compared] == [each.id for each in submissions]

    def test_as_many_queries_for_many_as_for_two(
        self, submissions: list[Interview], invite: Callable[..., Interview]
    ) -> None:
        otto = member("otto", REVIEWER)
        more = [finish(invite()) for _ in range(8)]
        for each in (*submissions, *more):
            submit(each, otto, 3, 3)
        viewer = Viewer(None, may_decide=True)
        with CaptureQueriesContext(connection) as few:
            read_candidates(submissions, viewer)
        with CaptureQueriesContext(connection) as many:
            read_candidates([*submissions, *more], viewer)
        assert len(many) == len(few) <= 5
