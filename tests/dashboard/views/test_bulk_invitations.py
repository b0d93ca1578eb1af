"""/invitations/: upload a file, review it, invite from it, and download the result."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.views import bulk_invitations
from interviews import queries
from interviews.challenges.models import Challenge
from operations.bulk_import import csv_file, runner
from operations.bulk_import.columns import TEMPLATE
from operations.bulk_import.models import Batch, BatchRow
from tests.dashboard.html import soup, text_of

ROWS = (
    "name,email,challenge\n"
    "Ada,ada@example.com,word-count\n"
    "Grace,grace@example.com,word-count\n"
    "Ada King,ADA@example.com,word-count\n"
    ",x@example.com,word-count\n"
    "=1+1,,word-count\n"
)
CUSTOM = {"duration_minutes": "custom"}


@pytest.fixture(autouse=True)
def library(challenge: Challenge) -> None:
    """A challenge to invite candidates to."""


def upload(staff_client: Client, content: str | bytes = ROWS, **fields: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("candidates.csv", raw, content_type="text/csv")
    return staff_client.post("/invitations/", {"valid_days": "7", "file": file, **fields})


def uploaded(staff_client: Client, content: str | bytes = ROWS, **fields: Any) -> Batch:
    response = upload(staff_client, content, **fields)
    batch = Batch.objects.latest("pk")
    assert (response.status_code, response["Location"]) == (302, f"/invitations/{batch.pk}/")
    return batch


def states(batch: Batch) -> list[tuple[int, str]]:
    return list(batch.rows.values_list("number", "state"))


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_file_with_the_columns_that_the_page_names_is_read(
    staff_client: Client, language: str
) -> None:
    page = staff_client.get("/invitations/", headers={"Accept-Language": language})
    columns = [each.get_text() for each in soup(page).select(".upload-columns strong")]
    assert len(columns) == 2
    assert page["Content-Language"] == language
    batch = uploaded(
        staff_client, f"{','.join(columns)}\nAda,ada@example.com\n", challenge="word-count"
    )
    cells = {"candidate_name": "Ada", "candidate_email": "ada@example.com"}
    assert [(row.cells, row.problem) for row in batch.rows.all()] == [(cells, "")]


def test_the_form_is_there_and_says_where_a_template_is(staff_client: Client) -> None:
    html = soup(staff_client.get("/invitations/"))
    assert html.select_one("a[download]")["href"] == "/invitations/template.csv"
    assert text_of(html.select_one("#recent-title").parent).startswith("Previous uploads None yet.")


def test_the_template_is_a_file_that_can_be_uploaded(staff_client: Client) -> None:
    response = staff_client.get("/invitations/template.csv")
    assert response["Content-Disposition"] == 'attachment; filename="candidates.csv"'
    assert response.content.decode("utf-8-sig").splitlines()[0] == ",".join(TEMPLATE)
    batch = uploaded(staff_client, response.content)
    assert [row.problem for row in batch.rows.all()] == [""]


def test_a_file_is_read_and_nobody_is_invited(staff_client: Client) -> None:
    batch = uploaded(staff_client)
    assert (batch.created_by, batch.file_name) == ("recruiter", "candidates.csv")
    assert queries.list_page("take-home").items == []
    html = soup(staff_client.get(f"/invitations/{batch.pk}/"))
    assert [text_of(cell) for cell in html.select(".cell-state")] == [
        "Valid",
        "Valid",
        "Duplicate Same candidate and challenge as row 1. Select the row to invite them anyway.",
        "Problem Name: Enter the candidate's name.",
        "Valid",
    ]
    assert [text_of(item) for item in html.select(".batch-counts li")] == [
        "5 rows",
        "3 valid",
        "1 duplicate",
        "1 with a problem",
    ]


def test_files_of_before_are_listed_newest_first(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_invitations, "RECENT_FILES", 2)
    found = [uploaded(staff_client) for _ in range(3)]
    links = soup(staff_client.get("/invitations/")).select(".batch-list a")
    assert [link["href"] for link in links] == [
        f"/invitations/{batch.pk}/" for batch in (found[2], found[1])
    ]


def test_a_name_is_no_html(staff_client: Client) -> None:
    batch = uploaded(staff_client, "name,challenge\n<b onclick=x>Ada</b>,word-count\n")
    html = soup(staff_client.get(f"/invitations/{batch.pk}/"))
    assert text_of(html.select_one("tbody .name")) == "<b onclick=x>Ada</b>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("email,challenge\na@b.de,word-count\n", "The column “candidate_name” is missing."),
        ("", "The submitted file is empty."),
        (b"PK\x03\x04", "This is a workbook, not a CSV file. Save it as CSV (UTF-8) first."),
        (b"a" * (csv_file.MAX_BYTES + 1), "The file is larger than 2 MB."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_the_rest_stays(
    staff_client: Client, content: str | bytes, said: str
) -> None:
    response = upload(
        staff_client, content, custom_instructions="Please use Python.", valid_days="3"
    )
    html = soup(response)
    assert response.status_code == 422
    expected = "The file is empty." if said.startswith("The submitted") else said
    assert html.select_one("#id_file_error").text == expected
    assert html.select_one("[name=custom_instructions]").text.strip() == "Please use Python."
    assert html.select_one("[name=valid_days]")["value"] == "3"
    assert Batch.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"valid_days": "99"}, "valid_days", "Enter 30 or less."),
        (CUSTOM | {"custom_minutes": "x"}, "custom_minutes", "Enter a whole number."),
        (CUSTOM | {"custom_minutes": ""}, "custom_minutes", "Enter the number of minutes."),
        (CUSTOM | {"custom_minutes": "0"}, "custom_minutes", "Enter 1 or more."),
        ({"challenge": "gone"}, "challenge", "This challenge isn't active. Choose another."),
        (
            {"custom_instructions": "x" * 5_001},
            "custom_instructions",
            "Enter 5000 characters or fewer.",
        ),
    ],
)
def test_what_holds_for_all_is_checked_by_field(
    staff_client: Client, fields: dict[str, str], field: str, said: str
) -> None:
    response = upload(staff_client, **fields)
    assert response.status_code == 422
    html = soup(response)
    assert [error.text for error in html.select(".field-error")] == [said]
    assert html.select_one(f"#id_{field}_error").text == said


def test_without_a_file_it_says_so(staff_client: Client) -> None:
    response = staff_client.post("/invitations/", {"valid_days": "7"})
    assert soup(response).select_one("#id_file_error").text == "Choose a file."


def test_a_zone_that_there_is_not_is_refused(staff_client: Client, settings: Any) -> None:
    settings.MAIL_IS_ON = True
    response = upload(staff_client, send_email="on", time_zone="Mars/Olympus")
    said = soup(response).select_one("#id_time_zone_error").text
    assert said == "Enter a time zone such as Europe/Berlin."


def test_where_there_is_no_mail_server_no_email_is_offered(staff_client: Client) -> None:
    html = soup(staff_client.get("/invitations/"))
    assert html.select("[name=send_email]") == []
    response = upload(staff_client, send_email="on")
    batch = Batch.objects.latest("pk")
    refused = staff_client.post(f"/invitations/{batch.pk}/invite/", {"choose": "all"})
    assert (response.status_code, refused.status_code) == (302, 422)
    said = text_of(soup(refused).select_one("[role=alert]"))
    assert said == "Email isn't set up on this server."


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        ({"choose": "all"}, [1, 2, 5]),
        ({"choose": "all", "with_twice": "on"}, [1, 2, 3, 5]),
        ({"choose": "ticked", "row": ["2", "3", "4", "x", "99"]}, [2, 3]),
        ({"choose": "part", "part": "1-4"}, [1, 2]),
        ({"choose": "part", "part": " 2, 5 – 999 "}, [2, 5]),
        ({"choose": "part", "part": "3", "with_twice": "on"}, [3]),
    ],
)
def test_all_or_a_named_part_is_invited(
    staff_client: Client, choice: dict[str, Any], chosen: list[int], enqueued: list[tuple[str, str]]
) -> None:
    batch = uploaded(staff_client)
    asked = soup(staff_client.post(f"/invitations/{batch.pk}/invite/?page=1", choice))
    form = asked.select_one("#batch-confirm form")
    count = len(chosen)
    expected = f"Invite {count} candidate{'' if count == 1 else 's'}"
    assert text_of(form.select_one("[type=submit]")) == expected
    assert {state for _, state in states(batch)} == {"new"}
    confirmed = {
        name: [field["value"] for field in form.select(f"[name={name}]")]
        for name in {field["name"] for field in form.select("[name]")}
    }
    response = staff_client.post(form["action"], confirmed)
    assert (response.status_code, response["Location"]) == (
        302,
        f"/invitations/{batch.pk}/?page=1",
    )
    assert [number for number, state in states(batch) if state == "wanted"] == chosen
    assert enqueued == [("operations.invite_rows", str(batch.pk))]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({}, "Choose which rows to invite."),
        ({"choose": "part", "part": "one"}, "Enter row numbers such as 1-20, 25."),
        ({"choose": "part", "part": ""}, "Enter row numbers such as 1-20, 25."),
        (
            {"choose": "part", "part": "1" + " " * 500 + "2"},
            "That's too long. Invite them in several steps.",
        ),
        ({"choose": "part", "part": "9-3"}, "9-3 isn't a range. Start with the smaller number."),
        ({"choose": "part", "part": "4"}, "None of these rows can be invited."),
        ({"choose": "ticked"}, "None of these rows can be invited."),
    ],
)
def test_a_choice_of_nobody_is_refused_and_stays(
    staff_client: Client, choice: dict[str, Any], said: str
) -> None:
    batch = uploaded(staff_client)
    response = staff_client.post(f"/invitations/{batch.pk}/invite/", choice)
    html = soup(response)
    assert (response.status_code, text_of(html.select_one("[role=alert]"))) == (422, said)
    assert html.select_one("[name=part]")["value"] == choice.get("part", "")
    # This response's own URL cannot be fetched: its links lead to the page instead.
    assert html.select_one("#batch")["data-address"] == f"/invitations/{batch.pk}/"
    assert [each["href"] for each in html.select(".tabs a")] == [
        f"/invitations/{batch.pk}/",
        f"/invitations/{batch.pk}/?only=attention",
    ]
    assert {state for _, state in states(batch)} == {"new"}


def invite_all(staff_client: Client, batch: Batch) -> None:
    confirmed = {"choose": "all", "confirmed": "yes"}
    assert staff_client.post(f"/invitations/{batch.pk}/invite/", confirmed).status_code == 302


def test_each_link_can_be_copied(staff_client: Client) -> None:
    batch = uploaded(staff_client)
    invite_all(staff_client, batch)
    runner.run_batch(batch.pk)
    rows = soup(staff_client.get(f"/invitations/{batch.pk}/")).select("tbody tr")
    found = {row["id"]: row.select_one("[data-copy]") for row in rows}
    first = queries.get_interview(rows[0]["data-interview"])
    assert first is not None
    assert found["row-1"]["data-copy"] == f"http://testserver/take-home/{first.passcode}/"
    assert [id_ for id_, button in found.items() if button] == ["row-1", "row-2", "row-5"]


def test_the_page_shows_how_far_it_is(staff_client: Client) -> None:
    batch = uploaded(staff_client)
    invite_all(staff_client, batch)
    BatchRow.objects.filter(number=1).update(state="done", interview_id="takehome-1")
    fragment = staff_client.get(f"/invitations/{batch.pk}/", headers={"HX-Request": "true"})
    html = soup(fragment)
    assert html.select("html") == []
    bar = html.select_one("progress")
    assert (bar["value"], bar["max"]) == ("1", "3")
    assert text_of(html.select_one("label[for=batch-bar]")) == "Inviting… 2 to go"


def test_only_what_needs_a_look(staff_client: Client) -> None:
    batch = uploaded(staff_client)
    BatchRow.objects.filter(number=2).update(state="failed", error="Challenge: gone.")
    html = soup(staff_client.get(f"/invitations/{batch.pk}/?only=attention"))
    assert [row["id"] for row in html.select("tbody tr")] == ["row-2", "row-3", "row-4"]


def test_rows_are_shown_page_by_page(staff_client: Client) -> None:
    rows = "".join(f"Ada {number},word-count\n" for number in range(250))
    batch = uploaded(staff_client, f"name,challenge\n{rows}")
    html = soup(staff_client.get(f"/invitations/{batch.pk}/?page=2"))
    assert len(html.select("tbody tr")) == 100
    assert text_of(html.select_one(".pager span")) == "Rows 101 to 200 of 250"
    for strange in ("0", "x", "4", "9" * 30):
        assert staff_client.get(f"/invitations/{batch.pk}/?page={strange}").status_code == 200


def test_the_result_says_what_became_of_every_row(staff_client: Client) -> None:
    batch = uploaded(staff_client)
    invite_all(staff_client, batch)
    runner.run_batch(batch.pk)
    response = staff_client.get(f"/invitations/{batch.pk}/result.csv")
    table = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["state"] for row in table] == [
        "invited",
        "invited",
        "not invited",
        "not invited",
        "invited",
    ]
    first = queries.get_interview(table[0]["interview_id"])
    assert first is not None
    assert table[0]["link"] == f"http://testserver/take-home/{first.passcode}/"
    assert table[0]["start_before_utc"] == f"{first.valid_until:%Y-%m-%dT%H:%M:%S}Z"
    assert table[3]["problem"] == "Name: Enter the candidate's name."
    # A spreadsheet must not evaluate it; the platform keeps it as it was written.
    assert table[4]["candidate_name"] == "'=1+1"
    last = queries.get_interview(table[4]["interview_id"])
    assert last is not None
    assert last.candidate_name == "=1+1"


@pytest.mark.parametrize("batch_id", ["7", "9" * 30])
def test_a_file_that_there_is_not_is_404(staff_client: Client, batch_id: str) -> None:
    for address in ("", "result.csv"):
        assert staff_client.get(f"/invitations/{batch_id}/{address}").status_code == 404
    assert (
        staff_client.post(f"/invitations/{batch_id}/invite/", {"choose": "all"}).status_code == 404
    )


def test_preview_of_a_row_that_is_no_longer_accepted_says_why(staff_client: Client) -> None:
    batch = uploaded(staff_client)
    Batch.objects.filter(pk=batch.pk).update(send_email=True)
    row = batch.rows.get(number=1)
    row.invitation["candidate_name"] = ""
    row.save()
    values = {"choose": "all", "preview": "yes"}
    page = staff_client.post(f"/invitations/{batch.pk}/invite/", values)
    (reason,) = soup(page, 422).select(".email-reasons li")
    assert text_of(reason).startswith("Name: ")
