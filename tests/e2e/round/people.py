"""The people of the round, and what each does in their browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import (
    PASSWORD,
    Invitation,
    Platform,
    SignIn,
    Staff,
    csrf_token,
    expect_live,
    expect_screen,
    press_submit,
)

# The candidates, by what they submit.
GOOD, FAIR, HOSTILE = "Ada Good", "Ben Fair", "Eve Hostile"
# Three who review, one who decides.
REVIEWERS = ("iris", "nora", "paul")
DECIDER = "dora"
HIRE = f"""
from django.contrib.auth.models import Group, User
for role, names in {{"Reviewer": {REVIEWERS!r}, "Interviewer": [{DECIDER!r}]}}.items():
    for name in names:
        user = User.objects.create(username=name, is_staff=True)
        user.set_password({PASSWORD!r}); user.save()
        user.groups.set([Group.objects.get(name=role)])
"""
CODE = re.compile(r"Candidate [0-9A-F]{6}")


class Engine(Protocol):
    """How a candidate's work gets into their workspace."""

    @property
    def patience_ms(self) -> int:
        """For what takes longest: a start, an end, the checks."""

    def type_files(self, candidate: Page, files: dict[str, str]) -> None:
        """Write them in the editor, as the candidate does; the last one is new."""

    def write_files(self, invitation: Invitation, files: dict[str, str]) -> None:
        """Put them into the workspace, in place of many keystrokes."""


@dataclass(frozen=True)
class Round:
    """Where a round takes place, and who has a browser there."""

    platform: Platform
    engine: Engine
    admin: Staff
    sign_in: SignIn
    new_context: Callable[..., BrowserContext]

    @property
    def patience_ms(self) -> int:
        return self.engine.patience_ms

    def url(self, path: str) -> str:
        return f"{self.platform.origin}{path}"

    def get(self, page: Page, path: str) -> Any:
        """What the API answers the person of this page."""
        answer = page.request.get(self.url(path))
        assert answer.status == 200, answer.text()
        return answer.json()


def open_link(round_: Round, invitation: Invitation) -> Page:
    """Open it as the candidate does, in a browser of their own."""
    page = round_.new_context().new_page()
    page.goto(invitation.link)
    expect_live(page)
    return page


def submit(page: Page) -> None:
    """Submit the work; the end is not waited for."""
    page.bring_to_front()
    press_submit(page)


def wait_for(round_: Round, page: Page, status: str) -> None:
    """The candidate's page comes to show it by itself."""
    expect(page.locator("#screen")).to_have_attribute(
        "data-status", status, timeout=round_.patience_ms
    )


def reload(page: Page, status: str) -> None:
    """The page shows the same after a reload."""
    page.reload()
    expect_screen(page, status)
    expect_live(page)


@dataclass(frozen=True)
class Opinion:
    """What a reviewer thinks: a score for all criteria, and a comment on a line."""

    score: int
    recommendation: str
    summary: str
    comment: str
    where: str


def fill_in(page: Page, opinion: Opinion) -> None:
    """Fill in the scorecard of a page, and wait until the draft is saved."""
    for scores in page.locator("#scorecard fieldset:has([name=criterion])").all():
        scores.locator(f"[type=radio][value='{opinion.score}']").check()
    page.locator(f"[name=recommendation][value={opinion.recommendation}]").check()
    page.locator("#summary").fill(opinion.summary)
    page.get_by_label("File and line (optional)").fill(opinion.where)
    with page.expect_response(lambda response: "/draft" in response.url and response.ok):
        page.get_by_label("Comment", exact=True).fill(opinion.comment)
    expect(page.locator("[data-saved]")).to_contain_text("Draft saved")


def submit_review(page: Page) -> None:
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#part-submitted .compare")).to_be_visible()
    expect_live(page)
    page.evaluate("window.neverReloaded = true")


def decide(page: Page, outcome: str, reason: str) -> None:
    page.locator(f"[name=outcome][value={outcome}]").check()
    page.locator("#reason").fill(reason)
    page.get_by_role("button", name="Save decision").click()
    expect(page.locator("#part-decision")).to_contain_text(reason)


def refused_decision(round_: Round, page: Page, invitation: Invitation) -> None:
    """Somebody who may not decide finds no way to."""
    expect(page.get_by_role("button", name="Save decision")).to_have_count(0)
    headers = {"X-CSRFToken": csrf_token(page), "Referer": page.url}
    fields = {"outcome": "advance", "reason": "I want to.", "base": 0}
    path = f"/interviews/{invitation.id}/"
    asked = page.request.post(round_.url(f"/api{path}decision"), headers=headers, data=fields)
    posted = page.request.post(
        round_.url(f"{path}decision/"), headers=headers, form={k: str(v) for k, v in fields.items()}
    )
    assert (asked.status, posted.status) == (403, 403)


def line_of(page: Page, invitation: Invitation) -> Locator:
    """The candidate's line in a list."""
    link = page.locator(f"a[href*='/{invitation.id}/']")
    return page.locator("tbody tr").filter(has=link)
