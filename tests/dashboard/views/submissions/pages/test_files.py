"""Files of a submission by their kind, and what cannot be shown."""

import re

import pytest
from django.core.files.storage import default_storage

from operations.archives import archive
from operations.audit.models import AuditEntry
from operations.sse.subscription import CANDIDATE_EVENTS, STAFF_EVENTS
from operations.submissions import service
from takehome_platform.local_stack.config import ROOT
from tests.conftest import fresh
from tests.dashboard.html import soup as parse
from tests.dashboard.views.submissions.conftest import FILES
from tests.dashboard.views.submissions.pages.reading import code_of, text_of, tree_of
from tests.operations.submissions.archives import archive_of, save_archive

pytestmark = pytest.mark.django_db


def test_table_of_a_csv_file(get):
    page = parse(get("file/", b"table.csv"))
    assert [cell.get_text() for cell in page.select(".csv :is(th, td)")] == [
        "name", "points", "Ada", "3",
    ]  # fmt: skip
    assert code_of(get("file/", b"table.csv", "as=text")) == ["name,points", "Ada,3"]


def test_notebook_is_shown_without_its_html(get):
    response = get("file/", b"notes.ipynb")
    page = parse(response)
    assert page.select_one(".notebook h3").get_text() == "Title"
    assert "def f():" in page.select_one(".cell-code").get_text()
    assert page.select_one(".cell-output").get_text() == "printed"
    assert "This output isn't shown." in text_of(response)
    assert not page.select_one("main script")


def test_notebook_that_lies_is_text(get):
    response = get("file/", b"lies.ipynb")
    assert "This isn't a notebook that can be read." in text_of(response)
    assert code_of(response) == [FILES["lies.ipynb"].decode()]


@pytest.mark.parametrize("name", [b"picture.png", b"drawing.svg"])
def test_picture_is_an_image(get, name):
    page = parse(get("file/", name))
    assert page.select_one(".file-picture img")["src"].endswith(f"path={name.decode()}")


def test_picture_with_more_pixels_than_a_browser_shows_is_a_download(get, submitted):
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xc3\x50\0\0\xc3\x50"
    save_archive(submitted, archive_of({"huge.png": huge}), key="archives/y/a.tar.gz")
    response = get("file/", b"huge.png")
    assert "This picture is too large to show. Download it to open it." in text_of(response)
    page = parse(response)
    assert not page.select("main img")
    assert page.find("a", string="Download")["href"].endswith("path=huge.png")


def test_drawing_has_its_source(get):
    assert "<script>" in code_of(get("file/", b"drawing.svg", "as=text"))[0]


@pytest.mark.parametrize("name", [b"data.bin", b"link"])
def test_what_is_no_text_is_said(get, name):
    response = get("file/", name)
    assert re.search(r"isn't text|Links aren't followed", text_of(response))
    assert not code_of(response)


def test_name_that_is_no_utf_8_is_found_and_escaped(get):
    response = get("file/", b"caf\xe9.txt")
    assert parse(response).h1.get_text() == "caf\\xe9.txt"
    assert code_of(response) == ["latin é"]
    assert "Windows-1252" in text_of(response)


def test_place_of_a_comment_leads_to_a_folder_or_a_name_as_it_is_shown(get):
    """What a comment names is text: a folder, or a name whose bytes are no UTF-8."""
    assert "submission/?opening=0&folder=src" in get("file/", b"src/")["Location"]
    shown = get("file/", b"caf\\xe9.txt")
    assert shown["Location"].endswith("file/?opening=0&path=caf%E9.txt")


@pytest.mark.parametrize("path", [b"none", b"../etc/passwd", b"", b"\xff\xff"])
def test_path_that_is_not_there_is_not_found(get, path):
    for name in ("file/", "difference/", "raw/", "download/"):
        assert get(name, path).status_code == 404
    assert get("file/").status_code == 404


def test_reading_is_in_the_audit_log_once(get, submitted):
    get()
    get("file/", b"count.py")
    entries = AuditEntry.objects.filter(what="opened_submission")
    assert [(each.interview_id, each.actor) for each in entries] == [(submitted.id, "recruiter")]


def test_submission_that_is_being_prepared_says_so(get, monkeypatch, enqueued):
    monkeypatch.setattr(service, "REQUEST_BUDGET", 10)
    response = get()
    assert response.status_code == 202
    assert "This is a large submission. This page opens it in a moment." in text_of(response)
    section = parse(response).select_one("[data-preparing]")
    assert section["data-opening"] == "0"
    failed = section.select_one("[data-failed][hidden]")
    assert failed.a["href"] == response.wsgi_request.get_full_path()
    assert "submission" in STAFF_EVENTS - CANDIDATE_EVENTS
    assert '"submission"' in (ROOT / "static/shared/stream.js").read_text()
    assert not AuditEntry.objects.filter(what="opened_submission").exists()


def test_submission_that_is_gone_says_so(get, submitted):
    default_storage.delete(submitted.history_s3_key)
    response = get()
    assert response.status_code == 404
    assert "no longer in the store" in text_of(response)


def test_damaged_archive_says_so(get, submitted, files):
    service.open_submission(submitted, 0).close()
    path = files / submitted.history_s3_key
    path.write_bytes(path.read_bytes()[:60] + b"?" * (path.stat().st_size - 60))
    response = get("file/", b"count.py")
    assert response.status_code == 500
    assert "The archive is damaged" in text_of(response)


def test_damaged_index_is_made_again(get, submitted, files):
    service.open_submission(submitted, 0).close()
    (path,) = files.rglob("*.sqlite3")
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"?" * (len(content) - 4096))
    response = get()
    assert response.status_code == 503
    assert "Reload this page" in text_of(response)
    assert get().status_code == 200


def test_store_that_does_not_answer_is_unavailable(get, monkeypatch):
    def down(*_):
        raise OSError("no answer")

    monkeypatch.setattr("operations.submissions.service.open_submission", down)
    response = get()
    assert response.status_code == 503
    assert "Try again in a moment." in text_of(response)


def test_interview_without_files_has_no_submission(staff_client, take_home):
    assert staff_client.get(f"/interviews/{take_home.id}/submission/").status_code == 404


def test_page_of_the_interview_begins_with_the_submission(staff_client, submitted):
    part = parse(staff_client.get(f"/interviews/{submitted.id}/")).select_one("#part-submission")
    assert part.a["href"] == f"/interviews/{submitted.id}/submission/?opening=0"
    assert not part.select(".change")
    service.index_submissions(submitted.id)
    part = parse(staff_client.get(f"/interviews/{submitted.id}/")).select_one("#part-submission")
    assert part.select_one(".change-added").get_text() == "11 added"


def test_each_sitting_has_its_own_submission(staff_client, submitted):
    save_archive(submitted, archive_of({"first.py": b""}), key=str(submitted.history_s3_key))
    interview = fresh(submitted)
    interview.change(
        earlier_archives=archive.earlier_archives(interview), history_s3_key="archives/y/b.tar.gz"
    )
    save_archive(interview, archive_of({"second.py": b""}), key="archives/y/b.tar.gz")
    url = f"/interviews/{submitted.id}/submission/?opening="
    assert "first.py" in tree_of(staff_client.get(f"{url}0"))
    assert "second.py" in tree_of(staff_client.get(f"{url}1"))
    assert staff_client.get(f"{url}2").status_code == 404
