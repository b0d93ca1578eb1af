"""The history as a file."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from interviews.attributes import LIVE
from interviews.indexes import EarlierArchive, EarlierSitting
from interviews.models import Interview
from operations.audit.models import AuditEntry
from tests.dashboard.html import soup
from tests.dashboard.views.interviews.history.reading import NOW


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
