"""What is done to challenges, files of candidates and e-mails is in the audit trail as well."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from interviews.challenges.models import Challenge
from interviews.models import Interview
from operations.audit.models import AuditEntry
from tests.conftest import member
from tests.dashboard.http import post

pytestmark = pytest.mark.django_db


def deeds() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.order_by("pk")
    return [(row.what, row.target, row.via) for row in rows if row.what != "signed_in"]


@pytest.mark.parametrize("via", ["api", "page"])
def test_what_is_done_to_a_challenge(staff_client: Client, challenge: Challenge, via: str) -> None:
    base = "/api/challenges/word-count" if via == "api" else "/challenges/word-count"
    end = "" if via == "api" else "/"
    for deed in ("archive", "restore", "dry-run"):
        assert post(staff_client, f"{base}/{deed}{end}").status_code in (200, 202, 302)
    assert deeds() == [
        ("challenge_archived", "word-count", via),
        ("challenge_restored", "word-count", via),
        ("dry_run", "word-count", via),
    ]


def test_a_challenge_that_is_made_and_changed(staff_client: Client, challenge: Challenge) -> None:
    about = {"name": "Another", "description": "", "language": "", "durationMinutes": "60"}
    file = SimpleUploadedFile("README.md", b"# Another\n")
    made = staff_client.post("/api/challenges", about | {"files": file, "paths": '["README.md"]'})
    assert made.status_code == 201, made.content
    changed = staff_client.post(
        "/api/challenges/another/versions", {"name": "New", "baseVersion": "1"}
    )
    assert changed.status_code == 201, changed.content
    assert deeds() == [
        ("challenge_created", "another", "api"),
        ("challenge_changed", "another", "api"),
    ]


def test_a_file_of_candidates(staff_client: Client, challenge: Challenge) -> None:
    rows = [{"candidateName": "Ada", "challenge": "word-count"}]
    made = post(
        staff_client, "/api/invitations/batch?dryRun=false&fileName=june.csv", {"rows": rows}
    )
    assert made.status_code == 201, made.content
    assert deeds() == [("file_read", "june.csv", "api"), ("invited_many", "june.csv", "api")]
    assert AuditEntry.objects.get(what="invited_many").detail == "rows: 1"


def test_an_e_mail_that_is_sent_again(
    staff_client: Client, take_home: Interview, settings: Any
) -> None:
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    body = {"candidateEmail": "ada@example.com"}
    assert post(staff_client, f"/api/interviews/{take_home.id}/messages", body).status_code == 202
    entry = AuditEntry.objects.get(what="sent_mail")
    assert (entry.actor, entry.interview_id) == ("recruiter", take_home.id)


def test_a_viewer_may_read_challenges_and_change_none(client: Client, challenge: Challenge) -> None:
    client.force_login(member("viewer", "Viewer"))
    assert client.get("/api/challenges/word-count").status_code == 200
    page = client.get("/challenges/word-count/").content.decode()
    assert ">Edit<" not in page
    assert client.post("/challenges/word-count/archive/").status_code == 403
    assert client.post("/api/challenges/word-count/archive").status_code == 403
    assert client.get("/invitations/").status_code == 403
    assert deeds() == []
