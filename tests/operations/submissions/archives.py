"""Archives as provisioners write them, and as nobody should."""

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from interviews.models import Interview
from operations.submissions.index.records import File
from operations.submissions.submission import Submission

TOP = "project"


def member(name: str, content: bytes = b"", **attributes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def archive_of(files: Mapping[str, bytes], top: str = TOP) -> bytes:
    return packed(*(member(f"{top}/{name}", content) for name, content in files.items()))


def save_archive(interview: Interview, content: bytes, key: str = "") -> str:
    """Store an archive as the interview's latest, as a teardown does."""
    key = key or f"archives/{interview.id}/op-1-1.tar.gz"
    default_storage.save(key, ContentFile(content))
    interview.change(history_s3_key=key, archive_bytes=len(content))
    return key


def all_files(submission: Submission, path: bytes = b"") -> Iterator[File]:
    """All files of a submission, deleted ones too, in the order of the tree."""
    folder = submission.folder(path)
    assert folder is not None
    for each in submission.folders_in(folder):
        yield from all_files(submission, each.path)
    yield from submission.files_in(folder)


def write_archive(folder: Path, content: bytes) -> Path:
    path = folder / "archive.tar.gz"
    path.write_bytes(content)
    return path
