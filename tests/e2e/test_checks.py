"""A submission is checked by itself once it is saved, and the pages show it as it happens."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e import axe
from tests.e2e.conftest import (
    Platform,
    SignIn,
    Staff,
    csrf_token,
    expect_live,
    expect_screen,
    never_reloaded,
    open_link,
    press_start,
    press_submit,
)
from tests.e2e.progress import keep_now
from tests.e2e.sample import SAMPLE
from tests.e2e.test_watching import hanging

RESULT = "#result-title"
# The trial and the submission run one after the other on a busy machine.
PATIENCE = 120_000
# So that what a test says has to be scrolled.
LOW_OUTPUT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".check pre { max-height: 2rem; }");
  document.adoptedStyleSheets.push(sheet);
}"""


# A minute: the trial's two runs and the submission's, each of 44 tests in processes of their own.
def test_a_submission_is_checked_and_the_pages_follow(
    platform: Platform, sign_in: SignIn, staff: Staff, candidate: Page
) -> None:
    # Before a worker does it by itself, two minutes after its start.
    challenge = sign_in("/challenges/settlement-check/")
    challenge.get_by_role("button", name="Try the checks").click()
    trial = challenge.locator("#part-checks")
    expect(trial).to_contain_text("Reference solution: 44 of 44 tests passed", timeout=PATIENCE)
    expect(trial).to_contain_text(
        re.compile("Starting files: .* as it should be"), timeout=PATIENCE
    )

    invitation = staff.invite("Ada Checked", challenge=SAMPLE)
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    page = sign_in(f"/interviews/{invitation.id}/")
    expect(page.locator("#part-checks")).to_be_hidden()
    press_submit(candidate)
    expect_screen(candidate, "completed")
    # Nobody asked for it.
    expect(page.locator("#part-checks")).to_contain_text("of 44 tests passed", timeout=PATIENCE)

    page.get_by_role("link", name="Open checks").click()
    expect(page.locator(RESULT)).to_contain_text("of 44 tests passed")
    expect(page.locator(".check-tests tbody tr")).to_have_count(44)
    page.locator(".check-tests details summary").first.click()
    page.get_by_role("button", name="Run checks").click()
    expect(page.get_by_text("The checks were started.")).to_be_visible()
    expect(page.locator("#part-run button")).to_be_disabled()
    # Its line is there at once, and it says without a reload how it went.
    expect(page.locator(".runs li")).to_have_count(2)
    expect(page.locator(".runs li").first).to_contain_text("of 44 tests", timeout=PATIENCE)
    expect(page.locator("#part-run button")).to_be_enabled()

    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert not axe.violations(page)
    challenge.locator("#part-checks a").first.click()
    expect(challenge.locator(RESULT)).to_have_text("44 of 44 tests passed")
    assert not axe.violations(challenge)


# A minute and a half: three runs of 44 tests, and a state that is kept at a turn of the schedule.
def test_a_reader_keeps_their_place_while_the_page_follows(
    platform: Platform, sign_in: SignIn, staff: Staff, candidate: Page
) -> None:
    invitation = staff.invite("Ada Followed", challenge=SAMPLE)
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    address = f"/interviews/{invitation.id}/checks/"
    page = sign_in(address)
    page.set_viewport_size({"width": 1280, "height": 400})
    # The links to the other pages, too.
    pages = page.locator("#part-pages")
    expect(pages).not_to_contain_text("Progress")
    assert keep_now(platform.folder, invitation.id) == 1
    expect(pages).to_contain_text("Progress")
    expect(page.locator("#part-none")).to_be_visible()
    pages.get_by_role("link", name="Progress").focus()
    press_submit(candidate)
    expect(page.locator(RESULT)).to_contain_text("of 44 tests passed", timeout=PATIENCE)
    expect(page.locator("#part-none")).to_have_count(0)
    order = page.locator("#checks > *").evaluate_all("parts => parts.map(part => part.id)")
    assert order == ["part-result", "part-run", "part-history"]
    expect(pages).to_contain_text("Submission")
    expect(pages.get_by_role("link", name="Progress")).to_be_focused()

    # Among the tests, with one of them open, and something chosen below.
    page.locator("#id_state").select_option("1")
    page.evaluate(LOW_OUTPUT)
    fold = page.locator(".check-tests details").nth(5)
    fold.locator("summary").click()
    fold.locator("pre").evaluate("pre => { pre.scrollTop = 9; }")
    said = fold.locator("summary").text_content() or ""
    place = top_of(fold)
    start_run(page, platform, invitation.id)
    expect(page.locator(".runs li")).to_have_count(2)
    expect(page.locator(".runs li").first).to_contain_text("of 44 tests", timeout=PATIENCE)
    # The results are those of the new run.
    expect(page.locator(".runs a").first).to_have_attribute("aria-current", "true")
    assert page.evaluate("document.activeElement.textContent") == said
    same = page.locator(".check-tests details", has_text=said)
    assert same.get_attribute("open") is not None
    assert same.locator("pre").evaluate("pre => pre.scrollTop") == 9
    assert abs(top_of(same) - place) < 2
    expect(page.locator("#id_state")).to_have_value("1")
    assert never_reloaded(page)

    # At the end of the page, while the results come above it.
    with hanging(platform, "worker"):
        run = start_run(page, platform, invitation.id)
        page.goto(f"{platform.origin}{address}?run={run}")
        expect(page.locator(RESULT)).to_have_text("Waiting")
        expect_live(page)
        history = page.locator("#history-title")
        history.scroll_into_view_if_needed()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        place = top_of(history)
    expect(page.locator(RESULT)).to_contain_text("of 44 tests passed", timeout=PATIENCE)
    assert abs(top_of(history) - place) < 2


def start_run(page: Page, platform: Platform, interview_id: str) -> str:
    answer = page.request.post(
        f"{platform.origin}/api/interviews/{interview_id}/checks",
        headers={"X-CSRFToken": csrf_token(page)},
        data={},
    )
    assert answer.ok, answer.text()
    return str(answer.json()["id"])


def top_of(element: Locator) -> float:
    """How far below the top of the window it is, in pixels."""
    return float(element.evaluate("element => element.getBoundingClientRect().top"))
