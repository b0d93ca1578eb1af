"""The URLs of a submission. Paths are bytes, and each byte of them is in the URL."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from interviews.models import Interview
from operations.submissions import paths
from operations.submissions.index import Status
from operations.submissions.index.records import File
from operations.submissions.service import archive_keys


@dataclass(frozen=True)
class Addresses:
    """Those of one archive of an interview; `opening` is its place among them, from 0."""

    interview: Interview
    opening: int
    # Whether the pages list all files, or those that differ.
    lists_all: bool = False

    @property
    def is_latest(self) -> bool:
        """Whether these are of the submission that reviews are about."""
        return self.opening == len(archive_keys(self.interview)) - 1

    def page(
        self,
        folder: bytes = b"",
        *,
        lists_all: bool | None = None,
        after: int = 0,
        after_folder: int = 0,
    ) -> str:
        """The tree, or one folder of it, from after a file or a folder with this id."""
        fields: dict[str, str | int] = {"after": after} if after else {}
        if after_folder:
            fields["after_folder"] = after_folder
        if self.lists_all if lists_all is None else lists_all:
            fields["all"] = 1
        return self._url("submission", fields, folder if folder else None, "folder")

    def best(self, file: File) -> str:
        """The difference of a changed file, and the content of any other."""
        return self.difference(file) if file.status is Status.CHANGED else self.file(file)

    def file(self, file: File, **fields: str) -> str:
        return self._url("submission-file", {**self._listed(), **fields}, file.path)

    def difference(self, file: File, **fields: str) -> str:
        return self._url("submission-difference", {**self._listed(), **fields}, file.path)

    def raw(self, file: File) -> str:
        return self._url("submission-raw", {}, file.path)

    def download(self, file: File) -> str:
        return self._url("submission-download", {}, file.path)

    def zip(self) -> str:
        return self._url("submission-zip", {}, None)

    def _listed(self) -> dict[str, str | int]:
        return {"all": 1} if self.lists_all else {}

    def _url(
        self, name: str, fields: dict[str, str | int], path: bytes | None, key: str = "path"
    ) -> str:
        query = urlencode({"opening": self.opening, **fields})
        if path is not None:
            query += f"&{key}={paths.quoted(path)}"
        return f"{reverse(f'dashboard:{name}', args=[self.interview.id])}?{query}"


def place_url(interview: Interview, path: str, line: int | None) -> str:
    """The page of a file of the latest archive, at a line of it."""
    address = reverse("dashboard:submission-file", args=[interview.id])
    anchor = f"#L{line}" if line is not None else ""
    return f"{address}?path={paths.quoted(path.encode())}{anchor}"
