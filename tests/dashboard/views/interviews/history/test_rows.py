"""The history: its rows and their order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from interviews.attributes import DRY_RUN, LIVE
from interviews.indexes import EarlierArchive, EarlierSitting, TimelineEntry
from interviews.models import Interview
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.history.reading import NOW, cells, names


def test_history_lists_both_types_newest_end_first(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended(3, candidate_name="Oldest")
    ended(1, candidate_name="Newest")
    ended(2, candidate_name="Middle", type=LIVE)
    ended(candidate_name="Open", status="active", completed_at=None)
    ended(candidate_name="Nobody", type=DRY_RUN)
    assert names(staff_client.get("/history/")) == ["Newest", "Middle", "Oldest"]


def test_history_says_of_each_how_it_ended_how_long_it_took_and_what_was_saved(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended(
        end_reason="submitted",
        history_s3_key="archives/i/2",
        archive_bytes=2048,
        earlier_archives=[EarlierArchive(key="archives/i/1", bytes=512)],
    ).update(
        actions=[
            Interview.timeline.set(
                [
                    TimelineEntry(status="active", at=NOW - timedelta(minutes=75), by="worker"),
                    TimelineEntry(status="destroying", at=NOW, by="candidate"),
                ]
            )
        ]
    )
    assert cells(staff_client.get("/history/")) == {
        "Challenge": "Word count 1 h · Compare (Word count)",
        "Status": "Submitted",
        "Score": "–",
        "Decision": "–",
        "Time taken": "1 h 15 min",
        "Ended": NOW.strftime("%-d %b, %H:%M"),
        "Files": "Download files (Ada) 2.0 KB Files from an earlier sitting (Ada) 512 bytes",
    }
    links = [each["href"] for each in soup(staff_client.get("/history/")).select(".cell-files a")]
    assert links == [
        "/api/interviews/i-000/files?opening=1",
        "/api/interviews/i-000/files?opening=0",
    ]


def test_row_of_a_test_that_was_opened_again_has_its_sittings(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    """The row is that of the newest."""
    stored = [
        EarlierSitting(
            number=number,
            ended_at=datetime(2026, 3, number, 12, tzinfo=UTC),
            worked_seconds=60 * number,
            end_reason="submitted",
        )
        for number in range(1, 6)
    ]
    ended(
        reopened=5,
        sittings=stored,
        end_reason="time_up",
        history_s3_key="archives/i/6",
        archive_of=5,
        earlier_archives=[EarlierArchive(key="archives/i/1", bytes=512, sitting=1)],
    )
    row = cells(staff_client.get("/history/"))
    assert row["Status"] == (
        "Finished Sitting 6: Time ran out"
        " Sitting 5: Submitted by the candidate · 5 Mar, 12:00 · 5 min"
        " Sitting 4: Submitted by the candidate · 4 Mar, 12:00 · 4 min"
        " Sitting 3: Submitted by the candidate · 3 Mar, 12:00 · 3 min"
        " 2 more"
    )
    assert row["Time taken"] == "15 minin 6 sittings"
    assert row["Files"] == ("Sitting 6 (Ada) Sitting 1 (Ada) 512 bytes")


def test_row_leads_to_the_interview_its_log_and_its_deletion(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    interview = ended()
    (row,) = soup(staff_client.get("/history/")).select("#rows tr")
    assert row.select_one(".name")["href"] == f"/interviews/{interview.id}/"
    assert row.select_one("[data-logs]")["data-logs"] == f"/interviews/{interview.id}/logs/"
    assert row.select_one("[data-ask]")["data-ask"] == f"/interviews/{interview.id}/delete/"


@pytest.mark.parametrize("query", ["", "?q=ada", "?type=take-home&status=completed"])
def test_refresh_and_row_are_what_the_page_shows(
    staff_client: Client, ended: Callable[..., Interview], query: str
) -> None:
    interview = ended()
    page = soup(staff_client.get(f"/history/{query}")).select_one("#list")
    part = soup(staff_client.get(f"/history/{query}", headers={"HX-Request": "true"})).select_one(
        "#list"
    )
    alone = staff_client.get(f"/interviews/{interview.id}/row/{query or '?'}&tab=history")
    assert str(soup(alone).select_one("tr")) == str(page.select_one("#rows tr"))
    del page["data-now"], part["data-now"]
    assert str(part) == str(page)


@pytest.mark.parametrize(
    ("query", "is_here"),
    [
        ("", True),
        ("&type=take-home", True),
        ("&type=regular", False),
        ("&status=completed", True),
        ("&status=revoked", False),
        ("&from=2020-01-01&to=2099-12-31", True),
        ("&to=2020-01-01", False),
        ("&q=ada", True),
        ("&q=word+a", True),
        ("&q=grace", False),
        ("&q=i-000", True),
        ("&type=nonsense", False),
    ],
)
def test_row_is_on_the_page_that_its_filters_say(
    staff_client: Client, ended: Callable[..., Interview], query: str, is_here: bool
) -> None:
    interview = ended()
    row = soup(staff_client.get(f"/interviews/{interview.id}/row/?tab=history{query}"))
    assert (row.select_one("tr") is not None) is is_here
    assert (row.select_one("[data-left]") is None) is is_here


def test_row_of_an_open_interview_is_on_the_page_of_a_search_only(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    interview = ended(status="active", completed_at=None)
    address = f"/interviews/{interview.id}/row/?tab=history"
    assert soup(staff_client.get(address)).select_one("tr") is None
    assert soup(staff_client.get(f"{address}&q=ada")).select_one("tr") is not None


def test_rows_are_in_the_order_of_the_page(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    interview = ended(5)
    by_end, by_creation = (
        soup(staff_client.get(f"/history/{query}")).select_one("#rows tr")["data-order"]
        for query in ("", "?q=ada")
    )
    assert by_end == str(int(interview.completed_at.timestamp()))
    assert by_creation == str(int(interview.created_at.timestamp()))


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "Nothing has ended yet"), ("?q=ada", "No results"), ("?type=regular", "No results")],
)
def test_empty_history_says_why(staff_client: Client, tables: None, query: str, words: str) -> None:
    empty = soup(staff_client.get(f"/history/{query}")).select_one("[data-empty]:not([hidden]) h2")
    assert empty.get_text() == words


def test_hostile_words_are_text(staff_client: Client, ended: Callable[..., Interview]) -> None:
    hostile = "<script>alert(1)</script>\"'{{7*7}}"
    ended(candidate_name=hostile)
    response = staff_client.get("/history/", {"q": hostile})
    assert "<script>alert" not in response.content.decode()
    assert names(response) == [hostile]
    assert soup(response).select_one("#id_q")["value"] == hostile


def test_page_has_no_inline_script_or_style(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended()
    page = soup(staff_client.get("/history/"))
    assert [each for each in page.select("script") if not each.get("src")] == []
    assert page.select("style, [style], [onclick], [onload]") == []
