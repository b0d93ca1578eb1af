"""/api/invitations/batch, with the rules and actions of the pages."""

from typing import Any

import pytest
from django.test import Client

from interviews import queries
from interviews.challenges.models import Challenge
from operations.bulk_import import runner
from operations.bulk_import.models import Batch
from tests.dashboard.http import iso, post

CSV = "candidate_name,candidate_email\nAda,ada@example.com\n,x@example.com\n"
COUNTS = {"rows": 2, "good": 0, "twice": 0, "problem": 1, "wanted": 1, "done": 0, "failed": 0}


@pytest.fixture(autouse=True)
def library(challenge: Challenge) -> None:
    """A challenge to invite candidates to."""


def send(staff_client: Client, body: str = CSV, query: str = "?challenge=word-count") -> Any:
    return staff_client.post(f"/api/invitations/batch{query}", body, content_type="text/csv")


def error(response: Any) -> tuple[int, str | None, str]:
    said = response.json()["error"]
    return response.status_code, said.get("field"), said["message"]


def test_csv_is_checked_and_the_good_rows_are_invited(
    staff_client: Client, enqueued: list[tuple[str, str]]
) -> None:
    response = send(staff_client)
    batch = Batch.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "batch": {
            "id": batch.pk,
            "fileName": "API",
            "createdBy": "recruiter",
            "createdAt": iso(batch.created_at),
            "sendEmail": False,
            "notices": [],
            "counts": COUNTS,
        },
        "items": [
            {
                "number": 1,
                "line": 2,
                "state": "wanted",
                "candidateName": "Ada",
                "candidateEmail": "ada@example.com",
                "challenge": "word-count",
                "problem": "",
                "twice": "",
                "error": "",
                "interviewId": None,
            },
            {
                "number": 2,
                "line": 3,
                "state": "new",
                "candidateName": "",
                "candidateEmail": "x@example.com",
                "challenge": "",
                "problem": "Name: Enter the candidate's name.",
                "twice": "",
                "error": "",
                "interviewId": None,
            },
        ],
        "next": None,
    }
    assert enqueued == [("operations.invite_rows", str(batch.pk))]
    runner.run_batch(batch.pk)
    (interview,) = queries.list_page("take-home").items
    after = staff_client.get(f"/api/invitations/batch/{batch.pk}").json()
    assert after["items"][0]["interviewId"] == interview.id
    assert after["batch"]["counts"] == COUNTS | {"wanted": 0, "done": 1}


def test_json_rows_are_the_same(staff_client: Client) -> None:
    rows = [{"candidateName": "Ada", "durationMinutes": 90, "shoeSize": 43, "validDays": None}]
    response = post(staff_client, "/api/invitations/batch?challenge=word-count", {"rows": rows})
    assert response.status_code == 201
    assert response.json()["batch"]["notices"] == [
        "The column “shoeSize” is unknown and was ignored."
    ]
    (row,) = Batch.objects.get().rows.all()
    assert (row.state, row.invitation["duration_minutes"]) == ("wanted", 90)


def test_a_dry_run_invites_nobody_until_it_is_said(
    staff_client: Client, enqueued: list[tuple[str, str]]
) -> None:
    batch_id = send(staff_client, query="?challenge=word-count&dryRun=true").json()["batch"]["id"]
    assert enqueued == []
    response = post(staff_client, f"/api/invitations/batch/{batch_id}/invite", {"numbers": [1, 2]})
    assert (response.status_code, response.json()["counts"]) == (202, COUNTS)
    assert enqueued == [("operations.invite_rows", str(batch_id))]


def test_rows_come_page_by_page(staff_client: Client) -> None:
    rows = "".join(f"Ada {number}\n" for number in range(501))
    first = send(staff_client, f"name\n{rows}").json()
    assert (len(first["items"]), first["next"]) == (500, "500")
    address = f"/api/invitations/batch/{first['batch']['id']}?after={first['next']}"
    second = staff_client.get(address).json()
    assert ([row["number"] for row in second["items"]], second["next"]) == ([501], None)


