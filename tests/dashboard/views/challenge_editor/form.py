"""The form of a challenge, as the tests fill it in."""

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from interviews.challenges import library
from interviews.challenges.models import Version
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
