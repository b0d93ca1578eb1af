"""Creating a challenge: what may be uploaded, typed and left out."""

import json
from typing import Any

import pytest
from django.test import Client

from dashboard.uploads import handler
from dashboard.uploads.challenge_files import STARTER
from interviews.challenges import library, models
from tests.dashboard.html import soup
from tests.dashboard.views.challenge_editor.form import (
    FORM,
    create,
    errors,
    file,
    texts,
    version,
    zipped,
)

FRAGMENT = {"HX-Request": "true"}


@pytest.mark.usefixtures("tables")
def test_create_from_a_zip(staff_client: Client) -> None:
    response = create(staff_client, files=zipped({"top/README.md": b"# Sum", "top/a.py": b"1"}))
    assert (response.status_code, response["Location"]) == (302, "/challenges/sum-up/")
    made = version()
    assert made.about == models.ChallengeDetails("Sum up", "Add them.", "Python", 90, 1.5, 1024)
    assert (made.number, made.created_by) == (1, "recruiter")
    assert library.read_files(made) == {"README.md": b"# Sum", "a.py": b"1"}


@pytest.mark.usefixtures("tables")
def test_create_from_files_from_a_folder_and_from_texts(staff_client: Client) -> None:
    create(staff_client, id="one", files=[file("README.md"), file("a.py")])
    assert set(library.read_files(version("one"))) == {"README.md", "a.py"}
    paths = json.dumps(["task/README.md", "task/src/a.py"])
    create(staff_client, id="two", folder=[file("README.md"), file("a.py")], folder_paths=paths)
    assert set(library.read_files(version("two"))) == {"README.md", "src/a.py"}
    create(staff_client, id="three", **texts(README_md="# Hi\r\nyou\r\n", a_py="1"))
    assert library.read_files(version("three")) == {"README.md": b"# Hi\nyou\n", "a.py": b"1"}
    create(staff_client, id="four", files=[file("a.py")], **texts(README_md="# Hi"))
    assert library.read_files(version("four")) == {"README.md": b"# Hi", "a.py": b"x"}


@pytest.mark.usefixtures("tables")
def test_text_that_a_new_form_begins_with_is_no_file_beside_an_upload(staff_client: Client) -> None:
    starter = STARTER.replace("\n", "\r\n")
    create(staff_client, files=zipped({"README.md": b"# Mine"}), **texts(README_md=starter))
    assert library.read_files(version()) == {"README.md": b"# Mine"}
    create(staff_client, id="alone", **texts(README_md=starter))
    assert library.read_files(version("alone")) == {"README.md": STARTER.encode()}


@pytest.mark.usefixtures("tables")
def test_id_follows_from_the_name_and_is_free(staff_client: Client) -> None:
    for wanted in ("sum-up", "sum-up-2", "sum-up-3"):
        assert create(staff_client, files=file("README.md"))["Location"] == f"/challenges/{wanted}/"
    response = create(staff_client, id="sum-up", files=file("README.md"))
    assert errors(response) == {"id": "This ID is taken. Choose another."}
    assert soup(response).select_one("#id_name")["value"] == "Sum up"


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter a name."),
        ("name", "x" * 121, "Enter 120 characters or fewer."),
        ("name", "a\x00b", "Control characters aren't allowed here."),
        ("description", "x" * 1001, "Enter 1000 characters or fewer."),
        ("language", "x" * 61, "Enter 60 characters or fewer."),
        ("duration_minutes", "", "Enter a whole number."),
        ("duration_minutes", "0", "Enter 1 or more."),
        ("duration_minutes", "1000000000", "Enter 480 or less."),
        ("cpus", "0.1", "Enter a number from 0.25 to 64."),
        ("cpus", "65", "Enter a number from 0.25 to 64."),
        ("cpus", "nan", "Enter a number from 0.25 to 64."),
        ("cpus", "inf", "Enter a number from 0.25 to 64."),
        ("cpus", "two", "Enter a number."),
        ("memory_mb", "511", "Enter 512 or more."),
        ("memory_mb", "1e9", "Enter a whole number."),
        ("memory_mb", "262145", "Enter 262144 or less."),
        (
            "id",
            "Sum up",
            "Use at most 64 characters of a-z, 0-9 and '-', starting with a letter or digit.",
        ),
    ],
)
def test_bad_field_is_named_and_nothing_is_lost(
    staff_client: Client, field: str, value: str, sentence: str
) -> None:
    given = {**FORM, **texts(README_md="# Mine\r\n"), field: value}
    for headers in ({}, FRAGMENT):
        response = staff_client.post("/new-challenge/", given, headers=headers)
        assert response.status_code == 422
        assert errors(response) == {field: sentence}
        page = soup(response)
        assert page.select_one("[name=text]").get_text() == "\n# Mine\r\n"
        for name in {"name", "language", "cpus"} - {field}:
            assert page.select_one(f"[name={name}]")["value"] == FORM[name]
    assert list(library.active_challenges()) == []


