"""The pages of the dashboard."""

from typing import Any

from tests.authenticator import code_for_text
from tests.e2e.conftest import PASSWORD
from tests.e2e.pages import STAFF_PAGES
from tests.e2e.progress import keep_now, write_work
from tests.screenshots.pictures import Api, Screenshots, View, readme_picture


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
    readme_picture(shots, "/", "dashboard", session)
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
