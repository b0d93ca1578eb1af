"""The library, and the page of a challenge."""

import pytest
from django.test import Client

from dashboard.presenters import file_preview
from interviews.challenges import library, versions
from interviews.challenges.models import Challenge, ChallengeDetails
from tests.dashboard.html import soup
from tests.dashboard.views.challenges.reading import FRAGMENT, words

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


def test_library_lists_what_is_on_offer_and_what_is_archived(
    staff_client: Client, challenge: Challenge
) -> None:
    versions.create_challenge(
        "old", ChallengeDetails("Old", "", "", 60), {"README.md": b"x"}, by="ada"
    )
    library.set_active("old", False)
    for address, wanted in (
        ("/challenges/", ["Word count"]),
        ("/challenges/?archived=true", ["Old"]),
    ):
        assert [
            each.get_text() for each in soup(staff_client.get(address)).select(".name")
        ] == wanted


def test_library_says_how_a_challenge_is_used(staff_client: Client, second: Challenge) -> None:
    cells = [words(each) for each in soup(staff_client.get("/challenges/")).select("tbody td")]
    assert cells[0:2] + cells[3:] == ["Python", "1 h 30 min", "Never", "None yet"]
    assert cells[2].startswith("2grace,")
    library.record_use("word-count")
    library.record_use("word-count")
    library.record_dry_run("word-count", 2, 72.4, "dryrun-1", None)
    row = soup(staff_client.get("/challenges/")).select_one("tbody tr")
    cells = [words(each) for each in row.select("td")]
    assert cells[3].startswith("2 timeslast ")
    assert cells[4].startswith("Ready in 1 min 12 s")
    assert row.select("a")[2]["href"] == "/interviews/dryrun-1/"


def test_library_is_refreshed_by_the_same_list(staff_client: Client, challenge: Challenge) -> None:
    page = soup(staff_client.get("/challenges/")).select_one("#library")
    assert str(
        soup(staff_client.get("/challenges/", headers=FRAGMENT)).select_one("#library")
    ) == str(page)


def test_empty_library_says_what_to_do(staff_client: Client, tables: None) -> None:
    assert soup(staff_client.get("/challenges/")).select_one(".empty h2").get_text() == (
        "No active challenges"
    )
    assert soup(staff_client.get("/challenges/?archived=true")).select_one(
        ".empty h2"
    ).get_text() == ("No archived challenges")


def test_page_shows_the_current_version(staff_client: Client, second: Challenge) -> None:
    page = soup(staff_client.get("/challenges/word-count/"))
    assert page.select_one("h1").get_text() == "Word count 2"
    assert page.select_one(".prose h3").get_text() == "Two"
    facts = {words(each.dt): words(each.dd) for each in page.select(".facts div")}
    assert (facts["CPUs"], facts["Memory"], facts["ID"]) == ("1.5", "2 GB", "word-count")
    assert [words(each) for each in page.select(".versions a")] == ["Version 2", "Version 1"]
    assert [each["data-file"] for each in page.select("[data-file]")] == [
        "src/deep/a.py",
        "data.bin",
        "README.md",
    ]
    assert page.select_one(".old-version") is None


def test_page_of_an_old_version_says_so_and_offers_to_begin_with_it(
    staff_client: Client, second: Challenge
) -> None:
    page = soup(staff_client.get("/challenges/word-count/?version=1"))
    assert page.select_one("h1").get_text() == "Word count"
    assert page.select_one(".prose h3").get_text() == "Word count"
    assert [each["href"] for each in page.select(".old-version a")] == [
        "/challenges/word-count/",
        "/challenges/word-count/edit/?from=1",
    ]


