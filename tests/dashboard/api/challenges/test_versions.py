"""Versions of a challenge in the API, and its dry run."""

from typing import Any

import pytest
from django.test import Client

from dashboard.uploads.handler import MAX_UPLOAD
from interviews import queries
from interviews.attributes import DRY_RUN
from interviews.challenges import library, versions
from interviews.challenges.models import Challenge, ChallengeDetails
from tests.dashboard.api.challenges.requests import error, send, zipped
from tests.dashboard.http import post


def test_new_version_has_what_was_sent_and_the_rest_of_its_base(
    staff_client: Client, challenge: Challenge
) -> None:
    response = send(
        staff_client, "/word-count/versions", baseVersion="1", name="More", memoryMb="2048"
    )
    assert response.status_code == 201
    assert (response.json()["number"], response.json()["createdBy"]) == (2, "recruiter")
    version = library.get_version("word-count", 2)
    assert version is not None
    assert version.about == ChallengeDetails(
        "More", "Count the words of a text.", "Python", 60, None, 2048
    )
    assert set(library.read_files(version)) == {"README.md", "count.py"}
    send(staff_client, "/word-count/versions", baseVersion="2", archive=zipped({"README.md": b"3"}))
    send(staff_client, "/word-count/versions", baseVersion="3", memoryMb="")
    version = library.get_version("word-count", None)
    assert version is not None
    assert (version.number, version.name, version.memory_mb) == (4, "More", None)
    assert library.read_files(version) == {"README.md": b"3"}


def test_new_version_of_an_old_one_is_409_and_says_who_was_first(
    staff_client: Client, challenge: Challenge
) -> None:
    about = library.resolve_version(challenge).about
    saved = versions.save_version("word-count", about, {"README.md": b"2"}, base=1, by="grace")
    response = send(staff_client, "/word-count/versions", baseVersion="1", name="Mine")
    at = f"{saved.created_at:%Y-%m-%dT%H:%M:%SZ}"
    assert error(response) == (409, None, f"grace saved version 2 first, at {at}.")
    assert send(staff_client, "/word-count/versions", name="Mine").status_code == 409
    assert (
        send(staff_client, "/word-count/versions", baseVersion="9", name="Mine").status_code == 404
    )
    assert send(staff_client, "/word-count/versions", baseVersion="x").json()["error"]["field"] == (
        "baseVersion"
    )
    current = library.get_version("word-count", None)
    assert current is not None
    assert (current.number, current.name) == (2, "Word count")


