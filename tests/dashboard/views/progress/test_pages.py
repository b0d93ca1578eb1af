"""The pages of kept progress: the line, a state, a file of it, and the difference of two states."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.http import urlencode

from interviews.dynamodb import now
from interviews.models import Interview
from operations.audit.models import AuditEntry
from operations.progress.manifest_store import lists, read_manifest
from tests.operations.progress.conftest import folder_engine, keep_now, watched, workspace

__all__ = ["folder_engine", "watched", "workspace"]
pytestmark = pytest.mark.django_db

ODD_NAME = b"caf\xe9.txt"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def kept(watched: Interview, workspace: Path) -> Interview:
    """Three states: the start, a file of 420 lines, and a change of it beside other files."""
    keep_now(watched)
    (workspace / "src").mkdir(exist_ok=True)
    (workspace / "src/work.py").write_text("".join(f"line {n}\n" for n in range(420)))
    keep_now(watched)
    text = (workspace / "src/work.py").read_text()
    (workspace / "src/work.py").write_text(text.replace("line 7\n", "seven\n"))
    (workspace / "logo.png").write_bytes(PICTURE)
    (workspace / "evil.html").write_text("<script>alert(1)</script>\n")
    (workspace / "link").symlink_to("/etc/passwd")
    Path(os.fsdecode(os.fsencode(workspace) + b"/" + ODD_NAME)).write_bytes(b"latin\n")
    assert len(keep_now(watched)) == 3
    return watched


def url(interview: Interview, page: str = "progress", /, **fields: Any) -> str:
    return f"{reverse(f'dashboard:{page}', args=[interview.id])}?{urlencode(fields)}"


def soup(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def text_of(part) -> str:
    return re.sub(r"\s+", " ", part.get_text()).strip()


def names(page: BeautifulSoup) -> dict[str, str]:
    """The files of the tree, with their statuses."""
    return {
        leaf.a.get_text(): text_of(leaf.select_one(".change")) if leaf.select_one(".change") else ""
        for leaf in page.select(".file-tree li")
        if leaf.find("a", recursive=False)
    }


def test_the_page_shows_the_last_state_against_the_one_before(staff_client, kept) -> None:
    page = soup(staff_client.get(url(kept)))
    assert text_of(page.select_one("#state-title")) == "State 3 of 3"
    assert text_of(page.select_one("#part-pages [aria-current=page]")) == "Progress"
    assert names(page) == {
        "work.py": "Changed",
        "caf\\xe9.txt": "Added",
        "evil.html": "Added",
        "link": "Added",
        "logo.png": "Added",
    }
    assert "3 lines added, 1 deleted, in 5 files" in text_of(page)
    slider = page.select_one("#state-slider")
    assert (slider["min"], slider["max"], slider["value"]) == ("1", "3", "3")
    assert page.select_one("a[rel=prev]")["href"].endswith("?state=2")
    assert page.select_one("a[rel=next]") is None


def test_any_two_states_are_compared(staff_client, kept) -> None:
    page = soup(staff_client.get(url(kept, state=3, **{"from": 1})))
    assert names(page)["work.py"] == "Added"
    assert page.select_one("#state-base option[selected]")["value"] == "1"
    page = soup(staff_client.get(url(kept, state=1, **{"from": 3})))
    assert names(page)["work.py"] == "Deleted"
    page = soup(staff_client.get(url(kept, state=2, **{"from": "start"})))
    assert names(page) == {"work.py": "Added"}
    page = soup(staff_client.get(url(kept, state=3, **{"from": 3})))
    assert "Nothing differs." in text_of(page)
    page = soup(staff_client.get(url(kept, state=3, all=1)))
    assert len(names(page)) > 5


def test_the_line_has_each_state_in_words_and_for_who_cannot_see_it(
    staff_client, kept, monkeypatch
) -> None:
    at = now()
    monkeypatch.setattr("dashboard.presenters.progress.line.now", lambda: at)
    page = soup(staff_client.get(url(kept)))
    rows = [text_of(row) for row in page.select(".progress-table tbody tr")]
    assert len(rows) == 3
    assert "The starting files" in rows[0]
    assert "420 lines added, 0 deleted, in one file" in rows[1]
    assert "src/work.py Added, +420 −0" in rows[1]
    legend = "Lines added: 423 Lines deleted: 1 Files changed at once: up to 5"
    assert text_of(page.select_one(".progress-legend")) == legend
    plot = page.select_one(".progress-plot")
    assert plot["role"] == "img"
    assert text_of(plot.desc) == (
        "423 lines added and 1 deleted since the starting files, at most 5 files changed at once. "
        "The table has each state."
    )
    assert len(plot.select("circle")) == 3
    assert len(plot.select("circle.progress-dot-current")) == 1
    assert not plot.select("[style], script")
    # What a live page fetches again are the parts of it.
    part = soup(staff_client.get(url(kept), headers={"HX-Request": "true"}))
    assert part.html is None
    names = ["part-pages", *(f"progress-{name}" for name in ("kept", "line", "state", "files"))]
    assert [each["id"] for each in part.select("[data-part]")] == names
    assert [str(each) for each in part.select("[data-part]")] == [
        str(each) for each in page.select("[data-part]")
    ]


def test_a_difference_of_two_states(staff_client, kept) -> None:
    answer = staff_client.get(url(kept, "progress-difference", state=3, path="src/work.py"))
    page = soup(answer)
    assert text_of(page.select_one(".row-deleted .source")) == "line 7"
    assert text_of(page.select_one(".row-added .source")) == "seven"
    assert "lines, against the other state" in text_of(page)
    assert "State 3" in text_of(page.select_one(".submission-way"))
    assert text_of(page.select_one("#part-pages [aria-current=true]")) == "Progress"
    side = page.select_one(".view-links a:nth-of-type(2)")["href"]
    assert "from=2" in side and "/progress/difference/" in side
    assert soup(staff_client.get(side)).select_one(".difference-side")
    added = staff_client.get(url(kept, "progress-difference", state=3, path="evil.html"))
    assert added.status_code == 302


def test_a_file_of_a_state_is_as_it_was_then(staff_client, kept) -> None:
    for state, line in ((2, "line 7"), (3, "seven")):
        page = soup(staff_client.get(url(kept, "progress-file", state=state, path="src/work.py")))
        assert text_of(page.select_one("#L8 .source")) == line
    page = soup(
        staff_client.get(url(kept, "progress-file", state=1, path="src/work.py", **{"from": 2}))
    )
    assert text_of(page.select_one("#L8 .source")) == "line 7", "a deleted one as it was before"
    page = soup(staff_client.get(url(kept, "progress-file", state=3, path=ODD_NAME)))
    assert text_of(page.select_one("#L1 .source")) == "latin"
    page = soup(staff_client.get(url(kept, "progress-file", state=3, path="link")))
    assert "This is a link to /etc/passwd" in text_of(page)


def test_nothing_of_a_state_runs_in_the_browser(staff_client, kept) -> None:
    page = soup(staff_client.get(url(kept, "progress-file", state=3, path="evil.html")))
    assert "<script>alert(1)</script>" in text_of(page.select_one(".file-body"))
    answer = staff_client.get(url(kept, "progress-raw", state=3, path="evil.html"))
    assert answer.status_code == 404
    answer = staff_client.get(url(kept, "progress-raw", state=3, path="logo.png"))
    assert (answer.content, answer["Content-Type"]) == (PICTURE, "image/png")
    assert "sandbox" in answer["Content-Security-Policy"]
    answer = staff_client.get(url(kept, "progress-download", state=3, path="evil.html"))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>\n"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "fields",
    [{"state": 4}, {"state": 0}, {"state": "x"}, {"from": 9}, {"state": "9" * 20}, {"from": "²"}],
)
def test_a_state_that_is_not_there_is_not_found(staff_client, kept, fields) -> None:
    assert staff_client.get(url(kept, **fields)).status_code == 404


def test_an_interview_without_progress_has_no_such_page(staff_client, take_home) -> None:
    assert staff_client.get(url(take_home)).status_code == 404
    page = soup(staff_client.get(f"/interviews/{take_home.id}/"))
    assert page.select_one("#part-progress").has_attr("hidden")


def test_the_interview_shows_the_line_and_the_newest_facts(staff_client, kept) -> None:
    page = soup(staff_client.get(f"/interviews/{kept.id}/"))
    part = page.select_one("#part-progress")
    assert not part.has_attr("hidden")
    facts = [text_of(fact) for fact in part.select(".progress-facts li")]
    assert len(facts) == 3
    assert "3 lines added, 1 deleted, in 5 files" in facts[0]
    assert part.select_one("a.button")["href"] == reverse("dashboard:progress", args=[kept.id])


def test_the_audit_log_says_once_who_opened_it(staff_client, kept) -> None:
    for _ in range(2):
        staff_client.get(url(kept))
    entries = AuditEntry.objects.filter(interview_id=kept.id, what="opened_progress")
    assert entries.count() == 1


def test_what_is_damaged_is_said(staff_client, kept, files) -> None:
    state = keep_now(kept)[-1]
    manifest = read_manifest(state.key)
    default_storage.delete(manifest.contents[manifest.files[b"evil.html"].sha256].pack)
    answer = staff_client.get(url(kept, "progress-file", state=3, path="evil.html"))
    assert answer.status_code == 500
    assert "missing or damaged" in answer.text
    default_storage.delete(state.key)
    lists.clear()
    answer = staff_client.get(url(kept, state=3))
    assert answer.status_code == 500
    assert "Try another one" in answer.text
    assert staff_client.get(url(kept, state=1)).status_code == 200


def test_the_api_has_the_numbers(staff_client, kept) -> None:
    body = staff_client.get(f"/api/interviews/{kept.id}/progress").json()
    assert body["keptAt"]
    assert [state["number"] for state in body["states"]] == [1, 2, 3]
    second = body["states"][1]
    assert (second["linesAdded"], second["filesAdded"]) == (420, 1)
    assert second["largest"] == [
        {"path": "src/work.py", "status": "added", "added": 420, "deleted": 0}
    ]


def test_the_api_of_an_interview_without_progress_is_empty(staff_client, take_home) -> None:
    body = staff_client.get(f"/api/interviews/{take_home.id}/progress").json()
    assert body == {"keptAt": None, "states": []}
