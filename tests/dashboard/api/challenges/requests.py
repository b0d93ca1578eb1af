"""Requests that write a challenge."""

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


def zipped(files: dict[str, bytes]) -> SimpleUploadedFile:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return SimpleUploadedFile("task.zip", made.getvalue())


def send(staff_client: Client, path: str = "", **fields: Any) -> Any:
    return staff_client.post(f"/api/challenges{path}", fields)


def error(response: Any) -> tuple[int, str | None, str]:
    found = response.json()["error"]
    return response.status_code, found.get("field"), found["message"]
