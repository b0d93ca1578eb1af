"""Challenges in the API: reading and creating them."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from interviews.challenges import library, versions
from interviews.challenges.models import Challenge, ChallengeDetails
from tests.dashboard.api.challenges.requests import error, send, zipped
from tests.dashboard.http import iso
from tests.interviews.challenges.zips import explorer


def file(name: str, content: bytes = b"x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def as_json(challenge_id: str, **different: Any) -> dict[str, Any]:
    challenge = library.get_challenge(challenge_id)
    assert challenge is not None
    assert challenge.updated_at is not None
    return {
        "id": challenge_id,
        "version": 1,
        "name": "Word count",
        "description": "Count the words of a text.",
        "language": "Python",
        "durationMinutes": 60,
        "cpus": None,
        "memoryMb": None,
        "archived": False,
        "usageCount": 0,
        "lastUsedAt": None,
        "updatedAt": iso(challenge.updated_at),
    } | different


def report(**different: Any) -> dict[str, Any]:
    return {
        "nameEncoding": None,
        "nameEncodingGuessed": False,
        "leftOut": [],
        "emptyFolders": [],
        "converted": [],
    } | different


def test_list_is_items_and_next(staff_client: Client, challenge: Challenge) -> None:
    versions.create_challenge(
        "old", ChallengeDetails("Old", "", "", 60), {"README.md": b"x"}, by="ada"
    )
    library.set_active("old", False)
    listed = staff_client.get("/api/challenges").json()
    assert listed == {"items": [as_json("word-count")], "next": None}
    archived = staff_client.get("/api/challenges?archived=true").json()
    assert [each["id"] for each in archived["items"]] == ["old"]
    assert archived["items"][0]["archived"] is True


def test_one_challenge(staff_client: Client, challenge: Challenge) -> None:
    library.record_use("word-count")
    used = library.get_challenge("word-count")
    assert used is not None
    found = staff_client.get("/api/challenges/word-count").json()
    assert found == as_json("word-count", usageCount=1, lastUsedAt=iso(used.last_used_at))
    assert error(staff_client.get("/api/challenges/missing")) == (
        404,
        None,
        "Challenge not found.",
    )


@pytest.mark.usefixtures("tables")
def test_create_answers_201_with_the_challenge(staff_client: Client) -> None:
    response = send(
        staff_client,
        name="Über Wörter",
        description="Count.",
        language="Python",
        durationMinutes="90",
        cpus="0.5",
        memoryMb="512",
        archive=zipped({"top/README.md": b"# Hi", "top/a.py": b"1"}),
    )
    assert response.status_code == 201
    assert response.json() == as_json(
        "uber-worter",
        name="Über Wörter",
        description="Count.",
        durationMinutes=90,
        cpus=0.5,
        memoryMb=512,
        upload=report(nameEncoding="utf-8"),
    )
    version = library.get_version("uber-worter", 1)
    assert version is not None
    assert version.created_by == "recruiter"
    assert library.read_files(version) == {"README.md": b"# Hi", "a.py": b"1"}


@pytest.mark.usefixtures("tables")
def test_create_from_files_and_their_paths(staff_client: Client) -> None:
    files = [file("README.md"), file("a.py", b"1")]
    paths = json.dumps(["README.md", "src/a.py"])
    assert send(staff_client, name="One", id="one", files=files, paths=paths).status_code == 201
    version = library.get_version("one", 1)
    assert version is not None
    assert library.read_files(version) == {"README.md": b"x", "src/a.py": b"1"}


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (422, "name", "This field is required.")),
        ({"name": ""}, (422, "name", "Enter a name.")),
        ({"name": "A", "durationMinutes": "abc"},
         (422, "durationMinutes", "Enter a whole number.")),
        ({"name": "A", "cpus": "0"}, (422, "cpus", "Enter a number from 0.25 to 64.")),
        ({"name": "A", "memoryMb": "1"}, (422, "memoryMb", "Enter 512 or more.")),
        ({"name": "A", "id": "A B"},
         (422, "id",
          "Use at most 64 characters of a-z, 0-9 and '-', starting with a letter or digit.")),
        ({"name": "A"}, (422, "archive", "Send the files, as a zip in `archive` or as `files`.")),
    ],
)  # fmt: skip
def test_create_refuses_bad_input_and_names_the_field(
    staff_client: Client, fields: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert error(send(staff_client, **fields)) == expected
    assert library.active_challenges() == []


@pytest.mark.usefixtures("tables")
def test_create_refuses_bad_files_and_names_the_entry(staff_client: Client) -> None:
    bad = zipped({"README.md": b"x", "../x": b"x"})
    assert error(send(staff_client, name="A", archive=bad)) == (
        422,
        "archive",
        "../x leads out of the folder.",
    )
    assert error(send(staff_client, name="A", files=[file("a.py")])) == (
        422,
        "files",
        "There's no README.md with the task. Add one.",
    )
    both: Any = {"archive": zipped({"README.md": b"x"}), "files": [file("README.md")]}
    assert error(send(staff_client, name="A", **both)) == (
        422,
        "archive",
        "Send either `archive` or `files`, not both.",
    )


@pytest.mark.usefixtures("tables")
def test_create_says_what_was_left_out_and_converted(staff_client: Client) -> None:
    content = {"a/README.md": b"\xef\xbb\xbf# Hi", "a/.git/HEAD": b"x", "a/logs/": b""}
    response = send(staff_client, name="A", archive=zipped(content))
    assert response.json()["upload"] == report(
        nameEncoding="utf-8",
        leftOut=["a/.git/"],
        emptyFolders=["a/logs/"],
        converted=[{"path": "README.md", "was": "UTF-8 with a byte order mark"}],
    )
    response = send(staff_client, name="B", files=[file("README.md"), file("desktop.ini")])
    assert response.json()["upload"] == report(leftOut=["desktop.ini"])


def test_names_of_an_archive_are_guessed_or_read_as_asked(
    staff_client: Client, challenge: Challenge
) -> None:
    content = explorer("cp866", "README.md", "решение.py").getvalue()

    def save(**fields: str) -> Any:
        archive = SimpleUploadedFile("task.zip", content)
        return send(staff_client, "/word-count/versions", archive=archive, **fields)

    guessed = save(baseVersion="1")
    assert guessed.json()["upload"] == report(nameEncoding="cp866", nameEncodingGuessed=True)
    version = library.get_version("word-count", 2)
    assert version is not None
    assert set(library.read_files(version)) == {"README.md", "решение.py"}
    asked = save(baseVersion="2", nameEncoding="cp850")
    assert asked.json()["upload"] == report(nameEncoding="cp850")
    version = library.get_version("word-count", 3)
    assert version is not None
    assert set(library.read_files(version)) == {
        "README.md",
        "решение.py".encode("cp866").decode("cp850"),
    }
    assert error(save(baseVersion="3", nameEncoding="utf-8")) == (
        422,
        "nameEncoding",
        r"The file name \xe0\xa5\xe8\xa5\xad\xa8\xa5.py isn't in utf-8. Choose another encoding.",
    )
    status, field, _ = error(save(baseVersion="3", nameEncoding="klingon"))
    assert (status, field) == (422, "nameEncoding")
    without = send(staff_client, "/word-count/versions", baseVersion="3", name="Renamed")
    assert without.json()["upload"] is None


@pytest.mark.usefixtures("tables")
def test_create_of_an_id_that_is_there_is_refused(staff_client: Client) -> None:
    for expected in (201, 422):
        response = send(staff_client, name="A", id="a", archive=zipped({"README.md": b"x"}))
        assert response.status_code == expected
    assert error(response) == (422, "id", "A challenge with this ID already exists.")