@pytest.mark.usefixtures("tables")
def test_what_may_be_left_out(staff_client: Client) -> None:
    create(
        staff_client, language="", description="", cpus="", memory_mb=" ", files=file("README.md")
    )
    assert version().about == models.ChallengeDetails("Sum up", "", "", 90, None, None)
    create(staff_client, id="comma", cpus="0,5", files=file("README.md"))
    assert version("comma").cpus == 0.5


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "There's no README.md with the task. Add one."),
        ({"files": file("task.zip")}, "This isn't a zip archive, or it's damaged."),
        ({"files": zipped({"../x": b""})}, "../x leads out of the folder."),
        (
            {"files": [file("README.md"), file("a/../README.md")]},
            "README.md is there twice.",
        ),
        (
            {"files": file("README.md"), "folder": file("README.md")},
            "Choose either files or a folder, not both.",
        ),
        (
            {"folder": file("README.md"), "folder_paths": '["a", "b"]'},
            "The file names got lost. Choose the folder again.",
        ),
        (
            {"folder": file("README.md"), "folder_paths": "[[[["},
            "The file names got lost. Choose the folder again.",
        ),
        (
            {"folder": file("README.md"), "folder_paths": '["../README.md"]'},
            "../README.md leads out of the folder.",
        ),
        (texts(README_md="x", _="x"), ". isn't a valid path."),
        (
            {"text_new": ["yes", "yes"], "text_path": ["README.md", ""], "text": ["x", "x"]},
            "Enter a name for each new file.",
        ),
        (
            {"text_new": ["yes"] * 2, "text_path": ["README.md"] * 2, "text": ["x", "x"]},
            "README.md already exists. Choose another name.",
        ),
    ],
)
def test_refused_files_are_told_and_nothing_typed_is_lost(
    staff_client: Client, given: dict[str, Any], sentence: str
) -> None:
    for value in given.values():
        for each in value if isinstance(value, list) else [value]:
            if hasattr(each, "seek"):
                each.seek(0)
    response = create(staff_client, **given)
    assert response.status_code == 422
    assert errors(response) == {"files": sentence}
    assert soup(response).select_one("#id_name")["value"] == "Sum up"
    assert library.active_challenges() == []


@pytest.mark.usefixtures("tables")
def test_ten_thousand_files_are_refused_with_a_sentence(staff_client: Client) -> None:
    paths = [f"task/{number}.txt" for number in range(10_000)]
    given = {"folder": [file("x") for _ in paths], "folder_paths": json.dumps(paths)}
    response = create(staff_client, **given)
    assert errors(response) == {"files": "A challenge can have 2,000 files at most."}


@pytest.mark.usefixtures("tables")
def test_upload_beyond_the_limit_is_refused_and_the_fields_behind_it_are_kept(
    staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "MAX_UPLOAD", 100_000)
    given = {"files": file("big.zip", b"x" * 300_000), **FORM}
    response = staff_client.post("/new-challenge/", given)
    assert errors(response) == {"files": "The upload is larger than 110 MB."}
    assert soup(response).select_one("#id_name")["value"] == "Sum up"
