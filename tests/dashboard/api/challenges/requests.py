"""Requests that write a challenge."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.interviews.challenges.uploads import zips


def zipped(files: dict[str, bytes]) -> SimpleUploadedFile:
    return SimpleUploadedFile("task.zip", zips.zipped(files).getvalue())


def send(staff_client: Client, path: str = "", **fields: Any) -> Any:
    return staff_client.post(f"/api/challenges{path}", fields)


def error(response: Any) -> tuple[int, str | None, str]:
    found = response.json()["error"]
    return response.status_code, found.get("field"), found["message"]
