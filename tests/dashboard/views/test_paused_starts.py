"""Staff is told which starts are paused: on the lists, the page of start times, and by the API."""

import pytest

from operations import actions
from operations.worker import heartbeat
from takehome_platform.observability import deployment_collector
from tests.conftest import run_until_idle
from tests.dashboard.html import soup, text_of
from tests.fakes import Broken, FakeProvisioner


@pytest.fixture
def paused(redis, invite, use_engine):
    """Three starts of the challenge have failed."""
    use_engine(Broken())
    for _ in range(3):
        start(invite())


def start(interview):
    actions.activate(interview, by="recruiter")
    return run_until_idle(interview)


def notice(client, page):
    return text_of(soup(client.get(page), 200).select_one("#paused-starts"))


@pytest.mark.parametrize("page", ["/", "/live/", "/start-times/", "/start-times/paused/"])
def test_page_says_what_is_paused_and_why(page, paused, staff_client):
    said = notice(staff_client, page)
    assert said.startswith(
        "Starts of the challenge word-count, version 1 are paused because the last 3 failed."
    )
    assert said.endswith("No room for •••.")


@pytest.mark.parametrize("page", ["/", "/start-times/paused/"])
def test_page_says_nothing_once_a_start_succeeded(page, paused, staff_client, invite, use_engine):
    use_engine(FakeProvisioner())
    start(invite())
    assert notice(staff_client, page) == ""


def test_pages_work_without_redis(staff_client):
    heartbeat.client.cache_clear()
    assert notice(staff_client, "/") == ""


def test_api_says_what_is_paused(paused, staff_client):
    [found] = staff_client.get("/api/start-times").json()["paused"]
    assert found.pop("failedAt").endswith("Z")
    assert found == {
        "kind": "challenge",
        "name": "word-count, version 1",
        "failures": 3,
        "problem": "No room for •••.",
    }


def test_paused_starts_are_counted_by_kind(paused):
    [family] = deployment_collector.paused_starts()
    counts = {sample.labels["kind"]: sample.value for sample in family.samples}
    assert counts == {"engine": 0, "challenge": 1}


def test_notice_is_for_staff(client, outsider, db):
    assert client.get("/start-times/paused/").status_code == 302
    client.force_login(outsider)
    assert client.get("/start-times/paused/").status_code == 403
