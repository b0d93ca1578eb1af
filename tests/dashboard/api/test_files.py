"""GET /api/interviews/<id>/files: the saved archive, streamed, under a safe name."""

from datetime import datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.storage import Storage
from django.test import AsyncClient, AsyncRequestFactory, Client, RequestFactory

from interviews.indexes import EarlierArchive
from interviews.models import Interview
from operations import actions
from operations.archives.download import archive, archive_name
from operations.provisioners.base import NotSaved, NotSavedReason
from tests.conftest import run_until_idle
from tests.dashboard.http import post
from tests.fakes import FakeProvisioner


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_files_are_the_saved_archive(staff_client: Client, running: Interview, files: Any) -> None:
    running.change(candidate_name='Zoë "李" \u202e/../x')
    post(staff_client, f"/api/interviews/{running.id}/destroy")
    ended = run_until_idle(running)
    response = staff_client.get(f"/api/interviews/{running.id}/files")
    assert response.status_code == 200
    stored = (files / ended.history_s3_key).read_bytes()
    assert response.getvalue() == stored
    assert response["Content-Length"] == str(len(stored))
    assert response["Content-Type"] == "application/gzip"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Zo%C3%AB%20_%E6%9D%8E_%20_.._x%20-%20word-count.tar.gz"
    )


@pytest.fixture
def opened_twice(running: Interview, files: Any) -> Interview:
    """A test with an archive from each of two openings."""
    running.change(
        history_s3_key="second",
        earlier_archives=[EarlierArchive(key="first", bytes=5)],
        archive_bytes=6,
    )
    (files / "first").write_bytes(b"first")
    (files / "second").write_bytes(b"second")
    return running


@pytest.mark.parametrize(
    ("query", "content", "number"),
    [
        ("", b"second", 2),
        ("?opening=", b"second", 2),
        ("?opening=1", b"second", 2),
        ("?opening=0", b"first", 1),
    ],
)
def test_files_of_each_opening_can_be_had(
    staff_client: Client, opened_twice: Interview, query: str, content: bytes, number: int
) -> None:
    response = staff_client.get(f"/api/interviews/{opened_twice.id}/files{query}")
    assert response.getvalue() == content
    assert response["Content-Disposition"] == (
        f'attachment; filename="Ada - word-count ({number}).tar.gz"'
    )


@pytest.mark.parametrize("opening", ["2", "-1", "x", "²", "9" * 5000, "%00", "1.0"])
def test_files_of_an_opening_that_never_was_are_not_found(
    staff_client: Client, opened_twice: Interview, opening: str
) -> None:
    response = staff_client.get(f"/api/interviews/{opened_twice.id}/files?opening={opening}")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == (
        "No files were saved at such an end of this interview."
    )


def test_files_of_one_opening_may_be_gone_and_the_others_not(
    staff_client: Client, opened_twice: Interview, files: Any
) -> None:
    (files / "first").unlink()
    gone = staff_client.get(f"/api/interviews/{opened_twice.id}/files?opening=0")
    assert gone.json()["error"]["message"] == (
        "The saved files of this interview are no longer there."
    )
    there = staff_client.get(f"/api/interviews/{opened_twice.id}/files?opening=1")
    assert there.getvalue() == b"second"


def test_files_of_before_can_be_had_while_the_test_is_open_again(
    staff_client: Client, running: Interview
) -> None:
    post(staff_client, f"/api/interviews/{running.id}/destroy")
    ended = run_until_idle(running)
    actions.reopen(ended, 30, by="recruiter")
    again = run_until_idle(ended)
    assert again.status == "active"
    response = staff_client.get(f"/api/interviews/{running.id}/files?opening=0")
    assert len(response.getvalue()) == ended.archive_bytes


def test_each_archive_has_the_list_of_what_it_does_not_have(
    staff_client: Client, running: Interview, engine: FakeProvisioner
) -> None:
    engine.not_saved = [NotSaved(".cache", NotSavedReason.REGENERABLE, 1, 10)]
    actions.submit(running, by="candidate")
    actions.reopen(run_until_idle(running), 30, by="recruiter")
    engine.not_saved = [NotSaved("deep", NotSavedReason.UNREADABLE)]
    actions.submit(run_until_idle(running), by="candidate")
    run_until_idle(running)
    body = staff_client.get(f"/api/interviews/{running.id}").json()
    first = [{"path": ".cache", "reason": "regenerable", "files": 1, "bytes": 10}]
    second = [{"path": "deep", "reason": "unreadable", "files": None, "bytes": None}]
    assert (body["notSaved"], body["notSavedCount"]) == (second, 1)
    for earlier in (body["earlierArchives"][0], body["sittings"][0]["files"][0]):
        assert (earlier["notSaved"], earlier["notSavedCount"]) == (first, 1)


