"""`python -m tests.screenshots [FOLDER]`: start a platform, and take a picture of each page.

Each page and state is taken at two widths, light and dark, in each language, into
FOLDER/LANGUAGE-WIDTH-SCHEME/NAME.png; the two of the README into docs/images.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from takehome_platform.local_stack.config import ROOT
from tests import chromium
from tests.authenticator import code_for_text
from tests.e2e.conftest import PASSWORD, Platform, running_platform
from tests.e2e.pages import STAFF_PAGES
from tests.e2e.progress import keep_now, write_work
from tests.screenshots.review_pages import review_pages

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


def candidate_pages(shots: Screenshots, api: Api) -> list[str]:
    """The whole life of a test on the candidate's page; returns the ids of what was created."""
    withdrawn = api.invite("Grace Hopper")
    api.post(f"/takehome/{withdrawn['passcode']}/revoke")
    test = api.invite(
        "Ada Lovelace",
        challenge="room-booking",
        durationMinutes=90,
        candidateEmail="ada@example.com",
        customInstructions="Please think aloud in NOTES.md.",
    )
    live = dict(
        api.post(
            "/interviews",
            {
                "candidateName": "Alan Turing",
                "challenge": "settlement-check",
                "timeZone": "Europe/Berlin",
                "scheduledLocal": _in_two_days(),
            },
        )["interview"]
    )
    page = f"/take-home/{test['passcode']}/"
    with shots.views() as views:
        shots.take("candidate-withdrawn", views, f"/take-home/{withdrawn['passcode']}/")
        shots.take("candidate-unknown", views, "/take-home/ABCD1234/")
        shots.take("candidate-accessibility", views, "/accessibility/")
        shots.take("candidate-scheduled", views, f"/interview/{live['passcode']}/")
        shots.take("candidate-invited", views, page)
        for view in views:
            view.page.locator("[data-opens]").first.click()
        shots.take("candidate-confirm", views, whole=False)
        for view in views:
            view.page.keyboard.press("Escape")
        practice(shots, views)
        api.post(f"/interviews/{test['id']}/activate")
        views[0].page.locator("[data-countdown], ol.steps").first.wait_for()
        shots.take("candidate-starting", views)
        api.wait(test["id"], "active")
        for view in views:
            view.page.locator("[data-countdown]").first.wait_for()
        shots.take("candidate-running", views)
        _work_on(shots.platform.workspace(test["id"]) / "files")
        _readme_picture(shots, page, "candidate")
        for view in views:
            view.page.locator("[data-opens]").last.click()
        shots.take("candidate-submit", views, whole=False)
        views[0].page.locator(
            "dialog[open] form button[type=submit], dialog[open] form button"
        ).last.click()
        api.wait(test["id"], "completed")
        for view in views:
            view.page.locator("#screen[data-status=completed]").wait_for()
        shots.take("candidate-submitted", views)
        for view in views:
            view.page.locator("#feedback input[value='4']").check()
            view.page.locator("#feedback-text").fill("A clear task. The terminal was slow.")
            view.page.locator("#feedback button").click()
            view.page.locator("#feedback [data-form-sent]").wait_for()
        shots.take("candidate-feedback", views)
    return [test["id"], withdrawn["id"], live["id"]]


def policy_pages(shots: Screenshots, api: Api, session: Any) -> None:
    """What is allowed in a test: before the start, in the dialog that confirms it, and after."""
    api.save_version(
        "settlement-check",
        aiAssistants="not_allowed",
        internet="not_allowed",
        libraries="allowed",
        policyNote="Paper and a pocket calculator are fine.",
    )
    test = api.invite("Katherine Johnson")
    with shots.views() as views:
        shots.take("candidate-policy", views, f"/take-home/{test['passcode']}/")
        for view in views:
            view.page.locator("[data-opens=confirm-start]").click()
        shots.take("candidate-policy-confirm", views, whole=False)
        views[0].page.locator("dialog[open] input[name=policy]").check()
        views[0].page.locator("dialog[open] button[type=submit]").click()
        api.wait(test["id"], "active")
        for view in views:
            view.page.locator("[data-countdown]").first.wait_for()
        shots.take("candidate-policy-running", views)
    with shots.views(session) as views:
        shots.take("interview-policy", views, f"/interviews/{test['id']}/")
        shots.take("challenge-policy", views, "/challenges/settlement-check/")
        shots.take("challenge-policy-edit", views, "/challenges/settlement-check/edit/")


def practice(shots: Screenshots, views: list[View]) -> None:
    """The practice workspace before the start, which is open on every page."""
    for button, phase in (("#practice-start", "ready"), ("#practice-end", "over")):
        views[0].page.locator(button).click()
        for view in views:
            view.page.locator(f"[data-practice={phase}]").wait_for()
        shots.take(f"candidate-practice-{phase}", views)


