"""Staff reads a submission: the tree, a file in the form that suits it, and a difference."""

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
from tests.operations.submissions.archives import archive_of, member, packed, save_archive

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(parse(response).select_one("main").get_text(" ").split())


def code_of(response):
    return [row.get_text() for row in parse(response).select(".code .source")]


def tree_of(response):
    return {
        item.bdi.get_text(): change.get_text() if (change := item.select_one(".change")) else ""
        for item in parse(response).select(".file-tree li")
        if not item.select_one("summary")
    }


def test_tree_lists_what_differs_first(get):
    response = get()
    assert tree_of(response)["count.py"] == "Changed"
    assert tree_of(response)["README.md"] == "Deleted"
    assert tree_of(response)["new.py"] == "Added"
    assert "11 added 1 changed 1 deleted 12 files" in text_of(response)


def test_tree_with_all_files_has_the_unchanged_ones(staff_client, running, submitted):
    save_archive(submitted, archive_of({"README.md": b"# Word count\n"}), key="archives/y/a.tar.gz")
    url = f"/interviews/{submitted.id}/submission/"
    assert "README.md" not in tree_of(staff_client.get(url))
    assert tree_of(staff_client.get(f"{url}?all=1"))["README.md"] == ""


def test_tree_of_a_folder_has_the_way_back(get):
    response = get(fields="folder=src")
    assert tree_of(response) == {"new.py": "Added"}
    assert parse(response).h1.get_text() == "src"
    assert get(fields="folder=none").status_code == 404


def test_tree_of_many_files_is_bounded(staff_client, submitted, monkeypatch):
    monkeypatch.setattr("dashboard.presenters.submissions.tree.MAX_ROWS", 10)
    files = {f"f{number:02}": b"" for number in range(15)}
    files |= {f"many/g{number:02}": b"" for number in range(30)}
    save_archive(submitted, archive_of(files), key="archives/y/a.tar.gz")
    page = parse(staff_client.get(f"/interviews/{submitted.id}/submission/"))
    assert page.select_one(".closed-folder").get_text() == "many/"
    more = page.select_one(".file-tree").find("a", string="More files")["href"]
    names = [link.get_text() for link in parse(staff_client.get(more)).select(".file-tree bdi")]
    assert names == [f"f{number:02}" for number in range(7, 15)]


@pytest.mark.parametrize("folders", [9, 10, 11, 25])
def test_tree_of_many_folders_goes_on_over_pages(staff_client, submitted, monkeypatch, folders):
    monkeypatch.setattr("dashboard.presenters.submissions.tree.MAX_ROWS", 10)
    files = {f"d{number:02}/f": b"" for number in range(folders)}
    files |= {f"g{number}": b"" for number in range(4)}
    save_archive(submitted, archive_of(files), key="archives/y/a.tar.gz")
    url, seen = f"/interviews/{submitted.id}/submission/", []
    # Without the deleted starting files, which are on one of the pages.
    expected = {f"d{number:02}" for number in range(folders)} | {
        f"g{number}" for number in range(4)
    }
    for _ in range(5):
        rows = parse(staff_client.get(url)).select(".file-tree > li")
        seen += [name.get_text() for row in rows if (name := row.bdi)]
        more = (
            parse(staff_client.get(url)).select_one(".file-tree").find_all("a", string="More files")
        )
        if not more:
            break
        url = more[-1]["href"]
    assert expected <= set(seen)
    assert len(seen) == len(set(seen))


def test_tree_of_folders_in_folders_is_bounded(staff_client, submitted):
    save_archive(submitted, archive_of({"d/" * 999 + "f": b""}), key="archives/y/a.tar.gz")
    page = parse(staff_client.get(f"/interviews/{submitted.id}/submission/"))
    assert len(page.select(".file-tree details")) == 19
    inner = page.select_one(".closed-folder")["href"]
    assert parse(staff_client.get(inner)).select(".file-tree details")


def test_file_has_numbered_lines_and_colors(get):
    response = get("file/", b"count.py")
    page = parse(response)
    assert [each.get_text().strip() for each in page.select(".code .source")] == [
        "import sys", "", "", "def count():", "return '<b>'",
    ]  # fmt: skip
    assert b'<code>    <span class="hl-k">return</span>' in response.content
    assert page.select_one("#L4 .number a")["href"] == "#L4"
    assert "hl-k" in str(page.select_one("#L4 .source"))


def test_deleted_file_is_shown_as_it_was(get):
    response = get("file/", b"README.md")
    assert code_of(response) == ["# Word count"]
    assert "Deleted" in text_of(response)
    assert not parse(response).find("a", string="Download")


def test_difference_shows_both_files(get):
    response = get("difference/", b"count.py")
    rows = [
        (row["class"][0], row.select_one(".source").get_text())
        for row in parse(response).select(".difference tbody tr")
    ]
    assert rows[0] == ("row-deleted", "print(1)")
    assert rows[1] == ("row-added", "import sys")
    assert "+5 −1 lines" in text_of(response)


@pytest.mark.parametrize("view", ["column", "side"])
def test_words_that_differ_within_a_line_are_marked(staff_client, submitted, view):
    save_archive(submitted, archive_of({"count.py": b"print(<2>)\n"}), key="archives/y/a.tar.gz")
    url = f"/interviews/{submitted.id}/submission/difference/?path=count.py&view={view}"
    page = parse(staff_client.get(url))
    assert [mark.get_text() for mark in page.select(".difference mark")] == ["1", "<2>"]
    texts = [code.get_text() for code in page.select(".difference code")]
    assert texts == ["print(1)", "print(<2>)"]


def test_difference_side_by_side_is_remembered(get):
    response = get("difference/", b"count.py", "view=side")
    first = parse(response).select_one(".difference tbody tr")
    assert [cell.get_text() for cell in first.select(".source")] == ["print(1)", "import sys"]
    assert parse(get("difference/", b"count.py")).select_one(".difference-side")


def test_difference_may_ignore_white_space(staff_client, submitted):
    save_archive(submitted, archive_of({"count.py": b"print( 1 )\n"}), key="archives/y/a.tar.gz")
    url = f"/interviews/{submitted.id}/submission/difference/?path=count.py"
    assert "+1 −1 lines" in text_of(staff_client.get(url))
    assert "Only white space changed." in text_of(staff_client.get(f"{url}&space=ignore"))


def test_difference_of_an_execute_bit_says_so(staff_client, submitted):
    info, content = member("project/count.py", b"print(1)\n", mode=0o755)
    save_archive(submitted, packed((info, content)), key="archives/y/a.tar.gz")
    url = f"/interviews/{submitted.id}/submission/difference/?path=count.py"
    assert "Only the execute bit changed." in text_of(staff_client.get(url))


def test_difference_of_an_unchanged_or_new_file_is_the_file(get, submitted):
    response = get("difference/", b"src/new.py")
    assert response.status_code == 302
    assert "/submission/file/" in response["Location"]


def test_next_change_leads_through_all_of_them(get, staff_client):
    url, seen = parse(get()).find("a", string="Review changes")["href"], []
    while url:
        page = parse(staff_client.get(url))
        seen.append(page.h1.get_text())
        link = page.select_one("a[rel=next]")
        url = link["href"] if link else ""
    assert len(seen) == len(FILES) + 2
    assert seen[0] == "src/new.py"
    assert page.select_one("a[rel=prev][data-key=k]")


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
