"""Editing a challenge: its files, and two who edit it at once."""

from typing import Any

import pytest
from django.test import Client

from dashboard.uploads.challenge_files import MAX_TEXT
from interviews.challenges import library, models, versions
from interviews.challenges.models import Challenge
from tests.dashboard.html import soup
from tests.dashboard.views.challenge_editor.form import (
    FORM,
    errors,
    explorers,
    notes,
    offered,
    texts,
    version,
    zipped,
)


@pytest.fixture
def edited(challenge: Challenge) -> dict[str, str]:
    """The form's data for a challenge without changes."""
    return {
        "name": "Word count",
        "description": "Count the words of a text.",
        "language": "Python",
        "duration_minutes": "60",
        "cpus": "",
        "memory_mb": "",
        "base": "1",
        "start": "1",
    }


def save(staff_client: Client, given: dict[str, Any], **changes: Any) -> Any:
    return staff_client.post("/challenges/word-count/edit/", {**given, **changes})


def test_edit_shows_what_there_is(staff_client: Client, edited: dict[str, str]) -> None:
    page = soup(staff_client.get("/challenges/word-count/edit/"))
    shown = {
        each["name"]: each.get("value", "")
        for each in page.select("#challenge-form input, #challenge-form textarea")
        if each["name"] in edited
    }
    assert shown | {"description": "Count the words of a text."} == edited
    assert [each["value"] for each in page.select("[name=delete]")] == ["README.md", "count.py"]
    assert page.select_one("[name=id]") is None


def test_edit_of_a_field_keeps_the_files(staff_client: Client, edited: dict[str, str]) -> None:
    response = save(staff_client, edited, cpus="2", name="Words, words")
    assert (response.status_code, response["Location"]) == (302, "/challenges/word-count/")
    made = version("word-count")
    assert (made.number, made.name, made.cpus, made.created_by) == (
        2,
        "Words, words",
        2,
        "recruiter",
    )
    assert made.content == version("word-count", 1).content


def test_edit_of_nothing_makes_no_version(staff_client: Client, edited: dict[str, str]) -> None:
    assert save(staff_client, edited).status_code == 302
    assert version("word-count").number == 1


def test_edit_adds_changes_and_deletes_files(staff_client: Client, edited: dict[str, str]) -> None:
    save(
        staff_client,
        edited,
        delete=["count.py"],
        text_new=["no", "yes"],
        text_path=["README.md", "src/new.py"],
        text=["# Changed\r\n", "print(2)\r\n"],
    )
    assert library.read_files(version("word-count")) == {
        "README.md": b"# Changed\n",
        "src/new.py": b"print(2)\n",
    }
    assert library.read_files(version("word-count", 1))["count.py"] == b"print(1)\n"


def test_upload_replaces_all_files_or_is_added(
    staff_client: Client, edited: dict[str, str]
) -> None:
    save(staff_client, edited, files=zipped({"README.md": b"2"}), how="replace")
    assert library.read_files(version("word-count")) == {"README.md": b"2"}
    given = edited | {"base": "2", "start": "2"}
    save(staff_client, given, files=zipped({"data/a.csv": b"1", "README.md": b"3"}), how="add")
    assert library.read_files(version("word-count")) == {"README.md": b"3", "data/a.csv": b"1"}
    assert (
        save(staff_client, given, files=zipped({"a.csv": b"1"}), how="replace").status_code == 422
    )


def test_line_ends_of_a_file_stay_as_they_were(
    staff_client: Client, edited: dict[str, str]
) -> None:
    save(staff_client, edited, files=zipped({"README.md": b"a\r\nb\r\n", "unix": b"a\n"}))
    given = edited | {"base": "2", "start": "2"}
    save(
        staff_client,
        given,
        text_new=["no", "no"],
        text_path=["README.md", "unix"],
        text=["a\r\nc\r\n", "b\r\n"],
    )
    assert library.read_files(version("word-count")) == {"README.md": b"a\r\nc\r\n", "unix": b"b\n"}


def test_edited_file_keeps_its_execute_bit(staff_client: Client, edited: dict[str, str]) -> None:
    script = b"#!/bin/sh\n"
    modes = {"README.md": 0o644, "tool": 0o755, "sample.sh": 0o644, "late.sh": 0o644}
    contents = {"README.md": b"x", "tool": b"1", "sample.sh": script, "late.sh": b"1"}
    save(staff_client, edited, files=zipped(contents, modes=modes))
    assert library.read_files(version("word-count")).executable == {"tool"}
    save(
        staff_client,
        edited | {"base": "2", "start": "2"},
        text_new=["no", "no", "no", "yes", "yes"],
        text_path=["tool", "sample.sh", "late.sh", "new.sh", "new.txt"],
        text=["2", "#!/bin/bash\r\n", "#!/bin/sh\r\n", "#!/bin/sh\r\n", "x"],
    )
    saved = library.read_files(version("word-count"))
    assert saved.executable == {"tool", "late.sh", "new.sh"}
    assert saved["tool"] == b"2"


def test_readme_cannot_be_deleted(staff_client: Client, edited: dict[str, str]) -> None:
    response = save(staff_client, edited, delete=["README.md"])
    assert errors(response)["files"].startswith("There's no README.md")
    checked = [each["value"] for each in soup(response).select("[name=delete][checked]")]
    assert checked == ["README.md"]


def test_new_text_may_not_have_the_name_of_a_file(
    staff_client: Client, edited: dict[str, str]
) -> None:
    response = save(staff_client, edited, **texts(count_py="mine"))
    assert errors(response) == {"files": "count.py already exists. Choose another name."}


