"""In a real browser, no page runs what a field holds, even without the policy that forbids it.

The pages are rendered here and handed to the browser without their Content-Security-Policy, so what
keeps a script from running is that it was escaped.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Route

from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions
from tests.attacks import hostile_rows, routes
from tests.attacks.expected_access import OPEN, PASSCODE
from tests.attacks.hostile_rows import CHALLENGE, FILE, make_hostile, script
from tests.chromium import UseBrowser

ORIGIN = "http://testserver"
FRAGMENT = {"HX-Request": "true"}
# Pages that are looked at without our scripts: parts of pages, Django's own, and those that repeat
# what a query says.
PLAIN = "/plain/"
# Every query parameter that a page reads.
PARAMETERS = (
    *("after", "archived", "before", "challenge", "cursor", "engine", "file", "from", "next"),
    *("of", "only", "opening", "page", "path", "person", "q", "show", "shown", "status", "tab"),
    *("to", "type", "version", "weeks", "what", "within", "zone", "interview", "action"),
)
INIT = "window.ran = []; window.pwned = (field) => window.ran.push(field);"
LOOK = """() => ({
  ran: window.ran,
  parsed: [...document.querySelectorAll("[data-pwned]")].map((e) => e.dataset.pwned),
  links: [...document.querySelectorAll("[href], [src], [action], [formaction]")]
    .flatMap((e) => [e.href, e.src, e.action, e.formAction])
    .filter((url) => /^[\\0-\\x20]*(javascript|vbscript|data:text)/i.test(url ?? "")),
  text: document.documentElement.textContent + [...document.querySelectorAll("*")]
    .flatMap((e) => [...e.attributes].map((a) => a.value).concat(e.value ?? [])).join(" "),
})"""


@pytest.fixture
def pages(
    db: None,
    running: Interview,
    invite: Callable[..., Interview],
    schedule: Callable[..., Interview],
) -> dict[str, Any]:
    """The response to every page, for staff and candidates, by the URL that the browser opens."""
    hostile_rows.put_hostile_challenge()
    started = invite()
    actions.activate(started, by="candidate")
    candidates = [
        (make_hostile(running, Status.ACTIVE), "take-home"),
        (make_hostile(invite(), Status.AVAILABLE), "take-home"),
        (make_hostile(invite(), Status.ACTIVE, access_url="JavaScript:pwned(1)"), "take-home"),
        (make_hostile(started, Status.ERROR, failed_step="provision"), "take-home"),
        (make_hostile(invite(), Status.COMPLETED), "take-home"),
        (make_hostile(schedule(), Status.SCHEDULED), "interview"),
    ]
    interview = candidates[0][0]
    ids = hostile_rows.make_hostile_records(interview)
    ids |= {"interview_id": interview.id, "operation_id": str(interview.operation_id)}
    ids |= {"challenge_id": CHALLENGE, "number": "1", "passcode": str(interview.passcode)}
    ids |= {"url": "nothing", "app_label": "operations", "key": "test-invitation", "language": "en"}
    admin = {"dashboard/interviewrecord": interview.id, "dashboard/challengerecord": CHALLENGE}
    admin |= {"dashboard/operationrecord": ids["operation_id"]}
    admin |= {"dashboard/apitoken": ids["token_id"], "operations/batch": ids["batch_id"]}
    admin |= {"operations/webhook": ids["webhook_id"], "operations/delivery": ids["delivery_id"]}
    staff = Client()
    staff.force_login(User.objects.create_superuser(script("superuser")))
    found: dict[str, Any] = {}
    plain: dict[str, list[Any]] = {"fragments": [], "admin": [], "queries": []}
    query = urlencode(dict.fromkeys(PARAMETERS, script("query")))
    for pattern in _patterns():
        url = routes.fill(pattern, ids, admin | ids)
        if pattern.startswith("/admin/"):
            plain["admin"].append(staff.get(url))
            continue
        found[url] = staff.get(url)
        plain["fragments"].append(staff.get(url, headers=FRAGMENT))
        if "<" not in pattern:
            plain["queries"].append(staff.get(f"{pattern}?{query}"))
    plain["queries"].append(Client().get(f"/login/?{query}"))
    for name, answers in plain.items():
        # In one document: an element that is left open runs what follows all the more.
        found[f"{PLAIN}{name}"] = HttpResponse("<hr>".join(a.text for a in answers if _is_page(a)))
    for url in (
        f"/challenges/{CHALLENGE}/?{urlencode({'file': FILE})}",
        f"/candidate-data/?interview={interview.id}",
    ):
        found[url] = staff.get(url)
    for candidate, page in candidates:
        url = f"/{page}/{candidate.passcode}/"
        found[url] = Client().get(url)
    return {url: answer for url, answer in found.items() if _is_page(answer)}


def _patterns() -> list[str]:
    files = {"/audit/audit.csv", "/history/history.csv"}
    skipped = {"/api/docs", "/logout/", *files, *OPEN.split()}
    found = [access for access in routes.expected() if access.method == "GET"]
    return [a.pattern for a in found if a.pattern not in skipped and a.needs != PASSCODE]


def _is_page(answer: Any) -> bool:
    is_html = str(answer["Content-Type"]).startswith("text/html")
    return is_html and bool(answer.status_code != 302)


@pytest.mark.slow
@pytest.mark.long
def test_no_stored_script_runs_on_any_page(pages: dict[str, Any], use_browser: UseBrowser) -> None:
    assert len(pages) > 40
    seen, faults = "", []
    with use_browser() as browser:
        context = browser.new_context()
        asked = _serve(context, pages)
        page = context.new_page()
        for url in pages:
            found = _look(page, url)
            seen += found.pop("text")
            if any(found.values()):
                faults.append((url, found))
    assert faults == []
    assert not [path for path in asked if path.endswith("pwned")]
    # Otherwise a page is missing here, or the field is stored for nobody.
    assert {
        each for each in hostile_rows.planted if f"data-pwned={each} onerror" not in seen
    } == set()


def _serve(context: BrowserContext, pages: dict[str, Any]) -> list[str]:
    """Answer for the platform. Returns the list of paths that will be asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        asked.append(url.path)
        key = f"{url.path}?{url.query}" if url.query else url.path
        if key in pages and route.request.is_navigation_request():
            route.fulfill(body=pages[key].content, content_type="text/html; charset=utf-8")
        elif url.path.endswith(".js") and PLAIN not in route.request.frame.url:
            path = finders.find(url.path.removeprefix("/static/"))
            route.fulfill(path=path, content_type="text/javascript")
        elif "hx-request" in route.request.headers:
            # The page stays as it is: empty, it would be that of something deleted, and left.
            route.fulfill(status=503)
        else:
            # A 204 ends an event stream for good.
            route.fulfill(status=204)

    context.add_init_script(INIT)
    context.route("**/*", answer)
    return asked


def _look(page: Page, url: str) -> dict[str, Any]:
    page.goto(f"{ORIGIN}{url}", wait_until="load")
    found: dict[str, Any] = page.evaluate(LOOK)
    return found
