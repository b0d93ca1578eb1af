"""/history/: ended interviews, filters, search, and rows that refresh themselves."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard.filters import history
from dashboard.filters.history import HistoryQuery
from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.indexes import EarlierArchive, EarlierSitting, TimelineEntry
from interviews.lifecycle import FINAL
from interviews.models import Interview
from interviews.search import lookup
from interviews.search.index import index_interview
from operations.audit.models import AuditEntry
from tests.dashboard.html import soup

NOW = now()


@pytest.fixture
def ended(challenge: Any) -> Callable[..., Interview]:
    """Factory of interviews that ended some minutes ago."""
    made: list[Interview] = []

    def call(minutes: int = 0, **fields: Any) -> Interview:
        values = {
            "id": f"i-{len(made):03}",
            "type": TAKE_HOME,
            "status": "completed",
            "candidate_name": "Ada",
            "challenge": challenge.id,
            "duration_minutes": 60,
            "created_at": NOW - timedelta(days=1, minutes=minutes),
            "completed_at": NOW - timedelta(minutes=minutes),
        }
        interview = Interview(**{**values, **fields})
        index_interview(interview, challenge.name)
        interview.create(by="recruiter")
        made.append(interview)
        return interview

    return call


def names(response: Any) -> list[str]:
    return [each.get_text() for each in soup(response).select("#rows .name bdi")]


def cells(response: Any) -> dict[str, str]:
    """The texts of the only row."""
    (row,) = soup(response).select("#rows tr")
    return {
        str(cell["data-label"]): " ".join(cell.get_text().split())
        for cell in row.select("td[data-label]")
    }


def errors(response: Any) -> dict[str, str]:
    return {
        each["id"].removeprefix("id_").removesuffix("_error"): each.get_text()
        for each in soup(response).select(".field-error[id]")
    }


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


def table_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_file_has_a_row_for_each_sitting(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    stored = EarlierSitting(
        number=1,
        started_at=at,
        ready_at=at + timedelta(minutes=1),
        ended_at=at + timedelta(minutes=91),
        worked_seconds=5130,
        length_seconds=5400,
        end_reason="submitted",
    )
    ended(
        candidate_name="Ada",
        candidate_email="ada@example.com",
        reopened=1,
        reopened_minutes=20,
        sittings=[stored],
        end_reason="time_up",
        feedback_rating=4,
        feedback_text="Fair.",
        history_s3_key="archives/i/2",
        archive_bytes=2048,
        archive_of=1,
        earlier_archives=[EarlierArchive(key="archives/i/1", bytes=512, sitting=1)],
    )
    held_by = ["mary@example.com", "joan@example.com"]
    ended(5, type=LIVE, status="cancelled", candidate_name="Grace", interviewers=held_by)
    response = staff_client.get("/history/history.csv")
    assert response["Content-Disposition"] == 'attachment; filename="history.csv"'
    first, second, cancelled = table_of(response)
    shared = ("interview_id", "type", "candidate_name", "candidate_email", "created_at", "sittings")
    assert {name: first[name] for name in shared} == {name: second[name] for name in shared}
    assert [first[name] for name in shared[1:4]] == ["take-home", "Ada", "ada@example.com"]
    assert list(first.values())[-17:-7] == [
        *("1", "2", "completed"),
        *("2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z", "2026-03-01T13:31:00Z"),
        *("85.5", "90.0", "submitted", "512"),
    ]
    assert list(second.values())[-17:-14] == ["2", "2", "completed"]
    assert list(second.values())[-12:-7] == [
        f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        "",
        "20.0",
        "time_up",
        "2048",
    ]
    assert list(cancelled.values())[1:3] == ["live", "Grace"]
    ended_at = NOW - timedelta(minutes=5)
    assert list(cancelled.values())[-17:-7] == [
        *("", "0", "cancelled", "", "", f"{ended_at:%Y-%m-%dT%H:%M:%SZ}", "", "", "", ""),
    ]
    interviewers = [each["interviewers"] for each in (first, second, cancelled)]
    assert interviewers == ["", "", "mary@example.com, joan@example.com"]
    feedback = [list(each.values())[-6:-4] for each in (first, second, cancelled)]
    assert feedback == [["4", "Fair."], ["4", "Fair."], ["", ""]]


@pytest.mark.parametrize("query", ["type=take-home", "q=ada"])
def test_file_has_every_page_of_what_the_filters_find(
    staff_client: Client, ended: Callable[..., Interview], query: str
) -> None:
    for number in range(52):
        ended(number, candidate_name=f"Ada {number}")
    ended(candidate_name="Grace", type=LIVE)
    link = soup(staff_client.get(f"/history/?{query}")).select_one(".page-head a.button")
    assert link["href"] == f"/history/history.csv?{query}"
    rows = table_of(staff_client.get(str(link["href"])))
    assert {row["candidate_name"] for row in rows} == {f"Ada {number}" for number in range(52)}


def test_file_with_wrong_filters_leads_to_their_errors(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/history/history.csv?type=x&q=ada")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=x&q=ada")
    assert soup(staff_client.get("/history/?type=x")).select_one(".page-head a.button") is None


def test_exporting_is_written_down(staff_client: Client, tables: None) -> None:
    staff_client.get("/history/history.csv")
    assert AuditEntry.objects.get().what == "exported_history"


def test_row_leads_to_the_interview_its_log_and_its_deletion(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    interview = ended()
    (row,) = soup(staff_client.get("/history/")).select("#rows tr")
    assert row.select_one(".name")["href"] == f"/interviews/{interview.id}/"
    assert row.select_one("[data-logs]")["data-logs"] == f"/interviews/{interview.id}/logs/"
    assert row.select_one("[data-ask]")["data-ask"] == f"/interviews/{interview.id}/delete/"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("type=take-home", ["A", "B"]),
        ("type=regular", ["C", "D"]),
        ("status=completed", ["A", "C"]),
        ("status=cancelled&type=regular", ["D"]),
        ("status=expired&type=regular", []),
        ("from=2026-03-02&to=2026-03-03", ["B", "C"]),
        ("from=2026-03-02&to=2026-03-03&type=take-home&status=revoked", ["B"]),
        ("to=2026-03-01&zone=America/New_York", ["A", "B"]),
        ("from=2026-03-04&zone=Europe/Berlin", ["C", "D"]),
        ("type=&status=&from=&to=&zone=&q=", ["A", "B", "C", "D"]),
    ],
)
def test_filters_are_combined_at_will(
    staff_client: Client, ended: Callable[..., Interview], query: str, wanted: list[str]
) -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 3, day, hour, 30, tzinfo=UTC)

    ended(candidate_name="A", completed_at=at(1, 12))
    ended(candidate_name="B", completed_at=at(2, 3), status="revoked")
    ended(candidate_name="C", completed_at=at(3, 23), type=LIVE)
    ended(candidate_name="D", completed_at=at(4, 12), type=LIVE, status="cancelled")
    assert sorted(names(staff_client.get(f"/history/?{query}"))) == wanted


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-03-29", "UTC", "2026-03-29T00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00"),
        ("2026-07-01", "Europe/Berlin", "2026-06-30T22:00"),
        # Midnight is skipped: the day starts at one o'clock.
        ("2026-09-06", "America/Santiago", "2026-09-06T04:00"),
        # Midnight comes twice: the day starts at the first.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00"),
    ],
)
def test_day_begins_at_midnight_of_the_zone(day: str, zone: str, begins: str) -> None:
    query, wrong = HistoryQuery.read({"from": day, "to": day, "zone": zone})
    filters = query.filters(True)
    assert wrong == {}
    assert filters.since is not None
    assert filters.since.isoformat()[:16] == begins


def test_every_final_status_can_be_asked_for() -> None:
    assert set(history.STATUSES) == {status.value for status in FINAL}


def test_wrong_filters_are_said_at_their_fields_and_stay_there(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended()
    response = staff_client.get(
        "/history/",
        {"type": "x", "status": "active", "from": "2026-02-30", "to": "0001-01-01", "q": "<b>"},
    )
    assert response.status_code == 422
    assert errors(response) == {
        "type": "Choose one of: take-home, regular.",
        "status": "Choose one of: completed, expired, revoked, cancelled.",
        "from": "Enter a date such as 2030-03-31.",
        "to": "Enter a date such as 2030-03-31.",
    }
    assert names(response) == []
    assert soup(response).select_one("#id_q")["value"] == "<b>"


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("from=2026-03-02&to=2026-03-01", "to", "The last day can't be before the first."),
        (f"q={'x' * 301}", "q", "Enter 300 characters or fewer."),
    ],
)
def test_wrong_field_has_a_sentence(
    staff_client: Client, tables: None, query: str, field: str, sentence: str
) -> None:
    assert errors(staff_client.get(f"/history/?{query}")) == {field: sentence}


def test_zone_that_the_browser_made_up_is_utc(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/history/?from=2026-03-04&zone=Etc/Unknown")
    assert response.status_code == 200
    assert "Days are in the time zone UTC." in soup(response).select_one("form.search").get_text()


def test_unknown_zone_has_a_sentence(staff_client: Client, tables: None) -> None:
    response = staff_client.get("/history/?zone=Nowhere/City")
    note = soup(response).select_one(".search-note")
    assert response.status_code == 422
    assert note.get_text() == "Time zone: Enter a time zone such as Europe/Berlin."


def test_refresh_of_a_page_with_wrong_filters_does_not_fail(
    staff_client: Client, tables: None
) -> None:
    """An error would make the page retry forever."""
    assert staff_client.get("/history/?type=x", headers={"HX-Request": "true"}).status_code == 200


def test_search_finds_open_and_ended_by_candidate_challenge_id_and_passcode(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended(9, candidate_name="Zoë Over", passcode="ABCD2345")
    ended(5, candidate_name="Zoe Open", status="scheduled", completed_at=None, type=LIVE)
    ended(candidate_name="Grace")
    for query, wanted in {
        "zoe": ["Zoe Open", "Zoë Over"],
        "ZOË ov": ["Zoë Over"],
        "word": ["Grace", "Zoe Open", "Zoë Over"],
        "i-000": ["Zoë Over"],
        "abcd2345": ["Zoë Over"],
        "zoe&type=regular": ["Zoe Open"],
        "zoe&status=completed": ["Zoë Over"],
        "zoe nobody": [],
    }.items():
        assert names(staff_client.get(f"/history/?q={query}")) == wanted, query


def test_search_says_the_status_of_what_is_open_and_offers_no_deletion(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    ended(status="active", completed_at=None)
    page = staff_client.get("/history/?q=ada")
    assert (cells(page)["Status"], cells(page)["Ended"]) == ("In progress", "Not ended")
    asked = [str(each["data-ask"]) for each in soup(page).select("#rows [data-ask]")]
    assert [each.split("/")[-2] for each in asked] == ["extend", "end"]


def test_history_is_paged_by_fifty_and_keeps_its_filters(
    staff_client: Client, ended: Callable[..., Interview]
) -> None:
    for number in range(52):
        ended(number, candidate_name=f"Candidate {number}")
    first = staff_client.get("/history/?type=take-home")
    older = str(soup(first).select_one("a[rel=next]")["href"])
    second = staff_client.get(older)
    assert older.startswith("/history/?type=take-home&cursor=")
    assert names(first) + names(second) == [f"Candidate {number}" for number in range(52)]
    assert len(names(first)) == 50
    assert soup(second).select_one("a[rel=next]") is None
    assert soup(second).select_one(".pager a")["href"] == "/history/?type=take-home"


def test_search_that_stopped_reading_offers_to_look_further(
    staff_client: Client, ended: Callable[..., Interview], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MAX_ROUNDS", 1)
    ended(99, candidate_name="Ada Revoked", status="revoked")
    for number in range(50):
        ended(number)
    page = staff_client.get("/history/?q=ada&status=revoked")
    empty = soup(page).select_one("[data-empty]:not([hidden])")
    assert empty.h2.get_text() == "No results so far"
    assert names(staff_client.get(str(empty.a["href"]))) == ["Ada Revoked"]


@pytest.mark.parametrize("cursor", ["abc", "%00", "W10", "e30x", "x" * 5000])
def test_bad_cursor_leads_to_the_newest(staff_client: Client, tables: None, cursor: str) -> None:
    response = staff_client.get(f"/history/?type=regular&cursor={cursor}")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=regular")


def test_old_address_of_ended_tests_leads_to_their_history(
    staff_client: Client, tables: None
) -> None:
    response = staff_client.get("/ended/")
    assert (response.status_code, response["Location"]) == (302, "/history/?type=take-home")


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
