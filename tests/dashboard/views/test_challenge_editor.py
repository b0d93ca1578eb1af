"""Creating and editing a challenge: errors name their field, and typed text is kept."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard.uploads import handler
from dashboard.uploads.challenge_files import MAX_TEXT, STARTER
from interviews.challenges import library, models, versions
from interviews.challenges.models import Challenge, Version
from tests.dashboard.html import soup
from tests.interviews.challenges.zips import explorer

FORM = {
    "name": "Sum up",
    "id": "",
    "description": "Add them.",
    "language": "Python",
    "duration_minutes": "90",
    "cpus": "1.5",
    "memory_mb": "1024",
}
FRAGMENT = {"HX-Request": "true"}


def file(name: str, content: bytes = b"x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def zipped(
    files: dict[str, bytes], name: str = "task.zip", modes: dict[str, int] | None = None
) -> SimpleUploadedFile:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = (modes or {}).get(path, 0o600) << 16
            archive.writestr(info, content)
    return file(name, made.getvalue())


def texts(**files: str) -> dict[str, list[str]]:
    return {
        "text_new": ["yes"] * len(files),
        "text_path": [path.replace("_", ".") for path in files],
        "text": list(files.values()),
    }


def create(staff_client: Client, **fields: Any) -> Any:
    return staff_client.post("/new-challenge/", {**FORM, **fields})


def version(challenge_id: str = "sum-up", number: int | None = None) -> Version:
    found = library.get_version(challenge_id, number)
    assert found is not None
    return found


def errors(response) -> dict[str, str]:
    return {
        each["id"].removeprefix("id_").removesuffix("_error"): each.get_text()
        for each in soup(response).select(".field-error")
    }


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


def notes(staff_client: Client, address: str = "/challenges/sum-up/") -> list[str]:
    page = soup(staff_client.get(address))
    return [each.get_text() for each in page.select(".upload-notes li")]


def offered(response: Any) -> dict[str, bool]:
    """The encodings to choose from, and whether each is checked."""
    radios = soup(response).select("[name=name_encoding]")
    return {each["value"]: each.has_attr("checked") for each in radios}


def explorers() -> SimpleUploadedFile:
    return file(
        "task.zip", explorer("cp932", "README.md", "課題/解答.py", "はじめに.txt").getvalue()
    )


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


def criteria(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    names = ("criterion_name", "criterion_good", "criterion_weight")
    return {name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}


README = {"text_new": "yes", "text_path": "README.md", "text": "# Sum"}


def test_criteria_are_saved_in_their_order_and_blank_rows_left_out(staff_client: Client) -> None:
    rows = criteria(("Tests", "", "1"), ("", "", "1"), ("Clarity", "Short.", "4"))
    assert create(staff_client, **README, **rows).status_code == 302
    made = version().about.criteria
    assert [(each.name, each.good, each.weight) for each in made] == [
        ("Tests", "", 1),
        ("Clarity", "Short.", 4),
    ]
    page = soup(staff_client.get("/challenges/sum-up/edit/"))
    rows_there = page.select("[data-criteria-rows] [data-criterion]")
    assert [row.select_one("input")["value"] for row in rows_there] == ["Tests", "Clarity"]
    shown = soup(staff_client.get("/challenges/sum-up/")).select_one("#part-criteria")
    assert "Clarity" in shown.get_text()


def test_a_wrong_criterion_is_named_and_nothing_is_lost(staff_client: Client) -> None:
    rows = criteria(("", "Typed for long.", "2"), ("Clarity", "", "9"))
    response = create(staff_client, **README, **rows)
    assert response.status_code == 422
    there = soup(response).select("[data-criteria-rows] [data-criterion]")
    assert [row.select_one(".field-error").get_text() for row in there] == [
        "Enter a name.",
        "Enter 5 or less.",
    ]
    assert there[0].select_one("textarea").get_text().strip() == "Typed for long."
    assert library.get_challenge("sum-up") is None


def test_a_change_of_criteria_alone_is_a_conflict_that_is_named(staff_client: Client) -> None:
    create(staff_client, **README)
    fields = {**FORM, "base": "1", "start": "1"}
    first = staff_client.post("/challenges/sum-up/edit/", fields | criteria(("Tests", "", "1")))
    assert first.status_code == 302
    second = staff_client.post("/challenges/sum-up/edit/", fields | criteria(("Speed", "", "1")))
    assert second.status_code == 409
    assert "Changed: criteria." in soup(second).select_one(".conflict").get_text()


POLICY = {"ai_assistants": "not_allowed", "internet": "", "libraries": "allowed"}


def test_what_is_allowed_is_saved_and_shown_again(staff_client: Client) -> None:
    assert create(staff_client, **README, **POLICY, policy_note="Ask us.").status_code == 302
    policy = version().policy
    assert [line.words for line in policy.lines] == [
        "AI assistants: not allowed",
        "Libraries: allowed",
    ]
    page = soup(staff_client.get("/challenges/sum-up/edit/"))
    assert page.select_one("#id_ai_assistants option[selected]")["value"] == "not_allowed"
    assert page.select_one("#id_internet option[selected]")["value"] == ""
    assert page.select_one("#id_policy_note")["value"] == "Ask us."
    shown = soup(staff_client.get("/challenges/sum-up/")).select_one("#part-policy")
    assert "AI assistants: not allowed" in shown.get_text()
    assert "Ask us." in shown.get_text()


def test_a_wrong_stance_is_named_and_a_change_alone_is_a_conflict(staff_client: Client) -> None:
    wrong = create(staff_client, **README, **POLICY | {"internet": "sometimes"})
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#id_internet_error") is not None
    create(staff_client, **README, **POLICY)
    fields = {**FORM, "base": "1", "start": "1"}
    first = staff_client.post("/challenges/sum-up/edit/", fields | POLICY | {"internet": "allowed"})
    assert first.status_code == 302
    second = staff_client.post("/challenges/sum-up/edit/", fields | POLICY)
    assert "Changed: what's allowed." in soup(second).select_one(".conflict").get_text()
