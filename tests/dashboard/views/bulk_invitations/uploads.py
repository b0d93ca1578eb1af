"""Files of candidates."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from operations.bulk_import.models import Batch

ROWS = (
    "name,email,challenge\n"
    "Ada,ada@example.com,word-count\n"
    "Grace,grace@example.com,word-count\n"
    "Ada King,ADA@example.com,word-count\n"
    ",x@example.com,word-count\n"
    "=1+1,,word-count\n"
)


def upload(staff_client: Client, content: str | bytes = ROWS, **fields: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("candidates.csv", raw, content_type="text/csv")
    return staff_client.post("/invitations/", {"valid_days": "7", "file": file, **fields})


def uploaded(staff_client: Client, content: str | bytes = ROWS, **fields: Any) -> Batch:
    response = upload(staff_client, content, **fields)
    batch = Batch.objects.latest("pk")
    assert (response.status_code, response["Location"]) == (302, f"/invitations/{batch.pk}/")
    return batch
