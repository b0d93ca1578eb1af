"""The page of start times and its figures in the API."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup

from operations.start_times import statistics
from operations.worker import runner
from tests import start_times as measured
from tests.conftest import operation_of
from tests.dashboard.http import post

PAGE = "/start-times/"
NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def start_times(*totals, days=1, series="local"):
    """Starts so many days ago."""
    measured.start_times(NOON - timedelta(days=days), *totals, series=series)


def soup(response):
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def table(page, place):
    """The body of a table, row by row."""
    found = page.select("table.figures")[place]
    return [
        [words(cell) for cell in row.select("th, td")] for row in found.select("tbody tr, tfoot tr")
    ]


def links(page, label):
    nav = page.find("nav", attrs={"aria-label": label})
    if nav is None:
        return None
    return {words(a): (a["href"], "aria-current" in a.attrs) for a in nav.select("a")}


def test_page_has_p50_and_p95_of_each_step(staff_client, tables):
    start_times(*range(1, 101))
    page = soup(staff_client.get(PAGE))
    assert table(page, 0) == [
        ["Waiting for a worker", "5.0 s", "9.5 s", "100"],
        ["Provisioning the workspace", "15 s", "29 s", "100"],
        ["Waiting for it to answer", "30 s", "57 s", "100"],
        ["From start to ready", "50 s", "1 min 35 s", "100"],
    ]
    assert [words(tile) for tile in page.select(".tile strong")] == ["50 s", "1 min 35 s", "100"]


def test_page_has_a_plot_of_each_step_with_its_figures_in_a_table(staff_client, tables):
    start_times(10, 20, days=3)
    start_times(30, days=1)
    page = soup(staff_client.get(PAGE))
    assert [words(svg.title) for svg in page.select("svg[role=img]")] == [
        "From start to ready",
        "Waiting for a worker",
        "Provisioning the workspace",
        "Waiting for it to answer",
    ]
    total = page.select("svg[role=img]")[0]
    assert [words(day.title) for day in total.select(".plot-day")] == [
        "Fri 27 Mar: p50 10 s, p95 20 s, 2 starts",
        "Sun 29 Mar: p50 30 s, p95 30 s, 1 start",
    ]
    assert table(page, 1) == [
        ["29 Mar", "1", "3.0 s", "3.0 s", "9.0 s", "9.0 s", "18 s", "18 s", "30 s", "30 s"],
        ["27 Mar", "2", "1.0 s", "2.0 s", "3.0 s", "6.0 s", "6.0 s", "12 s", "10 s", "20 s"],
    ]


def test_page_says_what_its_pictures_are_called(staff_client, tables):
    start_times(10)
    page = soup(staff_client.get(PAGE))
    for svg in page.select("svg[role=img]"):
        named = [page.find(id=name) for name in svg["aria-labelledby"].split()]
        assert [element.name for element in named] == ["title", "desc"]
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_page_shows_where_the_time_goes(staff_client, tables):
    start_times(*range(1, 101))
    rows = soup(staff_client.get(PAGE)).select(".bar-row")
    assert [words(row.select_one(".bar-total")) for row in rows] == [
        "Together: 50 s",
        "Together: 1 min 35 s",
    ]
    assert [[float(part["width"][:-1]) for part in row.select("rect")] for row in rows] == [
        [5.26, 15.79, 31.58],
        [10, 30, 60],
    ]


def test_page_without_a_start_says_what_will_appear(staff_client, tables):
    page = soup(staff_client.get(PAGE))
    assert words(page.select_one(".empty h2")) == "No start was measured in these 4 weeks"
    assert page.select("svg[role=img]") == []
    assert page.select_one(".empty a")["href"] == "/start-times/?weeks=12"
    assert soup(staff_client.get(f"{PAGE}?weeks=12")).select(".empty a") == []


def test_page_goes_back_as_far_as_chosen(staff_client, tables):
    for days in (1, 10, 50):
        start_times(10, days=days)
    counts = [
        words(soup(staff_client.get(address)).select(".tile strong")[2])
        for address in (f"{PAGE}?weeks=1", PAGE, f"{PAGE}?weeks=12")
    ]
    assert counts == ["1", "2", "3"]
    assert links(soup(staff_client.get(f"{PAGE}?weeks=1")), "Period") == {
        "1 week": ("/start-times/?weeks=1", True),
        "4 weeks": ("/start-times/", False),
        "12 weeks": ("/start-times/?weeks=12", False),
    }


def test_page_offers_dry_runs_where_there_were_some(staff_client, tables):
    start_times(10)
    assert links(soup(staff_client.get(PAGE)), "Starts of") is None
    start_times(70, series="local#dry-run")
    assert links(soup(staff_client.get(f"{PAGE}?weeks=1")), "Starts of") == {
        "Tests and interviews": ("/start-times/?weeks=1", True),
        "Dry runs": ("/start-times/?weeks=1&of=dry-runs", False),
    }
    assert table(soup(staff_client.get(f"{PAGE}?of=dry-runs")), 0)[-1][1] == "1 min 10 s"


def test_page_offers_engines_where_there_are_several(staff_client, tables, engine):
    start_times(10, series="fake")
    assert links(soup(staff_client.get(PAGE)), "Engine") is None
    start_times(30, series="local")
    assert links(soup(staff_client.get(PAGE)), "Engine") == {
        "fake": ("/start-times/", True),
        "local": ("/start-times/?engine=local", False),
    }
    assert table(soup(staff_client.get(f"{PAGE}?engine=local")), 0)[-1][1] == "30 s"


@pytest.mark.parametrize(
    "query", ["weeks=2", "weeks=", "weeks=4%00", "engine=none", "of=all", "of=dry-runs%00"]
)
def test_page_of_what_cannot_be_chosen_is_not_found(staff_client, tables, query):
    assert staff_client.get(f"{PAGE}?{query}").status_code == 404


def test_page_says_so_when_there_were_more_starts_than_it_counts(staff_client, tables, monkeypatch):
    monkeypatch.setattr(statistics, "MAX_ROWS", 3)
    start_times(10, 10, 10)
    assert soup(staff_client.get(PAGE)).select(".message") == []
    start_times(10, days=2)
    assert words(soup(staff_client.get(PAGE)).select_one(".message")) == (
        "There were more starts than are counted here: these are the newest 3, "
        "back to 29 Mar, 12:00 UTC."
    )


def test_fragment_is_what_the_page_holds(staff_client, tables):
    start_times(*range(1, 30))
    whole = soup(staff_client.get(f"{PAGE}?weeks=1")).select_one("#start-times")
    part = soup(staff_client.get(f"{PAGE}?weeks=1", headers={"HX-Request": "true"}))
    assert part.select_one("#start-times") == whole
    assert part.select("html, h1") == []


def test_page_has_nothing_inline(staff_client, tables):
    start_times(*range(1, 30))
    page = soup(staff_client.get(PAGE))
    assert page.select("style, [style], script:not([src])") == []
    assert [name for tag in page.find_all() for name in tag.attrs if name.startswith("on")] == []


def test_page_is_in_the_navigation(staff_client, tables):
    assert soup(staff_client.get("/")).select_one(f'.site-nav a[href="{PAGE}"]').attrs == {
        "href": PAGE
    }
    here = soup(staff_client.get(PAGE)).select_one(f'.site-nav a[href="{PAGE}"]')
    assert here["aria-current"] == "page"


# -- the API ---------------------------------------------------------------------------------------


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
    assert response.json()["error"]["message"] == "There is no such engine."


def test_api_can_only_be_read(staff_client, tables):
    assert post(staff_client, "/api/start-times").status_code == 405


# -- who gets in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "statuses"), [(PAGE, [302, 403]), ("/api/start-times", [401, 403])]
)
def test_nobody_but_staff_sees_start_times(client, outsider, tables, path, statuses):
    start_times(4321)
    anonymous = client.get(path)
    client.force_login(outsider)
    answers = [anonymous, client.get(path)]
    assert [answer.status_code for answer in answers] == statuses
    assert ["4321" in answer.text or "1 h 12 min" in answer.text for answer in answers] == [
        False
    ] * 2


# -- from a start to the page ----------------------------------------------------------------------


def test_start_is_on_the_page_once_though_its_operation_is_run_again(staff_client, running):
    assert table(soup(staff_client.get(PAGE)), 0)[-1][3] == "1"
    runner.run_operation(operation_of(running).id)
    assert table(soup(staff_client.get(PAGE)), 0)[-1][3] == "1"
