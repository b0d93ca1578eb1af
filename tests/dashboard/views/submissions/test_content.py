"""The bytes of a submission are pictures or downloads: no browser runs any of them."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.test import AsyncRequestFactory, RequestFactory

from dashboard.presenters.submissions.downloads import file_download, zip_download
from operations.audit.models import AuditEntry
from operations.submissions import service
from operations.submissions.submission import Submission
from tests.dashboard.views.submissions.conftest import FILES
from tests.operations.submissions.archives import archive_of, save_archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(submitted, monkeypatch):
    """The submissions of this test that were closed: others wait for the garbage collector."""
    found, close = [], Submission.close

    def recorded(self):
        if submitted.id in self.archive_key and self not in found:
            found.append(self)
        close(self)

    monkeypatch.setattr(Submission, "close", recorded)
    return found


def body(response):
    return b"".join(response.streaming_content)


def test_picture_has_its_type_and_nothing_is_allowed(get):
    response = get("raw/", b"picture.png")
    assert response.content == FILES["picture.png"]
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == 'inline; filename="picture.png"'
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and policy.endswith("sandbox")
    assert "script" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


def test_drawing_is_only_ever_saved_or_in_an_image(get):
    response = get("raw/", b"drawing.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"].endswith("sandbox")


@pytest.mark.parametrize("name", [b"page.html", b"lies.png", b"count.py", b"data.bin", b"link"])
def test_what_is_no_picture_is_not_served_as_one(get, name):
    assert get("raw/", name).status_code == 404


def test_deleted_file_has_no_bytes(get):
    assert get("raw/", b"README.md").status_code == 404
    assert get("download/", b"README.md").status_code == 404


def test_file_is_downloaded_as_bytes(get, submitted):
    response = get("download/", b"page.html")
    assert body(response) == FILES["page.html"]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["Content-Security-Policy"].endswith("sandbox")
    entry = AuditEntry.objects.get(what="downloaded_files")
    assert (entry.interview_id, entry.detail) == (submitted.id, "one file")


def test_zip_has_all_files_but_links(get):
    response = get("files.zip")
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        assert archive.testzip() is None
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        assert names.keys() == {*FILES, "caf_xe9.txt"} - {"caf\udce9.txt"}
        assert archive.read(names["src/new.py"]) == FILES["src/new.py"]


@pytest.mark.parametrize(("name", "path"), [("download/", b"count.py"), ("files.zip", None)])
def test_download_whose_archive_is_gone_is_an_error(get, submitted, closed, name, path):
    get()
    default_storage.delete(submitted.history_s3_key)
    closed.clear()
    response = get(name, path)
    assert response.status_code == 500
    assert b"The archive is damaged" in response.content
    assert len(closed) == 1
    assert not AuditEntry.objects.filter(what="downloaded_files").exists()


def test_empty_file_is_downloaded(get, submitted):
    save_archive(submitted, archive_of({"empty": b""}), key="archives/y/a.tar.gz")
    response = get("download/", b"empty")
    assert (response.status_code, body(response)) == (200, b"")


def test_stream_closes_the_submission(get, closed):
    response = get("download/", b"count.py")
    assert not closed
    body(response)
    assert len(closed) == 1
    body(get("files.zip"))
    assert len(closed) == 2
    get()
    assert len(closed) == 3


@pytest.mark.parametrize("is_asgi", [True, False])
def test_the_submission_is_closed_if_the_client_leaves_before_the_first_byte(
    submitted, closed, is_asgi
):
    request = (AsyncRequestFactory() if is_asgi else RequestFactory()).get("/")
    submissions = [service.open_submission(submitted, 0) for _ in range(2)]
    one = submissions[0].file(b"count.py")
    responses = [
        file_download(request, submissions[0], submitted, one),
        zip_download(request, submissions[1], submitted),
    ]
    assert not closed
    for response in responses:
        # As the server does, which sends nothing any more.
        response.close()
    assert closed == submissions


@pytest.mark.parametrize("name", ["download/?path=count.py", "files.zip", ""])
def test_head_closes_the_submission_and_is_not_recorded(staff_client, submitted, closed, name):
    before = AuditEntry.objects.count()
    response = staff_client.head(f"/interviews/{submitted.id}/submission/{name}")
    assert response.status_code == 200
    assert len(closed) == 1
    assert AuditEntry.objects.count() == before
