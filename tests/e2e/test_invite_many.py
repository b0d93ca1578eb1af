"""Twenty candidates from a file: looked at, invited, written to; each link opens a test."""

import csv
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Platform, Staff, expect_live, never_reloaded
from tests.services import wait_until

NAMES = [f"Candidate {number}" for number in range(1, 19)] + ["=1+1", "李小龙"]
ROWS = "".join(f"{name};c{number}@example.com\r\n" for number, name in enumerate(NAMES, start=1))
# As Excel writes it, with one of them there twice and one without an address.
FILE = f"Candidate Name;E-Mail\r\n{ROWS}Candidate 1;C1@example.com\r\nNobody;\r\n".encode(
    "utf-8-sig"
)


def mails(platform: Platform) -> list[Path]:
    folder = platform.folder / "mail"
    return list(folder.glob("*.eml")) if folder.exists() else []


def test_twenty_candidates_of_a_file_are_invited(
    platform: Platform, staff: Staff, candidate: Page, tmp_path: Path
) -> None:
    page = staff.page
    before = len(mails(platform))
    page.goto(f"{platform.origin}/invitations/")
    page.get_by_label("CSV file", exact=True).set_input_files(
        {"name": "spring.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    page.get_by_label("Challenge", exact=True).select_option("settlement-check")
    # The file has addresses.
    expect(page.get_by_label("Email each candidate their link")).to_be_checked()
    page.get_by_label("Time zone of the emails").fill("Europe/Berlin")
    page.get_by_role("button", name="Upload and check").click()

    # Everything is seen before anybody is invited.
    expect(page.get_by_role("heading", name="spring.csv")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(22)
    expect(page.locator("#row-21")).to_contain_text("Same candidate and challenge as row 1.")
    expect(page.locator("#row-22")).to_contain_text(
        "Enter the candidate's email address to send an email."
    )
    expect_live(page)
    assert len(mails(platform)) == before

    # A part, by typing its numbers; then the rest, without a reload of the page.
    page.get_by_label("Row numbers").fill("1-5")
    page.get_by_role("button", name="Invite candidates").click()
    page.get_by_role("button", name="Invite 5 candidates").click()
    expect(page.locator(".row-done")).to_have_count(5)
    page.evaluate("window.neverReloaded = true")
    expect_live(page)
    expect(page.get_by_label("All valid rows (15)")).to_be_visible()
    page.get_by_label("All valid rows").check()
    page.get_by_role("button", name="Invite candidates").click()
    page.get_by_role("button", name="Invite 15 candidates").click()
    expect(page.locator(".row-done")).to_have_count(20)
    page.evaluate("window.neverReloaded = true")
    expect(page.locator("#batch-progress")).to_contain_text("20 invited")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download results").click()
    path = tmp_path / "result.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        result = list(csv.DictReader(file))
    invited = [row for row in result if row["state"] == "invited"]
    assert [row["candidate_name"] for row in invited] == [*NAMES[:18], "'=1+1", "李小龙"]
    assert len({row["link"] for row in invited}) == 20

    # Each of them is written to once, and the page shows it as it happens.
    expect(page.get_by_text("Email sent", exact=True)).to_have_count(20)
    assert never_reloaded(page)
    wait_until(lambda: len(mails(platform)) - before == 20, "not everybody was written to")
    letters = [
        message_from_bytes(each.read_bytes(), policy=policy.default) for each in mails(platform)
    ]
    links = {letter["To"]: letter.get_body(("plain",)).get_content() for letter in letters}  # type: ignore[union-attr]
    for row in invited:
        assert row["link"] in links[row["candidate_email"]]
        assert "Europe/Berlin" in links[row["candidate_email"]]

    # One of them is found by the address, which the list does not show.
    page.goto(f"{platform.origin}/")
    page.get_by_role("searchbox").fill("C7@example.com")
    expect(page.locator("#rows .name:visible")).to_have_text(["Candidate 7"])

    candidate.goto(invited[-1]["link"])
    expect(candidate.get_by_text("Take-home test for 李小龙")).to_be_visible()

    # What opens a test is in no log.
    logs = "".join(path.read_text() for path in (platform.folder / "logs").glob("*.log"))
    passcodes = [row["link"].rstrip("/").rsplit("/", 1)[1] for row in invited]
    assert [passcode for passcode in passcodes if passcode in logs] == []