def test_versions_are_listed_newest_first_in_pages(
    staff_client: Client, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = library.resolve_version(challenge).about
    for base in (1, 2):
        files = {"README.md": f"{base}".encode()}
        versions.save_version("word-count", about, files, base=base, by="grace")
    library.record_dry_run("word-count", 3, 12.3, "dryrun-1", None)
    monkeypatch.setattr(library, "PAGE_SIZE", 2)
    first = staff_client.get("/api/challenges/word-count/versions").json()
    assert [each["number"] for each in first["items"]] == [3, 2]
    assert (first["items"][0]["dryRunSeconds"], first["items"][0]["fileCount"]) == (12.3, 1)
    last = staff_client.get("/api/challenges/word-count/versions", {"cursor": first["next"]}).json()
    assert [each["number"] for each in last["items"]] == [1]
    assert last["next"] is None


def test_one_version_has_the_list_of_its_files(staff_client: Client, challenge: Challenge) -> None:
    found = staff_client.get("/api/challenges/word-count/versions/1").json()
    assert [(each["path"], each["size"]) for each in found["files"]] == [
        ("README.md", 13),
        ("count.py", 9),
    ]
    for number in ("2", "0", "-1", "9" * 30):
        assert staff_client.get(f"/api/challenges/word-count/versions/{number}").status_code == 404


def test_archive_and_restore(staff_client: Client, challenge: Challenge) -> None:
    assert post(staff_client, "/api/challenges/word-count/archive").json()["archived"] is True
    assert library.active_challenges() == []
    assert post(staff_client, "/api/challenges/word-count/restore").json()["archived"] is False
    assert [each.id for each in library.active_challenges()] == ["word-count"]
    assert post(staff_client, "/api/challenges/missing/archive").status_code == 404


def test_dry_run(staff_client: Client, challenge: Challenge, engine: Any) -> None:
    response = post(staff_client, "/api/challenges/word-count/dry-run")
    [interview] = queries.list_page(DRY_RUN).items
    assert response.status_code == 202
    assert response.json() == {
        "interviewId": interview.id,
        "operationId": interview.operation_id,
    }
    assert interview.challenge_version == 1
    missing = post(staff_client, "/api/challenges/word-count/dry-run", {"version": 9})
    assert missing.status_code == 404
    bad = post(staff_client, "/api/challenges/word-count/dry-run", {"version": "1"})
    assert error(bad) == (422, "version", "Enter a whole number.")


@pytest.mark.usefixtures("tables")
def test_upload_may_be_larger_than_a_json_body_and_has_a_limit(staff_client: Client) -> None:
    large = {"README.md": b"x", "data": b"x" * 2_000_000}
    assert send(staff_client, name="Large", archive=zipped(large)).status_code == 201
    response = staff_client.generic(
        "POST",
        "/api/challenges",
        b"x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(MAX_UPLOAD * 2),
    )
    assert error(response) == (413, None, "The upload is larger than 110 MB.")
    response = staff_client.generic(
        "POST", "/api/challenges", b"x", content_type="application/json", CONTENT_LENGTH="2000000"
    )
    assert error(response)[0] == 413


def test_write_without_a_csrf_token_is_refused(staff: Any, tables: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    response = strict.post("/api/challenges", {"name": "A", "archive": zipped({"README.md": b""})})
    assert response.status_code == 403
    assert library.active_challenges() == []


def test_criteria_make_a_version_with_the_same_files(staff_client: Client, challenge: Any) -> None:
    criteria = [{"name": "Tests", "good": "They fail.", "weight": 2}]
    path = f"/api/challenges/{challenge.id}/criteria"
    body = {"criteria": criteria, "baseVersion": 1}
    saved = staff_client.put(path, body, content_type="application/json")
    assert saved.status_code == 201
    version = staff_client.get(f"/api/challenges/{challenge.id}/versions/2").json()
    assert version["criteria"] == criteria
    assert [each["path"] for each in version["files"]] == ["README.md", "count.py"]
    again = staff_client.put(path, body | {"criteria": []}, content_type="application/json")
    assert error(again)[0] == 409
    wrong = {"criteria": [{"name": "Tests", "weight": 9}], "baseVersion": 2}
    refused = staff_client.put(path, wrong, content_type="application/json")
    assert error(refused)[:2] == (422, "weight")


def test_what_is_allowed_is_in_a_version_and_stays_if_left_out(
    staff_client: Client, challenge: Any
) -> None:
    fields = {"internet": "not_allowed", "policyNote": "No net.", "baseVersion": "1"}
    assert send(staff_client, "/word-count/versions", **fields).status_code == 201
    send(staff_client, "/word-count/versions", baseVersion="2", aiAssistants="allowed")
    send(staff_client, "/word-count/versions", baseVersion="3", internet="")
    names = ("aiAssistants", "internet", "libraries", "policyNote")
    found = []
    for number in (1, 2, 3, 4):
        body = staff_client.get(f"/api/challenges/{challenge.id}/versions/{number}").json()
        found.append([body[name] for name in names])
    assert found == [
        [None, None, None, ""],
        [None, "not_allowed", None, "No net."],
        ["allowed", "not_allowed", None, "No net."],
        ["allowed", None, None, "No net."],
    ]
    wrong = send(staff_client, "/word-count/versions", baseVersion="4", libraries="some")
    assert error(wrong)[:2] == (422, "libraries")
