"""A file of candidates is read, or refused with a sentence."""

from typing import Any

import pytest
from django.test import Client

from dashboard.views import bulk_invitations
from interviews import queries
from operations.bulk_import import csv_file
from operations.bulk_import.columns import TEMPLATE
from operations.bulk_import.models import Batch
from tests.dashboard.html import soup, text_of
from tests.dashboard.views.bulk_invitations.uploads import upload, uploaded

CUSTOM = {"duration_minutes": "custom"}


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