def test_batches_are_listed_newest_first(staff_client: Client) -> None:
    ids = [send(staff_client).json()["batch"]["id"] for _ in range(2)]
    listed = staff_client.get("/api/invitations/batch").json()
    assert ([each["id"] for each in listed["items"]], listed["next"]) == (ids[::-1], None)
    assert (
        staff_client.get(f"/api/invitations/batch?cursor={ids[1]}").json()["items"][0]["id"]
        == ids[0]
    )


@pytest.mark.parametrize(
    ("body", "query", "said"),
    [
        ("email\na@b.de\n", "", (422, "file", "The column “candidate_name” is missing.")),
        (CSV, "?validDays=99", (422, "validDays", "Enter 30 or less.")),
        (CSV, "?durationMinutes=x", (422, "durationMinutes", "Enter a whole number.")),
        (CSV, "?durationMinutes=481", (422, "durationMinutes", "Enter 480 or less.")),
        (
            CSV,
            "?challenge=word-count&sendEmail=true",
            (422, "sendEmail", "Email isn't set up on this server."),
        ),
        (
            CSV,
            "?challenge=word-count&durationMinutes=0",
            (422, "durationMinutes", "Enter 1 or more."),
        ),
        (
            CSV,
            "?timeZone=Mars",
            (422, "timeZone", "Enter a time zone such as Europe/Berlin."),
        ),
    ],
)
def test_what_is_wrong_with_all_of_it_is_said(
    staff_client: Client, body: str, query: str, said: tuple[int, str, str]
) -> None:
    assert error(send(staff_client, body, query)) == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "Send 1 to 5,000 rows."),
        ([1], "Row 1 isn't a JSON object."),
        ([{"name": True}], "Row 1: “name” must be text or a number."),
        ([{"name": ["Ada"]}], "Row 1: “name” must be text or a number."),
        ([{"name": "\ud800"}], "Row 1 has an invalid character."),
        ([{"name": "A\x00"}], "Row 1 has an invalid character."),
        # Each name is a column of every row: a small body would need gigabytes.
        (
            [{f"c{row}-{n}": 1 for n in range(51)} for row in range(2)],
            "The rows have more than 100 different names.",
        ),
    ],
)
def test_json_that_is_no_row_is_named(staff_client: Client, rows: list[Any], said: str) -> None:
    response = post(staff_client, "/api/invitations/batch?challenge=word-count", {"rows": rows})
    assert error(response) == (422, "rows", said)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ("[]", "application/json", 422),
        ('{"rows": 7}', "application/json", 422),
        ('{"rows": [], "more": 1}', "application/json", 422),
        ("a,b", "text/plain", 415),
        ("a" * 1_100_000, "text/csv", 413),
    ],
)
def test_another_body_is_refused(staff_client: Client, body: str, kind: str, status: int) -> None:
    response = staff_client.post("/api/invitations/batch", body, content_type=kind)
    assert error(response)[0] == status
    assert Batch.objects.count() == 0


@pytest.mark.parametrize("batch_id", ["7", "0", "x", "9" * 30])
def test_a_batch_that_there_is_not_is_no_500(staff_client: Client, batch_id: str) -> None:
    assert staff_client.get(f"/api/invitations/batch/{batch_id}").status_code in {404, 422}
    response = post(staff_client, f"/api/invitations/batch/{batch_id}/invite", {})
    assert response.status_code in {404, 422}


@pytest.mark.parametrize("numbers", [[0], ["1"], [True], 7, [10**30]])
def test_numbers_of_rows_are_numbers(staff_client: Client, numbers: Any) -> None:
    batch_id = send(staff_client, query="?challenge=word-count&dryRun=true").json()["batch"]["id"]
    response = post(staff_client, f"/api/invitations/batch/{batch_id}/invite", {"numbers": numbers})
    assert response.status_code == 422
