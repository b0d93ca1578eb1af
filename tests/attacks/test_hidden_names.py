"""No page, endpoint or file tells a reviewer the name of a candidate whom they have to score first.

It asks for every URL of the table: one that is added later is asked for as well.
"""

import gzip
import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from dashboard.permissions.roles import INTERVIEWER, REVIEWER, VIEWER, Permission
from interviews.models import Interview
from operations.mail.models import Message
from operations.progress.models import ProgressState
from operations.reviews import reviewers
from tests.attacks import routes
from tests.conftest import member
from tests.reviewing import CRITERIA, finish, set_criteria, submit

pytestmark = pytest.mark.django_db

NAME, ADDRESS = "Zebulon Quartermain", "zebulon@quartermain.example"
# What is searched, sorted or filtered; a search finds the start of words.
SEARCHES = {
    "/": ("?sort=candidate",),
    "/find/": ("?q=zebulon", "?q=quarter"),
    "/history/": ("?q=zebulon", "?q=zebulon@"),
    "/history/history.csv": ("?q=zebulon",),
    "/api/interviews": ("?q=quarter",),
    "/admin/dashboard/interviewrecord/": ("?q=zebulon",),
    "/api/interviews/<interview_id>/submission/archive": ("?format=zip",),
    "/interviews/<str:interview_id>/row/": ("?tab=history", "?tab=history&q=zebulon"),
    "/interviews/<str:interview_id>/submission/": ("?all=1",),
    "/interviews/<str:interview_id>/submission/file/": ("?path=README.md",),
    "/interviews/<str:interview_id>/submission/download/": ("?path=README.md",),
}
# Forms and texts without any record, which take their time.
PLAIN = ("/api/docs", "/api/openapi.json")
SEEN = (Permission.VIEW, Permission.REVIEW)


@pytest.fixture
def submission(invite: Callable[..., Interview], engine: Any) -> Interview:
    """A finished interview with files, of a challenge that hides names."""
    interview = invite(candidate_name=NAME, candidate_email=ADDRESS)
    set_criteria(*CRITERIA)
    finish(interview)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("README.md"), io.BytesIO())
    key = default_storage.save("saved.tar.gz", ContentFile(gzip.compress(buffer.getvalue())))
    interview.change(history_s3_key=key, archive_of=0)
    Message.objects.create(
        interview_id=interview.id, kind="invitation", number=1, to=ADDRESS, send_at=timezone.now()
    )
    ProgressState.objects.create(
        interview_id=interview.id, number=1, sitting=1, at=timezone.now(), key="", files=1, lines=1
    )
    reviewers.change_settings("word-count", [], in_turn=0, hides_names=True)
    return interview


@pytest.fixture
def rita(client: Client, submission: Interview) -> User:
    """A reviewer who was asked for a review."""
    user = member("rita", REVIEWER)
    reviewers.assign_reviewer(submission, user, by="boss")
    client.force_login(user)
    return user


def urls_of(interview: Interview) -> list[str]:
    """Every URL that a reviewer may open, with what can be asked of it."""
    ids = routes.existing_ids(interview)
    records = routes.admin_ids(interview, ids)
    return [
        f"{routes.fill(each.pattern, ids, records)}{query}"
        for each in routes.expected()
        if each.method == "GET" and each.needs in SEEN and each.pattern not in PLAIN
        for query in ("", *SEARCHES.get(each.pattern, ()))
    ]


def tells(client: Client, url: str) -> bool:
    """True if the answer or its headers have a part of the name."""
    response = client.get(url)
    content = response.getvalue() if response.streaming else response.content
    text = f"{content.decode(errors='replace')} {response.headers}".lower()
    # A page repeats what was searched for.
    asked = url.rpartition("q=")[2] if "q=" in url else "nothing"
    for repeated in (f'value="{asked}', f"q={asked}", f"“{asked}"):
        text = text.replace(repeated, "")
    return "zebulon" in text or "quartermain" in text


def test_who_has_to_score_first_reads_no_name(
    client: Client, submission: Interview, rita: User
) -> None:
    found = [url for url in urls_of(submission) if tells(client, url)]
    assert found == []


def test_it_is_there_after_ones_own_review(
    client: Client, submission: Interview, rita: User
) -> None:
    submit(submission, rita, 3, 3)
    page = f"/interviews/{submission.id}/"
    for url in (
        *(page, f"{page}review/", f"{page}submission/", f"{page}submission/files.zip"),
        f"/api{page}messages",
        *("/history/", "/history/history.csv", "/history/?q=zebulon", "/find/?q=zebulon"),
        *("/challenges/word-count/compare/", f"/api{page.rstrip('/')}", "/api/interviews"),
    ):
        assert tells(client, url), url


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_others_see_it(client: Client, submission: Interview, role: str) -> None:
    """Who decides or assigns has to know, and a viewer scores nobody."""
    client.force_login(member("somebody", role))
    assert NAME in client.get(f"/interviews/{submission.id}/").content.decode()


def test_a_search_finds_it_by_its_id_alone(
    client: Client, submission: Interview, rita: User
) -> None:
    for text, count in (("zebulon", 0), ("word", 0), (submission.id, 1)):
        assert len(client.get(f"/api/interviews?q={text}").json()["items"]) == count
    row = f"/interviews/{submission.id}/row/?tab=history&q="
    assert client.get(f"{row}zebulon").content == client.get(f"{row}nobody").content
