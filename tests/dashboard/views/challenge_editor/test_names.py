"""Names in an archive that could be read in more than one way, and what became of an upload."""

from typing import Any

import pytest
from django.test import Client

from interviews.challenges import library
from tests.dashboard.html import soup
from tests.dashboard.views.challenge_editor.form import (
    create,
    errors,
    explorers,
    file,
    notes,
    offered,
    version,
    zipped,
)
from tests.interviews.challenges.zips import explorer


@pytest.mark.usefixtures("tables")
def test_uploader_chooses_how_uncertain_names_read(staff_client: Client) -> None:
    response = create(staff_client, files=explorers())
    assert response.status_code == 422
    assert library.active_challenges() == []
    page = soup(response)
    assert page.select_one("[role=alert]").get_text() == (
        "Not saved yet. Check the file names in the zip."
    )
    first = page.select_one("#names label")
    assert first.select_one(".names-label").get_text() == "Japanese (cp932)"
    assert [each.get_text() for each in first.select("bdi")] == ["課題/解答.py", "はじめに.txt"]
    choices = offered(response)
    assert {code for code, is_checked in choices.items() if is_checked} == {"cp932"}
    assert "cp866" in choices

    create(staff_client, files=explorers(), name_encoding="cp932")
    assert set(library.read_files(version())) == {"README.md", "課題/解答.py", "はじめに.txt"}
    assert notes(staff_client) == ["File names were read as Japanese (cp932)."]
    assert notes(staff_client) == []


def test_names_are_offered_before_the_upload(staff_client: Client) -> None:
    """The script sends the end of the zip alone."""
    content = explorer("cp866", "README.md", "решение.py").getvalue()
    end = content[content.index(b"PK\x01\x02") :]

    def ask(end: bytes) -> Any:
        return staff_client.post("/new-challenge/names/", {"end": file("end.zip", end)})

    assert offered(ask(end))["cp866"]
    plain = zipped({"README.md": b""})
    assert plain.file is not None
    for nothing in (ask(plain.file.read()), ask(b"x"), staff_client.post("/new-challenge/names/")):
        assert (nothing.status_code, nothing.content) == (200, b"")


@pytest.mark.usefixtures("tables")
def test_choice_survives_another_error(staff_client: Client) -> None:
    both = create(staff_client, name="", files=explorers())
    assert errors(both) == {"name": "Enter a name."}
    assert offered(both)["cp932"]
    response = create(staff_client, name="", files=explorers(), name_encoding="cp866")
    assert errors(response) == {"name": "Enter a name."}
    assert [code for code, is_checked in offered(response).items() if is_checked] == ["cp866"]


@pytest.mark.usefixtures("tables")
def test_choice_for_another_archive_is_not_used(staff_client: Client) -> None:
    create(staff_client, files=zipped({"README.md": b"", "é": b""}), name_encoding="cp932")
    assert set(library.read_files(version())) == {"README.md", "é"}
    response = create(staff_client, id="b", files=explorers(), name_encoding="utf-8")
    assert response.status_code == 422
    assert offered(response)["cp932"]


@pytest.mark.usefixtures("tables")
def test_page_says_what_became_of_an_upload(staff_client: Client) -> None:
    content = {f"a/{n}/.DS_Store": b"x" for n in range(8)} | {"a/logs/": b""}
    readme = "# Hi".encode("utf-16")
    create(staff_client, files=zipped(content | {"a/README.md": readme}))
    assert library.read_files(version()) == {"README.md": b"# Hi"}
    assert notes(staff_client) == [
        "Left out: a/0/.DS_Store, a/1/.DS_Store, a/2/.DS_Store, a/3/.DS_Store, a/4/.DS_Store, "
        "a/5/.DS_Store and 2 more.",
        "Empty folders aren't kept: a/logs/. Put a file such as .gitkeep in a folder to keep it.",
        "README.md was converted to plain UTF-8 from UTF-16.",
    ]
