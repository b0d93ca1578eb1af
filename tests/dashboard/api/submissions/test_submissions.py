"""What was submitted, in the API: the same as on its pages, for programs."""

import hashlib
import io
import tarfile
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from dashboard.api.submissions import submissions
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.submissions import service
from operations.submissions.service import SubmissionNotReadyError
from operations.submissions.submission import Submission
from tests.dashboard.views.submissions.conftest import FILES, submitted  # noqa: F401
from tests.operations.submissions.archives import archive_of, save_archive


@pytest.fixture
def ask(staff_client: Client, submitted: Interview) -> Any:  # noqa: F811
    def call(name: str = "", query: str = "") -> Any:
        return staff_client.get(f"/api/interviews/{submitted.id}/submission{name}?{query}")

    return call


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_tree_has_every_file_with_its_change_and_the_totals(ask: Any) -> None:
    found = ask().json()
    assert {name: found[name] for name in ("opening", "compared", "problem", "next")} == {
        "opening": 0,
        "compared": True,
        "problem": None,
        "next": None,
    }
    assert (found["added"], found["changed"], found["deleted"]) == (11, 1, 1)
    files = {each["path"]: each for each in found["items"]}
    assert files["count.py"]["status"] == "changed"
    assert files["README.md"]["status"] == "deleted"
    assert files["src/new.py"]["sha256"] == hashlib.sha256(FILES["src/new.py"]).hexdigest()
    assert files["link"]["link"] == "/etc/passwd"
    assert files["caf\\xe9.txt"]["pathQuery"] == "caf%E9.txt"
    assert files["src/new.py"]["size"] == len(FILES["src/new.py"])


def test_damaged_archive_has_no_counts_of_changes(ask: Any, submitted: Interview) -> None:  # noqa: F811
    whole = archive_of({"count.py": b"x = 1\n"})
    save_archive(submitted, whole[: len(whole) // 2], key="archives/y/a.tar.gz")
    found = ask().json()
    assert found["problem"] == "damaged"
    assert (found["added"], found["changed"], found["deleted"]) == (None, None, None)


def test_tree_comes_in_pages(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "PAGE_SIZE", 4)
    whole, cursor = [], "0"
    while cursor is not None:
        page = ask(query=f"cursor={cursor}").json()
        assert len(page["items"]) <= 4
        whole += [each["path"] for each in page["items"]]
        cursor = page["next"]
    monkeypatch.setattr(submissions, "PAGE_SIZE", 500)
    assert whole == [each["path"] for each in ask().json()["items"]]
    assert len(whole) == 13


def test_only_changes_can_be_asked_for(ask: Any, submitted: Interview) -> None:  # noqa: F811
    files = archive_of({"count.py": b"print(1)\n", "README.md": b"# Word count\n", "new": b"1"})
    submitted.change(history_s3_key="archives/z/a.tar.gz")
    save_archive(submitted, files, key="archives/z/a.tar.gz")
    assert [each["path"] for each in ask(query="changed=true").json()["items"]] == ["new"]
    assert len(ask().json()["items"]) == 3


@pytest.mark.parametrize(
    ("path", "content"),
    [("page.html", FILES["page.html"]), ("caf%E9.txt", b"latin \xe9\n")],
)
def test_file_is_an_attachment_without_a_type(ask: Any, path: str, content: bytes) -> None:
    response = ask("/file", f"path={path}")
    assert (response.status_code, body(response)) == (200, content)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert AuditEntry.objects.filter(what="downloaded_files", detail="one file").count() == 1


@pytest.mark.parametrize("name", ["/file", "/difference"])
@pytest.mark.parametrize("path", ["none.py", "../count.py", "src", ""])
def test_unknown_file_is_not_found(ask: Any, name: str, path: str) -> None:
    assert ask(name, f"path={path}").status_code == 404


def test_wrong_parameters_are_named(ask: Any) -> None:
    for name, query, field in (
        ("/file", "", "path"),
        ("", "cursor=x", "cursor"),
        ("", "folder=src", "folder"),
        ("/archive", "format=rar", "format"),
        ("/difference", "path=src/new.py", "path"),
    ):
        response = ask(name, query)
        assert (name, response.status_code) == (name, 422)
        assert response.json()["error"]["field"] == field
    assert ask(query="opening=7").status_code == 404


def test_difference_is_line_by_line(ask: Any) -> None:
    found = ask("/difference", "path=count.py").json()
    assert (found["path"], found["reason"], found["added"], found["deleted"]) == (
        "count.py",
        "",
        5,
        1,
    )
    first, second, *_ = found["lines"]
    assert first == {
        "kind": "deleted",
        "oldLine": 1,
        "newLine": None,
        "text": "print(1)",
        "skipped": 0,
    }
    assert (second["kind"], second["newLine"], second["text"]) == ("added", 1, "import sys")


def test_archive_comes_as_tar_or_zip(ask: Any) -> None:
    with tarfile.open(fileobj=io.BytesIO(body(ask("/archive")))) as archive:
        assert "project/src/new.py" in archive.getnames()
    response = ask("/archive", "format=zip")
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body(response))) as zipped:
        assert any(name.endswith("/src/new.py") for name in zipped.namelist())
    details = AuditEntry.objects.filter(what="downloaded_files").values_list("detail", flat=True)
    assert sorted(details) == ["", "zip"]


def test_reading_is_in_the_audit_log(ask: Any) -> None:
    ask()
    ask("/difference", "path=count.py")
    assert AuditEntry.objects.filter(what="opened_submission").count() == 1


def test_what_cannot_be_read_says_why_and_closes_the_submission(
    ask: Any,
    submitted: Interview,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask()
    closed, close = [], Submission.close

    def close_and_keep(submission: Submission) -> None:
        # Others are those that the garbage collector closes.
        if submitted.id in submission.archive_key:
            closed.append(submission)
        close(submission)

    monkeypatch.setattr(Submission, "close", close_and_keep)
    ask("/file", "path=none.py")
    assert len(closed) == 1
    default_storage.delete(submitted.history_s3_key)
    damaged = ask("/file", "path=count.py")
    assert damaged.status_code == 409
    assert damaged.json()["error"]["message"].startswith("The archive is damaged")
    assert len({*map(id, closed)}) == 2
    assert ask("/archive").status_code == 404
    monkeypatch.setattr(service, "open_submission", _not_ready)
    for name, query in (("", ""), ("/archive", "format=zip"), ("/file", "path=count.py")):
        waiting = ask(name, query)
        assert (waiting.status_code, waiting.json()["error"]["code"]) == (503, "unavailable")
        assert waiting.json()["error"]["message"].startswith("This is a large submission.")


def _not_ready(*_: object) -> Submission:
    raise SubmissionNotReadyError


def test_interview_without_files_has_no_submission(
    staff_client: Client, take_home: Interview
) -> None:
    for name in ("", "/archive", "/archive?format=zip", "/file?path=a", "/difference?path=a"):
        answer = staff_client.get(f"/api/interviews/{take_home.id}/submission{name}")
        assert (name, answer.status_code) == (name, 404)
