"""Checks and progress of the candidates of a challenge."""

from datetime import timedelta

import pytest
from django.test import Client

from dashboard.permissions.roles import VIEWER
from interviews.dynamodb import now
from interviews.models import Interview
from operations.checks.models import CheckResult, CheckRun, RunState, Subject
from operations.progress.models import ProgressState
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.dashboard.views.reviews.comparison.rows import API, PAGE, Finish, names, rows_of

pytestmark = pytest.mark.django_db


def checked(
    interview: Interview, passed: int, *, is_compared: bool | None = True, version: int = 1
) -> None:
    run = CheckRun.objects.create(
        subject=Subject.SUBMISSION,
        interview_id=interview.id,
        challenge_id="word-count",
        version=version,
        state=RunState.FINISHED,
        queued_at=now(),
        due_at=now(),
        passed=passed,
        total=3,
        is_compared=is_compared,
    )
    run.results.create(
        position=0, name="Units", is_visible=False, seconds=1, passed=passed, total=3
    )


def test_checks_without_a_trial_come_after_the_others(client: Client, finished: Finish) -> None:
    """Their report has chosen its tests."""
    people = ("Ada", "Bo", "Cy", "Di", "Ed")
    ada, bo, cy, di, _ed = (finished(name, place) for place, name in enumerate(people))
    checked(ada, 3, is_compared=False)
    checked(bo, 1)
    checked(cy, 2, is_compared=False)
    # A run of before.
    checked(di, 2, is_compared=None)
    client.force_login(member("vera", VIEWER))
    assert names(client, "sort=-checks") == ["Di", "Bo", "Ada", "Cy", "Ed"]
    assert names(client, "sort=checks") == ["Bo", "Di", "Cy", "Ada", "Ed"]
    page = soup(client.get(f"{PAGE}?sort=-checks"))
    cells = [text_of(row.select("td")[1]) for row in page.select("tbody tr") if len(row) > 5]
    assert cells == [
        "2 of 3 (Di)",
        "1 of 3 (Bo)",
        "3 of 3 (Ada) without a trial",
        "2 of 3 (Cy) without a trial",
        "–",
    ]
    rows = rows_of(client, "sort=-checks")
    assert [row["checks_compared"] for row in rows] == ["", "yes", "no", "no", ""]
    items = client.get(f"{API}?sort=-checks").json()["items"]
    assert [each["checksCompared"] for each in items] == [None, True, False, False, None]


def test_checks_of_different_versions_are_told_apart(client: Client, finished: Finish) -> None:
    ada, bo, _cy = (finished(name, place) for place, name in enumerate(("Ada", "Bo", "Cy")))
    checked(ada, 3, version=1)
    checked(bo, 1, version=1)
    client.force_login(member("vera", VIEWER))
    assert soup(client.get(PAGE)).select_one("#mixed-checks") is None
    # The latest run is the one that counts.
    CheckRun.objects.update(queued_at=now() - timedelta(hours=1))
    checked(bo, 2, version=2)
    page = soup(client.get(f"{PAGE}?sort=-checks"))
    assert "different versions" in text_of(page.select_one("#mixed-checks"))
    cells = [text_of(row.select("td")[1]) for row in page.select("tbody tr") if len(row) > 5]
    assert cells == [
        "3 of 3 (Ada) checks of version 1",
        "2 of 3 (Bo) checks of version 2",
        "–",
    ]
    assert [row["checks_version"] for row in rows_of(client, "sort=-checks")] == ["1", "2", ""]
    items = client.get(f"{API}?sort=-checks").json()["items"]
    assert [each["checksVersion"] for each in items] == [1, 2, None]


def test_checks_and_progress(client: Client, finished: Finish) -> None:
    ada, bo, _cy = (finished(name, place) for place, name in enumerate(("Ada", "Bo", "Cy")))
    for interview, passed in ((ada, 1), (bo, 3)):
        checked(interview, passed)
    for number, (added, deleted) in enumerate(((2, 0), (40, 7)), start=1):
        ProgressState.objects.create(
            interview_id=ada.id,
            number=number,
            sitting=1,
            at=now(),
            key="",
            files=1,
            # Of which most are the starting files'.
            lines=500 + added - deleted,
            lines_added=added,
            lines_deleted=deleted,
        )
    client.force_login(member("vera", VIEWER))
    assert names(client, "sort=-checks") == ["Bo", "Ada", "Cy"]
    page = soup(client.get(f"{PAGE}?sort=checks"))
    rows = [[text_of(cell) for cell in row.select("td")] for row in page.select("tbody tr")]
    assert [(row[1], row[-1]) for row in rows if len(row) > 5] == [
        ("1 of 3 (Ada)", "+42 −7 lines (Ada)"),
        ("3 of 3 (Bo)", "–"),
        ("–", "–"),
    ]
    # Of which checks live_list.js hears.
    assert page.select_one("#comparison")["data-checks-of"] == "word-count"
    bars = page.select_one("section[aria-labelledby=checks-title] dl")
    assert text_of(bars) == "Units 1 of 2"
    listed = rows_of(client, "sort=checks")
    assert (listed[0]["checks_passed"], listed[0]["checks_total"]) == ("1", "3")
    assert [row["check: Units"] for row in listed] == ["1 of 3", "3 of 3", ""]
    changed = [(row["lines_added"], row["lines_deleted"]) for row in listed]
    assert changed == [("42", "7"), ("", ""), ("", "")]
    api = client.get(f"{API}?sort=checks").json()
    assert api["items"][0]["checksPassed"] == 1
    assert [(each["linesAdded"], each["linesDeleted"]) for each in api["items"]] == [
        (42, 7),
        (None, None),
        (None, None),
    ]
    units = {"check": "Units", "passed": 1, "total": 3, "problem": None}
    assert [each["checks"] for each in api["items"]] == [
        [units],
        [units | {"passed": 3}],
        [],
    ]
    assert api["distribution"]["checks"] == [{"check": "Units", "passed": 1, "total": 2}]
    CheckResult.objects.filter(run__interview_id=bo.id).update(problem="timeout")
    assert [row["check: Units"] for row in rows_of(client)] == ["1 of 3", "timeout", ""]
    api = client.get(f"{API}?sort=candidate").json()
    assert api["items"][1]["checks"][0]["problem"] == "timeout"
