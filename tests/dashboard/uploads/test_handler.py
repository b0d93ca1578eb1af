"""A request's files are kept in one file on disk, up to a limit."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from dashboard.uploads import handler
from dashboard.uploads.handler import KeptFile


def posted(*files: tuple[str, bytes], **fields: str) -> HttpRequest:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return RequestFactory().post("/x", {"files": sent, **fields})


def parts(request: HttpRequest) -> list[KeptFile]:
    found = request.FILES.getlist("files")
    assert all(isinstance(each, KeptFile) for each in found)
    return found  # type: ignore[return-value]


def test_files_are_as_they_were_sent() -> None:
    request = posted(("a", b"first"), ("empty", b""), ("b", b"x" * 200_000), after="kept")
    first, empty, last = parts(request)
    assert (first.name, first.size, first.read(), first.cut) == ("a", 5, b"first", False)
    assert (empty.size, empty.read()) == (0, b"")
    assert last.read(10) == b"x" * 10
    assert (first.readable(), first.seekable()) == (True, True)
    first.seek(2)
    assert (first.tell(), first.read()) == (2, b"rst")
    assert first.seek(-1, io.SEEK_END) == 4
    with pytest.raises(OSError, match=r"^before the beginning$"):
        first.seek(-1)
    assert last.read() == b"x" * 199_990
    assert request.POST["after"] == "kept"
    request.close()


def test_part_of_it_is_a_file_for_zip() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("README.md", "hi")
    request = posted(("before", b"x" * 1000), ("task.zip", made.getvalue()))
    with zipfile.ZipFile(parts(request)[1]) as archive:
        assert archive.read("README.md") == b"hi"
    request.close()


def test_two_thousand_files_are_one_on_disk() -> None:
    request = posted(*((f"{number}", b"x") for number in range(2_000)))
    before = len(list(Path("/dev/fd").iterdir()))
    assert len(parts(request)) == 2_000
    assert len(list(Path("/dev/fd").iterdir())) <= before + 1
    request.close()
    assert all(part.closed for part in parts(request))


def test_what_is_beyond_the_limit_is_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "MAX_UPLOAD", 100)
    request = posted(("a", b"x" * 60), ("b", b"x" * 60), ("c", b""), after="kept")
    a, b, c = parts(request)
    assert [(each.size, len(each.read()), each.cut) for each in (a, b, c)] == [
        (60, 60, False),
        (60, 40, True),
        (0, 0, False),
    ]
    assert request.POST["after"] == "kept"
    request.close()


def test_request_that_breaks_off_leaves_nothing_open() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nhalf'
    request = RequestFactory().generic("POST", "/x", body, "multipart/form-data; boundary=x")
    before = len(list(Path("/dev/fd").iterdir()))
    assert parts(request) == []
    assert len(list(Path("/dev/fd").iterdir())) == before
