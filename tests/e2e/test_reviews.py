"""Two reviewers score on their own, then see each other's review; and the decision after it."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe
from tests.e2e.conftest import (
    PASSWORD,
    Invitation,
    Platform,
    SignIn,
    Staff,
    expect_screen,
    open_link,
    press_start,
    press_submit,
)
from tests.e2e.sample import SAMPLE

HIRE = """
from django.contrib.auth.models import Group, User
for name in ("rita", "otto"):
    user, _ = User.objects.get_or_create(username=name, is_staff=True)
    user.set_password({password!r}); user.save()
    user.groups.set([Group.objects.get(name="Reviewer")])
"""


@pytest.fixture
def submission(platform: Platform, staff: Staff, candidate: Page) -> Invitation:
    platform.ensure(HIRE.format(password=PASSWORD))
    invitation = staff.invite("Ada Reviewed", challenge=SAMPLE)
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    press_submit(candidate)
    expect_screen(candidate, "completed")
    return invitation


def score(page: Page, value: int) -> None:
    for place in range(4):
        page.locator(f"[name=score_{place}][value='{value}']").check()
    page.locator("[name=recommendation][value=yes]").check()


def test_reviews_stay_apart_until_both_are_in(
    platform: Platform, sign_in: SignIn, submission: Invitation
) -> None:
    address = f"/interviews/{submission.id}/review/"
    rita = sign_in(address, "rita")
    otto = sign_in(address, "otto")
    score(rita, 4)
    rita.locator("#summary").fill("Reconciles everything.")
    expect(rita.locator("[data-saved]")).to_contain_text("Draft saved")
    # Whoever closes the tab loses nothing.
    rita.reload()
    expect(rita.locator("#summary")).to_have_value("Reconciles everything.")
    rita.get_by_role("button", name="Submit review").click()
    expect(rita.locator(".compare")).to_contain_text("Reconciles everything.")

    otto.reload()
    expect(otto.locator("#part-submitted")).to_contain_text("Hidden until you submit yours")
    expect(otto.locator("body")).not_to_contain_text("Reconciles everything.")
    score(otto, 2)
    otto.get_by_role("button", name="Submit review").click()
    expect(otto.locator(".compare")).to_contain_text("Reconciles everything.")
    # Rita's page learns of it by itself.
    expect(rita.locator(".compare")).to_contain_text("2 apart")

    comparison = sign_in("/challenges/settlement-check/compare/")
    row = comparison.locator(".candidates tbody tr").filter(has_text="Ada Reviewed")
    expect(row).to_contain_text("2 reviews")
    boss = sign_in(address)
    boss.locator("[name=outcome][value=advance]").check()
    boss.locator("#reason").fill("Both would hire.")
    boss.get_by_role("button", name="Save decision").click()
    expect(rita.locator("#part-decision")).to_contain_text("Both would hire.")
    # And the comparison, on which a row leads back to here.
    expect(row).to_contain_text("Advance")
    for page in (comparison, rita):
        assert axe.violations(page) == {}
    row.get_by_role("link", name="Reviews").click()
    expect(comparison.locator("#part-decision")).to_contain_text("Both would hire.")
    boss.goto(f"{platform.origin}/history/?decision=advance")
    expect(boss.locator(f"#row-{submission.id} .cell-decision")).to_contain_text("Advance")
