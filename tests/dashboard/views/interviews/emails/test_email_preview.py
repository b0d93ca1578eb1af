"""*Preview email* in each dialog: the form's own view answers, and does nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from interviews.dynamodb import now
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.bulk_import.models import BatchRow
from operations.mail import sender
from operations.mail.messages import HIDDEN
from operations.mail.models import Message
from tests.conftest import fresh
from tests.dashboard.html import soup, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.com"


@pytest.fixture(autouse=True)
def _mail_on(settings: Any) -> None:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    settings.DEFAULT_FROM_EMAIL = "Example Ltd <tests@example.com>"


def written_to(interview: Interview) -> Interview:
    for message in Message.objects.filter(interview_id=interview.id, state="queued"):
        sender.send_message(message.pk)
    return fresh(interview)


@pytest.fixture
def test(invite: Callable[..., Interview]) -> Interview:
    return written_to(invite(candidate_email=ADDRESS, send_email=True))


@pytest.fixture
def planned(schedule: Callable[..., Interview]) -> Interview:
    return written_to(schedule(candidate_email=ADDRESS, send_email=True))


def preview(client: Client, path: str, **values: Any) -> Any:
    sent = {"preview": "yes", **values}
    return soup(client.post(path, sent, headers={"HX-Request": "true"}))


def head(page: Any) -> dict[str, str]:
    names, values = page.select(".email-head dt"), page.select(".email-head dd")
    return {text_of(n): text_of(v) for n, v in zip(names, values, strict=True)}


def reasons(page: Any) -> list[str]:
    return [text_of(each) for each in page.select(".email-reasons li")]


INVITATION = {
    "candidate_name": "Ada",
    "challenge": "word-count",
    "duration_minutes": "60",
    "candidate_email": ADDRESS,
    "send_email": "on",
    "zone": "UTC",
}


def test_of_an_invitation(staff_client: Client, challenge: Any) -> None:
    values = {**INVITATION, "valid_days": "7", "allowance_percent": "0"}
    page = preview(staff_client, "/interviews/invite/", **values)
    assert head(page) == {
        "Subject": "Your take-home test: Word count",
        "From": "Example Ltd <tests@example.com>",
        "To": ADDRESS,
    }
    text = page.select_one(".email-text")
    assert text["lang"] == "en"
    assert f"    https://tests.example.com/take-home/{HIDDEN}/\n" in text.get_text()
    assert list(Interview.scan()) == []
    assert (Message.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_of_an_interview(staff_client: Client, challenge: Any) -> None:
    page = preview(staff_client, "/live/create/", **INVITATION, when="now")
    assert head(page)["Subject"] == "Your interview starts now"
    assert list(Interview.scan()) == []


def test_what_is_wrong_in_the_form_is_said_with_its_field(
    staff_client: Client, challenge: Any
) -> None:
    values = {**INVITATION, "candidate_name": "", "valid_days": "99"}
    found = reasons(preview(staff_client, "/interviews/invite/", **values))
    assert [each.split(":")[0] for each in found] == ["Candidate", "Days to start"]


def test_without_an_email_it_says_so(staff_client: Client, challenge: Any) -> None:
    values = {**INVITATION, "valid_days": "7"}
    del values["send_email"]
    page = preview(staff_client, "/interviews/invite/", **values)
    assert reasons(page) == ["No email is sent, as the box for it isn't ticked."]


def test_of_each_dialog_about_a_test(staff_client: Client, test: Interview) -> None:
    at = f"/interviews/{test.id}"
    edit = {"duration_minutes": "60", "allowance_percent": "", "notify": "on"}
    for path, values, subject in (
        (f"{at}/mail/", {"candidate_email": "b@example.com"}, "Your take-home test: Word count"),
        (f"{at}/extend/", {"choice": "15", "notify": "on"}, "Changed: your take-home test"),
        (f"{at}/edit/", {**edit, "duration_minutes": "90"}, "Changed: your take-home test"),
        (f"{at}/revoke/", {"notify": "on"}, "Withdrawn: your take-home test"),
    ):
        page = preview(staff_client, path, **values)
        assert head(page)["Subject"].startswith(subject), path
        assert str(test.passcode) not in str(page)
    assert fresh(test).serialize() == test.serialize()
    assert Message.objects.filter(interview_id=test.id, state="queued").count() == 0


def test_of_a_moved_interview(staff_client: Client, planned: Interview) -> None:
    at = (now() + timedelta(days=2)).strftime("%Y-%m-%dT10:00")
    values = {"at": at, "zone": "UTC", "duration_minutes": "60", "notify": "on"}
    page = preview(staff_client, f"/interviews/{planned.id}/reschedule/", **values)
    assert head(page)["Subject"].startswith("Changed: your interview on ")
    assert "moved to a new time" in page.select_one(".email-text").get_text()
    assert fresh(planned).scheduled_at == planned.scheduled_at


def test_of_many_it_is_that_of_the_first(
    staff_client: Client, test: Interview, invite: Callable[..., Interview]
) -> None:
    both = [test.id, invite(candidate_name="Grace").id]
    for verb, values, subject in (
        ("remind", {}, "Reminder: your take-home test: Word count"),
        ("deadline", {"days": "3", "notify": "on"}, "Changed: your take-home test: Word count"),
        ("withdraw", {"notify": "on"}, "Withdrawn: your take-home test: Word count"),
    ):
        page = preview(
            staff_client, f"/interviews/selected/{verb}/", id=both, confirm="yes", **values
        )
        assert (head(page)["Subject"], head(page)["To"]) == (subject, ADDRESS)
    assert fresh(test).serialize() == test.serialize()
    wrong = {"id": both, "confirm": "yes", "days": "99", "notify": "on"}
    page = preview(staff_client, "/interviews/selected/deadline/", **wrong)
    assert reasons(page) == ["Enter a number from 1 to 30."]


def test_of_a_file_it_is_that_of_the_first_row(staff_client: Client, challenge: Any) -> None:
    rows = "candidate_name,candidate_email\nAda,ada@example.com\nGrace,grace@example.com\n"
    sent = {"challenge": "word-count", "valid_days": "7", "send_email": "on", "time_zone": "UTC"}
    file = SimpleUploadedFile("candidates.csv", rows.encode())
    batch = staff_client.post("/invitations/", {**sent, "file": file})["Location"]
    for values, to in (({"choose": "all"}, ADDRESS), ({"choose": "part", "part": "2"}, "grace@")):
        page = preview(staff_client, f"{batch}invite/", confirmed="yes", **values)
        assert head(page)["To"].startswith(to)
    assert not BatchRow.objects.exclude(state="new").exists()
    dialog = soup(staff_client.post(f"{batch}invite/", {"choose": "all"}))
    assert dialog.select_one("#batch-confirm .email-preview")["hx-post"] == f"{batch}invite/"


def test_a_dialog_offers_it_if_the_candidate_was_written_to(
    staff_client: Client, test: Interview, invite: Callable[..., Interview]
) -> None:
    silent = invite(candidate_name="Grace")
    for interview, count in ((test, 1), (silent, 0)):
        for name in ("extend", "edit", "revoke"):
            dialog = soup(staff_client.get(f"/interviews/{interview.id}/{name}/"))
            assert len(dialog.select(".email-preview")) == count, name