def test_refresh_has_the_parts_that_may_change(staff_client: Client, second: Challenge) -> None:
    whole = soup(staff_client.get("/challenges/word-count/?version=2"))
    part = soup(staff_client.get("/challenges/word-count/?version=2", headers=FRAGMENT))
    parts = ["part-head", "part-facts", "part-checks", "part-versions"]
    assert [each["id"] for each in part.select("[data-part]")] == parts
    for each in part.select("[name=csrfmiddlewaretoken]") + whole.select(
        "[name=csrfmiddlewaretoken]"
    ):
        each["value"] = ""
    for name in parts:
        assert str(part.select_one(f"#{name}")) == str(whole.select_one(f"#{name}"))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("src/deep/a.py", "x = 1\n"),
        ("data.bin", "This file isn't text."),
        ("README.md", "# Two\n"),
    ],
)
def test_file_is_shown_as_text(
    staff_client: Client, second: Challenge, path: str, shown: str
) -> None:
    piece = soup(staff_client.get("/challenges/word-count/file/", {"file": path, "version": "2"}))
    assert piece.select_one("pre, p").get_text() == shown
    page = soup(staff_client.get("/challenges/word-count/", {"file": path, "version": "2"}))
    assert str(page.select_one("#file")) == str(piece.select_one("#file"))


def test_byte_order_mark_of_an_earlier_upload_does_not_hide_a_title(
    staff_client: Client, challenge: Challenge
) -> None:
    about = library.resolve_version(challenge).about
    files = {"README.md": b"\xef\xbb\xbf# Marked\n"}
    versions.save_version(challenge.id, about, files, base=1, by="grace")
    page = soup(staff_client.get("/challenges/word-count/"))
    assert page.select_one(".prose h3").get_text() == "Marked"


def test_long_file_is_cut(staff_client: Client, challenge: Challenge) -> None:
    about = library.resolve_version(challenge).about
    text = "é" * file_preview.MAX_SHOWN
    files = {"README.md": b"x", "long.txt": text.encode(), "lines.txt": b"\n" * 9_999}
    versions.save_version("word-count", about, files, base=1, by="ada")
    for path, length in (("long.txt", file_preview.MAX_SHOWN // 2), ("lines.txt", 1_999)):
        piece = soup(staff_client.get("/challenges/word-count/file/", {"file": path}))
        assert piece.select_one(".message").get_text() == "Only the beginning of the file is shown."
        assert len(piece.select_one("pre").get_text()) == length


def test_file_that_is_gone_from_the_store_is_told(
    staff_client: Client, challenge: Challenge, files
) -> None:
    [path] = files.glob("challenges/word-count/*/README.md")
    path.unlink()
    page = soup(staff_client.get("/challenges/word-count/?file=README.md"))
    assert page.select_one("#file p").get_text() == "This file is missing from storage."
    assert "README.md can't be shown" in page.select_one(".message-bad").get_text()


@pytest.mark.parametrize(
    "address",
    [
        "/challenges/missing/",
        "/challenges/..%2f/",
        "/challenges/word-count/?version=3",
        "/challenges/word-count/?version=-1",
        "/challenges/word-count/?version=²",
        "/challenges/word-count/?version=99999999999999999999",
        "/challenges/word-count/file/?file=../secret",
        "/challenges/word-count/file/",
        "/challenges/missing/edit/",
        "/challenges/word-count/edit/?from=9",
        "/new-challenge/text/?challenge=word-count&path=../secret",
        "/new-challenge/text/?challenge=missing&path=README.md",
    ],
)
def test_what_is_not_there_is_not_found(
    staff_client: Client, challenge: Challenge, address: str
) -> None:
    assert staff_client.get(address).status_code == 404


def test_hostile_text_is_text(staff_client: Client, tables: None) -> None:
    about = ChallengeDetails(HOSTILE, HOSTILE, HOSTILE, 60)
    files = {"README.md": HOSTILE.encode(), f"a {HOSTILE.replace('/', '')}.txt": HOSTILE.encode()}
    versions.create_challenge("bad", about, files, by=HOSTILE)
    path = next(path for path in files if path != "README.md")
    for address in (
        "/challenges/",
        "/challenges/bad/",
        "/challenges/bad/edit/",
    ):
        response = staff_client.get(
            address, {"file": path} if address == "/challenges/bad/" else {}
        )
        assert "<script>alert" not in response.content.decode(), address
        assert HOSTILE in soup(response).get_text(), address


def test_pages_have_no_inline_script_or_style(staff_client: Client, second: Challenge) -> None:
    for address in (
        "/challenges/",
        "/challenges/word-count/?file=README.md",
        "/challenges/word-count/edit/",
        "/new-challenge/",
    ):
        page = soup(staff_client.get(address))
        assert [each for each in page.select("script") if not each.get("src")] == [], address
        assert page.select("style, [style], [onclick], [onload]") == [], address
