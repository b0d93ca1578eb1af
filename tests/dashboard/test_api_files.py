"""GET /api/interviews/<id>/files: the saved archive, streamed, under a safe name."""

from typing import Any

import pytest
from django.test import AsyncClient, Client

from dashboard.downloads import archive_name
from interviews.models import Interview
from tests.conftest import run_until_idle
from tests.dashboard.calls import post


def test_files_are_the_saved_archive(desk: Client, running: Interview, files: Any) -> None:
    running.change(candidate_name='Zoë "李" \u202e/../x')
    post(desk, f"/api/interviews/{running.id}/destroy")
    ended = run_until_idle(running)
    response = desk.get(f"/api/interviews/{running.id}/files")
    assert response.status_code == 200
    stored = (files / ended.history_s3_key).read_bytes()
    assert response.getvalue() == stored
    assert response["Content-Length"] == str(len(stored))
    assert response["Content-Type"] == "application/gzip"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Zo%C3%AB%20_%E6%9D%8E_%20_.._x%20-%20word-count.tar.gz"
    )


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


def test_files_that_were_never_saved_are_not_found(desk: Client, running: Interview) -> None:
    assert desk.get(f"/api/interviews/{running.id}/files").status_code == 404


def test_files_that_are_gone_from_the_store_are_not_found(desk: Client, running: Interview) -> None:
    running.change(history_s3_key="archives/gone.tar.gz")
    assert desk.get(f"/api/interviews/{running.id}/files").status_code == 404
