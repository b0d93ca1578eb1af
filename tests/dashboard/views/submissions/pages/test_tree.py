"""The pages of a submission: its tree and differences."""

import pytest

from tests.dashboard.html import soup as parse
from tests.dashboard.views.submissions.conftest import FILES
from tests.dashboard.views.submissions.pages.reading import code_of, text_of, tree_of
from tests.operations.submissions.archives import archive_of, member, packed, save_archive

pytestmark = pytest.mark.django_db


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
