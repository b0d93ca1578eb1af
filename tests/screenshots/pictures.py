"""A picture of a page at each width and in each scheme, and the API to prepare it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from takehome_platform.local_stack.config import ROOT
from tests.e2e.conftest import PASSWORD, Platform

LANGUAGES = ("en", "de")
WIDTHS = {1280: 800, 390: 844}
SCHEMES = ("light", "dark")
PATIENCE_SECONDS = 60


@dataclass
class View:
    """One browser: a language, a width, light or dark."""

    language: str
    width: int
    scheme: str
    context: BrowserContext
    page: Page

    @property
    def folder(self) -> str:
        return f"{self.language}-{self.width}-{self.scheme}"


class Screenshots:
    def __init__(self, browser: Browser, platform: Platform, folder: Path) -> None:
        self.browser = browser
        self.platform = platform
        self.folder = folder
        self.taken = 0

    def sign_in(self, username: str = "admin") -> Any:
        """The cookies of somebody who signed in, which browsers of theirs begin with."""
        context = self.browser.new_context()
        page = context.new_page()
        page.goto(f"{self.platform.origin}/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main form button").last.click()
        page.wait_for_url(lambda url: "/login" not in url)
        state = context.storage_state()
        context.close()
        return state

    @contextmanager
    def views(self, storage_state: Any = None) -> Iterator[list[View]]:
        found = []
        for language in LANGUAGES:
            for width, height in WIDTHS.items():
                for scheme in SCHEMES:
                    context = self.browser.new_context(
                        locale={"en": "en-GB", "de": "de-DE"}[language],
                        timezone_id="Europe/Berlin",
                        viewport={"width": width, "height": height},
                        color_scheme=scheme,  # type: ignore[arg-type]
                        storage_state=storage_state,
                        reduced_motion="reduce",
                    )
                    found.append(View(language, width, scheme, context, context.new_page()))
        yield found
        for view in found:
            view.context.close()

    def take(self, name: str, views: list[View], url: str = "", *, whole: bool = True) -> None:
        for view in views:
            if url:
                view.page.goto(self.platform.origin + url)
            path = self.folder / view.folder / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            view.page.screenshot(path=path, full_page=whole, animations="disabled")
            self.taken += 1


class Api:
    """The API of the platform, as the administrator calls it from the dashboard."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.request = context.request
        self.origin = origin
        cookies = context.cookies(origin)
        self.token = next(c["value"] for c in cookies if c["name"] == "csrftoken")

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        return self._call("POST", path, data or {})

    def put(self, path: str, data: dict[str, Any]) -> Any:
        return self._call("PUT", path, data)

    def _call(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        response = self.request.fetch(
            f"{self.origin}/api{path}",
            method=method,
            data=data,
            headers={"X-CSRFToken": self.token},
        )
        if not response.ok:
            raise RuntimeError(f"{path}: {response.status} {response.text()}")
        return response.json()

    def save_version(self, challenge_id: str, **fields: str) -> None:
        """Save a version of a challenge, with everything else as in its first one."""
        response = self.request.post(
            f"{self.origin}/api/challenges/{challenge_id}/versions",
            multipart={"baseVersion": "1", **fields},
            headers={"X-CSRFToken": self.token},
        )
        if not response.ok:
            raise RuntimeError(f"{challenge_id}: {response.status} {response.text()}")

    def invite(self, name: str, **fields: Any) -> dict[str, Any]:
        data = {"candidateName": name, "challenge": "settlement-check", **fields}
        return dict(self.post("/takehome", data)["interview"])

    def wait(self, interview_id: str, status: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            response = self.request.get(f"{self.origin}/api/interviews/{interview_id}")
            if response.json()["status"] == status:
                return
            time.sleep(0.2)
        raise RuntimeError(f"{interview_id} did not become {status}")


def in_two_days() -> str:
    return time.strftime("%Y-%m-%dT10:00", time.gmtime(time.time() + 2 * 24 * 3600))


def readme_picture(shots: Screenshots, path: str, name: str, session: Any = None) -> None:
    context = shots.browser.new_context(
        viewport={"width": 1280, "height": 760}, locale="en-GB", storage_state=session
    )
    page = context.new_page()
    page.goto(shots.platform.origin + path)
    page.locator("[data-live=live]").first.wait_for()
    page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png", full_page=name == "candidate")
    context.close()
