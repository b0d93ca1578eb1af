"""The URLs of a kept state, compared with another one."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from dashboard.presenters.submissions.addresses import Addresses
from operations.submissions import paths

# The value of `?from=` for the starting files.
START = "start"


@dataclass(frozen=True)
class ProgressAddresses(Addresses):
    """Those of a state of an interview, by its number, and of what it is compared with."""

    state: int = 0
    # A number, or START.
    base: str = START

    def of(self, state: int) -> str:
        """The page of another state, compared with the one before it."""
        return f"{reverse('dashboard:progress', args=[self.interview.id])}?state={state}"

    def _url(
        self, name: str, fields: dict[str, str | int], path: bytes | None, key: str = "path"
    ) -> str:
        query = urlencode({"state": self.state, "from": self.base, **fields})
        if path is not None:
            query += f"&{key}={paths.quoted(path)}"
        page = name.replace("submission", "progress", 1)
        return f"{reverse(f'dashboard:{page}', args=[self.interview.id])}?{query}"