def test_second_of_two_is_told_who_was_first_and_keeps_everything(
    staff_client: Client, edited: dict[str, str]
) -> None:
    theirs = models.ChallengeDetails("Theirs", "Count the words of a text.", "Python", 60)
    files = {"README.md": b"# Theirs\n", "theirs.py": b"1\n"}
    versions.save_version("word-count", theirs, files, base=1, by="grace")
    mine: dict[str, Any] = {
        **edited,
        "language": "Mine",
        "delete": ["count.py"],
        "text_new": ["yes"],
        "text_path": ["mine.py"],
        "text": ["2"],
    }
    response = staff_client.post("/challenges/word-count/edit/", mine)
    assert response.status_code == 409
    page = soup(response)
    said = " ".join(page.select_one("[role=alert]").get_text().split())
    assert said.startswith("grace saved version 2 on ")
    assert "Changed: name, files." in said
    assert page.select_one("#id_language")["value"] == "Mine"
    assert page.select_one("[name=text_path]")["value"] == "mine.py"
    assert page.select_one("[name=delete][checked]")["value"] == "count.py"
    assert page.select_one("[name=on_top]")["value"] == "2"
    # Saving the same again changes nothing: saving on top is another button.
    assert staff_client.post("/challenges/word-count/edit/", mine).status_code == 409
    assert version("word-count").number == 2

    assert (
        staff_client.post("/challenges/word-count/edit/", mine | {"on_top": "2"}).status_code == 302
    )
    made = version("word-count")
    assert (made.number, made.name, made.language) == (3, "Word count", "Mine")
    assert library.read_files(made) == files | {"mine.py": b"2"}


def test_saving_on_top_of_what_is_old_again_is_told_again(
    staff_client: Client, edited: dict[str, str]
) -> None:
    about = version("word-count").about
    for base in (1, 2):
        files = {"README.md": f"{base}".encode()}
        versions.save_version("word-count", about, files, base=base, by="grace")
    response = save(staff_client, edited, language="Mine", on_top="2")
    assert response.status_code == 409
    assert soup(response).select_one("[name=on_top]")["value"] == "3"


def test_old_version_can_be_taken_up_again(staff_client: Client, edited: dict[str, str]) -> None:
    about = version("word-count").about
    versions.save_version("word-count", about, {"README.md": b"2"}, base=1, by="grace")
    page = soup(staff_client.get("/challenges/word-count/edit/?from=1"))
    shown = {name: page.select_one(f"[name={name}]")["value"] for name in ("base", "start")}
    assert shown == {"base": "2", "start": "1"}
    assert save(staff_client, edited, **shown).status_code == 302
    assert library.read_files(version("word-count")) == library.read_files(version("word-count", 1))
    assert version("word-count").number == 3


def test_row_without_versions_is_edited_like_any_other(staff_client: Client, tables: None) -> None:
    Challenge("old", name="Old", duration_minutes=60).save()
    page = soup(staff_client.get("/challenges/old/edit/"))
    assert [page.select_one(f"[name={name}]")["value"] for name in ("base", "start")] == ["", ""]
    given = {**FORM, "name": "New", "base": "", "start": "", **texts(README_md="x")}
    assert staff_client.post("/challenges/old/edit/", given).status_code == 302
    assert [each.name for each in library.versions_page("old")] == ["New", "Old"]


def test_files_that_are_gone_can_be_replaced(
    staff_client: Client, edited: dict[str, str], files
) -> None:
    [path] = files.glob("challenges/word-count/*/README.md")
    path.unlink()
    response = save(staff_client, edited, language="Mine")
    assert errors(response) == {"files": "word-count: the file README.md is missing."}
    assert save(staff_client, edited, files=zipped({"README.md": b"2"})).status_code == 302


def test_names_of_an_archive_are_chosen_for_a_new_version_too(
    staff_client: Client, edited: dict[str, str]
) -> None:
    response = save(staff_client, edited, files=explorers())
    assert (response.status_code, offered(response)["cp932"]) == (422, True)
    save(staff_client, edited, files=explorers(), name_encoding="cp932", how="add")
    assert set(library.read_files(version("word-count"))) == {
        "README.md",
        "count.py",
        "課題/解答.py",
        "はじめに.txt",
    }
    assert notes(staff_client, "/challenges/word-count/") == [
        "File names were read as Japanese (cp932)."
    ]


@pytest.mark.parametrize("base", ["x", "-1", "9" * 40, "²"])
def test_nonsense_in_place_of_the_version_is_a_conflict(
    staff_client: Client, edited: dict[str, str], base: str
) -> None:
    assert save(staff_client, edited, language="Mine", base=base).status_code == 409


def test_text_to_be_edited_is_the_files(staff_client: Client, edited: dict[str, str]) -> None:
    address = "/new-challenge/text/?challenge=word-count&version=1&path=count.py"
    piece = soup(staff_client.get(address))
    assert piece.select_one("[name=text_path]")["value"] == "count.py"
    assert piece.select_one("textarea").get_text() == "\nprint(1)\n"
    empty = soup(staff_client.get("/new-challenge/text/"))
    assert empty.select_one("[name=text_new]")["value"] == "yes"


@pytest.mark.parametrize("content", [b"\x00", b"\xff\xfe", b"x" * (MAX_TEXT + 1)])
def test_what_is_no_text_is_not_edited(
    staff_client: Client, edited: dict[str, str], content: bytes
) -> None:
    save(staff_client, edited, files=zipped({"README.md": b"", "odd": content}))
    piece = soup(staff_client.get("/new-challenge/text/?challenge=word-count&path=odd"))
    assert piece.select_one("textarea") is None
    assert piece.select_one("[role=alert]").get_text().startswith("odd isn't text or is too long")
