"""/api/start-times."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests import start_times as measured
from tests.dashboard.http import post

NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def start_times(*totals, days=1, series="local"):
    """Starts of some days ago."""
    measured.start_times(NOON - timedelta(days=days), *totals, series=series)


def test_api_has_p50_and_p95_of_each_step(staff_client, tables):
    start_times(*range(10, 1010, 10))
    assert staff_client.get("/api/start-times").json() == {
        "provisioner": "local",
        "dryRuns": False,
        "weeks": 4,
        "isCut": False,
        "steps": [
            {"step": "queue", "p50Seconds": 50, "p95Seconds": 95, "count": 100},
            {"step": "provision", "p50Seconds": 150, "p95Seconds": 285, "count": 100},
            {"step": "configure", "p50Seconds": 300, "p95Seconds": 570, "count": 100},
            {"step": "total", "p50Seconds": 500, "p95Seconds": 950, "count": 100},
        ],
        "paused": [],
    }


def test_api_gives_what_is_asked_for(staff_client, tables, engine):
    start_times(10, series="fake")
    start_times(20, series="fake", days=20)
    start_times(30, series="local#dry-run")
    assert [
        [step["count"] for step in staff_client.get(f"/api/start-times{query}").json()["steps"]]
        for query in ("", "?weeks=2", "?provisioner=local", "?provisioner=local&dryRuns=true")
    ] == [[2] * 4, [1] * 4, [], [1] * 4]


@pytest.mark.parametrize("weeks", ["0", "13", "x", "1.5", ""])
def test_api_names_the_field_that_is_wrong(staff_client, tables, weeks):
    response = staff_client.get(f"/api/start-times?weeks={weeks}")
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "weeks"


def test_api_knows_no_other_engine(staff_client, tables):
    response = staff_client.get("/api/start-times?provisioner=none")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "Engine not found."


def test_api_can_only_be_read(staff_client, tables):
    assert post(staff_client, "/api/start-times").status_code == 405