def test_sittings_are_side_by_side_and_lead_to_their_files(
    staff_client: Client, running: Interview
) -> None:
    actions.submit(running, by="candidate")
    ended = run_until_idle(running)
    ended_at, size = ended.completed_at, ended.archive_bytes
    actions.reopen(ended, 30, by="recruiter")
    again = run_until_idle(ended)
    first, second = staff_client.get(f"/api/interviews/{running.id}").json()["sittings"]
    (file,) = first.pop("files")
    assert first == {
        "number": 1,
        "status": "completed",
        "startedAt": iso(running.activated_at),
        "readyAt": iso(running.ready_at),
        "endedAt": iso(ended_at),
        "workedSeconds": first["workedSeconds"],
        "lengthMinutes": 60,
        "endReason": "submitted",
    }
    assert first["workedSeconds"] < 60
    assert (file["opening"], file["bytes"]) == (0, size)
    assert second == {
        "number": 2,
        "status": "active",
        "startedAt": second["startedAt"],
        "readyAt": iso(again.ready_at),
        "endedAt": None,
        "workedSeconds": None,
        "lengthMinutes": 30,
        "endReason": None,
        "files": [],
    }


@pytest.mark.django_db(transaction=True)
async def test_files_are_streamed_under_the_server_that_is_used(
    async_client: AsyncClient, staff: Any, running: Interview, files: Any
) -> None:
    running.change(history_s3_key="big")
    content = bytes(range(256)) * 4096
    (files / "big").write_bytes(content)
    await async_client.aforce_login(staff)
    response: Any = await async_client.get(f"/api/interviews/{running.id}/files")
    chunks = [chunk async for chunk in response.streaming_content]
    assert b"".join(chunks) == content
    assert len(chunks) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_asgi", [True, False])
async def test_files_are_closed_if_the_client_leaves_before_the_first_byte(
    running: Interview, files: Any, monkeypatch: pytest.MonkeyPatch, is_asgi: bool
) -> None:
    opened, open_ = [], Storage.open

    def open_and_keep(*args: Any) -> Any:
        opened.append(open_(*args))
        return opened[-1]

    monkeypatch.setattr(Storage, "open", open_and_keep)
    await sync_to_async(running.change)(history_s3_key="big")
    (files / "big").write_bytes(b"packed")
    factory = AsyncRequestFactory() if is_asgi else RequestFactory()
    response = await sync_to_async(archive)(factory.get("/"), running)
    assert [file.closed for file in opened] == [False]
    # As the server does, which sends nothing any more.
    await sync_to_async(response.close)()
    assert [file.closed for file in opened] == [True]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada", "Ada - word-count.tar.gz"),
        ("../../etc/passwd", "_.._etc_passwd - word-count.tar.gz"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x - word-count.tar.gz"),
        ("\u202e", "- word-count.tar.gz"),
        ("x" * 500, f"{'x' * 80} - word-count.tar.gz"),
    ],
)
def test_archive_name_is_safe(name: str, expected: str) -> None:
    assert archive_name(Interview(candidate_name=name, challenge="word-count")) == expected


def test_files_that_were_never_saved_are_not_found(
    staff_client: Client, running: Interview
) -> None:
    assert staff_client.get(f"/api/interviews/{running.id}/files").status_code == 404


def test_files_that_are_gone_from_the_store_are_not_found(
    staff_client: Client, running: Interview
) -> None:
    running.change(history_s3_key="archives/gone.tar.gz")
    assert staff_client.get(f"/api/interviews/{running.id}/files").status_code == 404


def test_head_closes_the_file(
    staff_client: Client, opened_twice: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, open_ = [], Storage.open

    def open_and_keep(*args: Any) -> Any:
        opened.append(open_(*args))
        return opened[-1]

    monkeypatch.setattr(Storage, "open", open_and_keep)
    response = staff_client.head(f"/api/interviews/{opened_twice.id}/files")
    assert (response.status_code, response["Content-Length"]) == (200, "6")
    assert [file.closed for file in opened] == [True]
