"""Candidates of a file are invited, and the page follows."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from interviews import queries
from operations.bulk_import import runner
from operations.bulk_import.models import Batch, BatchRow
from tests.dashboard.html import soup, text_of
from tests.dashboard.views.bulk_invitations.uploads import uploaded


def states(batch: Batch) -> list[tuple[int, str]]:
    return list(batch.rows.values_list("number", "state"))


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