def staff_pages(shots: Screenshots, api: Api, session: Any, ids: list[str]) -> None:
    waiting = api.invite("Barbara Liskov", candidateEmail="barbara@example.com")
    running = api.invite(
        "Edsger Dijkstra", challenge="room-booking", candidateEmail="e@example.com"
    )
    api.post(f"/interviews/{running['id']}/activate")
    api.wait(running["id"], "active")
    keep_now(shots.platform.folder, running["id"])
    write_work(shots.platform.workspace(running["id"]) / "files")
    keep_now(shots.platform.folder, running["id"])
    with shots.views(session) as views:
        for name, path in STAFF_PAGES.items():
            shots.take(name, views, path)
        for name, interview_id in (
            ("interview-finished", ids[0]),
            ("interview-withdrawn", ids[1]),
            ("interview-scheduled", ids[2]),
            ("interview-invited", waiting["id"]),
            ("interview-running", running["id"]),
        ):
            shots.take(name, views, f"/interviews/{interview_id}/")
        submission = f"/interviews/{ids[0]}/submission/"
        shots.take("submission", views, submission)
        shots.take("submission-all", views, f"{submission}?all=1")
        shots.take("submission-file", views, f"{submission}file/?path=src/overlaps.py")
        for view in ("column", "side"):
            url = f"{submission}difference/?path=README.md&view={view}"
            shots.take(f"submission-difference-{view}", views, url)
        shots.take("checks", views, f"/interviews/{ids[0]}/checks/")
        progress = f"/interviews/{running['id']}/progress/"
        shots.take("progress", views, progress)
        shots.take("progress-file", views, f"{progress}file/?path=src/settle.py")
        shots.take("progress-difference", views, f"{progress}difference/?path=README.md")
        shots.take("candidate-kept", views, f"/take-home/{running['passcode']}/")
        email_previews(shots, views, waiting["id"])
    _readme_picture(shots, "/", "dashboard", session)
    with shots.views() as views:
        shots.take("sign-in", views, "/login/")


HIRE = """
from django.contrib.auth.models import Group, User
grace, _ = User.objects.get_or_create(username="grace", is_staff=True)
grace.first_name, grace.last_name = "Grace", "Hopper"
grace.set_password({password!r})
grace.save()
grace.groups.set([Group.objects.get(name="Viewer")])
print(grace.pk)
"""


def two_step_pages(shots: Screenshots, session: Any) -> None:
    """Somebody who turns on two-step sign-in, and signs in with it."""
    pk = shots.platform.python(HIRE.format(password=PASSWORD)).strip()
    hers = shots.sign_in("grace")
    page_path = "/profile/two-step/"
    with shots.views(hers) as views:
        views[0].page.goto(f"{shots.platform.origin}{page_path}")
        views[0].page.fill("[name=password]", PASSWORD)
        views[0].page.locator("main form button[type=submit]").last.click()
        shots.take("two-step-set-up", views, f"{page_path}set-up/")
        page = views[0].page
        page.fill("[name=code]", code_for_text(page.locator("#key").inner_text()))
        page.locator("main form button[type=submit]").last.click()
        for view in views[1:]:
            # A recovery code, as one of the app is taken once in 30 seconds.
            code = page.locator("#codes li").first.inner_text()
            page = view.page
            page.goto(f"{shots.platform.origin}{page_path}")
            page.fill("#codes_password", PASSWORD)
            page.fill("#codes_code", code)
            page.locator("form[action$='codes/'] button[type=submit]").click()
            page.locator("#codes").wait_for()
        shots.take("two-step-codes", views)
        shots.take("two-step-on", views, page_path)
    with shots.views() as views:
        for view in views:
            view.page.goto(f"{shots.platform.origin}/login/")
            view.page.fill("input[name=username]", "grace")
            view.page.fill("input[name=password]", PASSWORD)
            view.page.locator("main form button").last.click()
        shots.take("sign-in-code", views)
        shots.take("sign-in-recovery-code", views, "/login/code/?recovery=1")
    with shots.views(session) as views:
        shots.take("people-two-step", views, "/people/")
        shots.take("person-two-step", views, f"/people/{pk}/")
        for view in views:
            view.page.locator("[data-opens=reset-two-step]").click()
        shots.take("person-two-step-reset", views, whole=False)


def _work_on(files: Path) -> None:
    """Change the first lines of a file, and add two."""
    readme = files / "README.md"
    readme.write_text("# Room booking, done\n\n" + readme.read_text().partition("\n")[2])
    (files / "NOTES.md").write_text("I began with the tests.\n")
    (files / "src" / "overlaps.py").write_text(
        "def overlaps(a: range, b: range) -> bool:\n"
        '    """Whether two bookings have a minute in common."""\n'
        "    return a.start < b.stop and b.start < a.stop\n"
    )


def email_previews(shots: Screenshots, views: list[View], interview_id: str) -> None:
    """The question of a reminder, and the email above it."""
    for view in views:
        view.page.goto(f"{shots.platform.origin}/interviews/{interview_id}/")
        view.page.locator(".sheet-actions [data-ask$='/remind/']").click()
        view.page.locator("#ask[open]").wait_for()
    shots.take("remind", views, whole=False)
    for view in views:
        view.page.locator("#ask .email-preview").click()
        view.page.locator("#email-preview[open]").wait_for()
    shots.take("email-preview", views, whole=False)


def _in_two_days() -> str:
    return time.strftime("%Y-%m-%dT10:00", time.gmtime(time.time() + 2 * 24 * 3600))


def _readme_picture(shots: Screenshots, path: str, name: str, session: Any = None) -> None:
    context = shots.browser.new_context(
        viewport={"width": 1280, "height": 760}, locale="en-GB", storage_state=session
    )
    page = context.new_page()
    page.goto(shots.platform.origin + path)
    page.locator("[data-live=live]").first.wait_for()
    page.screenshot(path=ROOT / "docs" / "images" / f"{name}.png", full_page=name == "candidate")
    context.close()


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "screenshots")
    shutil.rmtree(folder, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running_platform(Path(data)) as platform,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        shots = Screenshots(browser, platform, folder)
        session = shots.sign_in()
        context = browser.new_context(storage_state=session)
        api = Api(context, platform.origin)
        ids = candidate_pages(shots, api)
        staff_pages(shots, api, session, ids)
        policy_pages(shots, api, session)

        def api_of(state: Any) -> Api:
            return Api(browser.new_context(storage_state=state), platform.origin)

        review_pages(shots, session, api_of, ids[0], "room-booking")
        two_step_pages(shots, session)
        browser.close()
    sys.stdout.write(f"{shots.taken} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
