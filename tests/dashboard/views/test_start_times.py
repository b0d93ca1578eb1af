"""The page of start times."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from operations.start_times import statistics
from operations.worker import runner
from tests import start_times as measured
from tests.conftest import operation_of
from tests.dashboard.html import soup, text_of

PAGE = "/start-times/"
NOON = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def start_times(*totals, days=1, series="local"):
    """Starts of some days ago."""
    measured.start_times(NOON - timedelta(days=days), *totals, series=series)


def table(page, place):
    """The body of a table, row by row."""
    found = page.select("table.figures")[place]
    return [
        [text_of(cell) for cell in row.select("th, td")]
        for row in found.select("tbody tr, tfoot tr")
    ]


def links(page, label):
    nav = page.find("nav", attrs={"aria-label": label})
    if nav is None:
        return None
    return {text_of(a): (a["href"], "aria-current" in a.attrs) for a in nav.select("a")}


def test_page_has_p50_and_p95_of_each_step(staff_client, tables):
    start_times(*range(1, 101))
    page = soup(staff_client.get(PAGE), 200)
    assert table(page, 0) == [
        ["Waiting for a worker", "5.0 s", "9.5 s", "100"],
        ["Creating the workspace", "15 s", "29 s", "100"],
        ["Waiting for it to respond", "30 s", "57 s", "100"],
        ["Start to ready", "50 s", "1 min 35 s", "100"],
    ]
    assert [text_of(tile) for tile in page.select(".tile strong")] == ["50 s", "1 min 35 s", "100"]


def test_page_has_a_plot_of_each_step_with_its_figures_in_a_table(staff_client, tables):
    start_times(10, 20, days=3)
    start_times(30, days=1)
    page = soup(staff_client.get(PAGE), 200)
    assert [text_of(svg.title) for svg in page.select("svg[role=img]")] == [
        "Start to ready",
        "Waiting for a worker",
        "Creating the workspace",
        "Waiting for it to respond",
    ]
    total = page.select("svg[role=img]")[0]
    assert [text_of(day.title) for day in total.select(".plot-day")] == [
        "Fri 27 Mar: median 10 s, p95 20 s, 2 starts",
        "Sun 29 Mar: median 30 s, p95 30 s, 1 start",
    ]
    assert table(page, 1) == [
        ["29 Mar", "1", "3.0 s", "3.0 s", "9.0 s", "9.0 s", "18 s", "18 s", "30 s", "30 s"],
        ["27 Mar", "2", "1.0 s", "2.0 s", "3.0 s", "6.0 s", "6.0 s", "12 s", "10 s", "20 s"],
    ]


def test_page_says_what_its_pictures_are_called(staff_client, tables):
    start_times(10)
    page = soup(staff_client.get(PAGE), 200)
    for svg in page.select("svg[role=img]"):
        named = [page.find(id=name) for name in svg["aria-labelledby"].split()]
        assert [element.name for element in named] == ["title", "desc"]
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_page_shows_where_the_time_goes(staff_client, tables):
    start_times(*range(1, 101))
    rows = soup(staff_client.get(PAGE), 200).select(".bar-row")
    assert [text_of(row.select_one(".bar-total")) for row in rows] == [
        "Total: 50 s",
        "Total: 1 min 35 s",
    ]
    assert [[float(part["width"][:-1]) for part in row.select("rect")] for row in rows] == [
        [5.26, 15.79, 31.58],
        [10, 30, 60],
    ]


def test_page_without_a_start_says_what_will_appear(staff_client, tables):
    page = soup(staff_client.get(PAGE), 200)
    assert text_of(page.select_one(".empty h2")) == "No starts in the last 4 weeks"
    assert page.select("svg[role=img]") == []
    assert page.select_one(".empty a")["href"] == "/start-times/?weeks=12"
    assert soup(staff_client.get(f"{PAGE}?weeks=12"), 200).select(".empty a") == []


def test_page_goes_back_as_far_as_chosen(staff_client, tables):
    for days in (1, 10, 50):
        start_times(10, days=days)
    counts = [
        text_of(soup(staff_client.get(address), 200).select(".tile strong")[2])
        for address in (f"{PAGE}?weeks=1", PAGE, f"{PAGE}?weeks=12")
    ]
    assert counts == ["1", "2", "3"]
    assert links(soup(staff_client.get(f"{PAGE}?weeks=1"), 200), "Period") == {
        "1 week": ("/start-times/?weeks=1", True),
        "4 weeks": ("/start-times/", False),
        "12 weeks": ("/start-times/?weeks=12", False),
    }


def test_page_offers_dry_runs_where_there_were_some(staff_client, tables):
    start_times(10)
    assert links(soup(staff_client.get(PAGE), 200), "Starts of") is None
    start_times(70, series="local#dry-run")
    assert links(soup(staff_client.get(f"{PAGE}?weeks=1"), 200), "Starts of") == {
        "Tests and interviews": ("/start-times/?weeks=1", True),
        "Dry runs": ("/start-times/?weeks=1&of=dry-runs", False),
    }
    assert table(soup(staff_client.get(f"{PAGE}?of=dry-runs"), 200), 0)[-1][1] == "1 min 10 s"


def test_page_offers_engines_where_there_are_several(staff_client, tables, engine):
    start_times(10, series="fake")
    assert links(soup(staff_client.get(PAGE), 200), "Engine") is None
    start_times(30, series="local")
    assert links(soup(staff_client.get(PAGE), 200), "Engine") == {
        "fake": ("/start-times/", True),
        "local": ("/start-times/?engine=local", False),
    }
    assert table(soup(staff_client.get(f"{PAGE}?engine=local"), 200), 0)[-1][1] == "30 s"


@pytest.mark.parametrize(
    "query", ["weeks=2", "weeks=", "weeks=4%00", "engine=none", "of=all", "of=dry-runs%00"]
)
def test_page_of_what_cannot_be_chosen_is_not_found(staff_client, tables, query):
    assert staff_client.get(f"{PAGE}?{query}").status_code == 404


def test_page_says_so_when_there_were_more_starts_than_it_counts(staff_client, tables, monkeypatch):
    monkeypatch.setattr(statistics, "MAX_ROWS", 3)
    start_times(10, 10, 10)
    assert soup(staff_client.get(PAGE), 200).select(".message") == []
    start_times(10, days=2)
    assert text_of(soup(staff_client.get(PAGE), 200).select_one(".message")) == (
        "Only the newest 3 starts are counted, back to 29 Mar, 12:00 UTC."
    )


def test_fragment_is_what_the_page_holds(staff_client, tables):
    start_times(*range(1, 30))
    whole = soup(staff_client.get(f"{PAGE}?weeks=1"), 200).select_one("#start-times")
    part = soup(staff_client.get(f"{PAGE}?weeks=1", headers={"HX-Request": "true"}), 200)
    assert part.select_one("#start-times") == whole
    assert part.select("html, h1") == []


def test_page_has_nothing_inline(staff_client, tables):
    start_times(*range(1, 30))
    page = soup(staff_client.get(PAGE), 200)
    assert page.select("style, [style], script:not([src])") == []
    assert [name for tag in page.find_all() for name in tag.attrs if name.startswith("on")] == []


def test_page_is_in_the_navigation(staff_client, tables):
    assert soup(staff_client.get("/"), 200).select_one(f'.site-nav a[href="{PAGE}"]').attrs == {
        "href": PAGE
    }
    here = soup(staff_client.get(PAGE), 200).select_one(f'.site-nav a[href="{PAGE}"]')
    assert here["aria-current"] == "page"


# -- access ----------------------------------------------------------------------------------------


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
    assert table(soup(staff_client.get(PAGE), 200), 0)[-1][3] == "1"
    runner.run_operation(operation_of(running).id)
    assert table(soup(staff_client.get(PAGE), 200), 0)[-1][3] == "1"
