"""A reviewer comments on a line where it stands, finds it in the scorecard, and comes back."""

import pytest
from playwright.sync_api import Browser, Page, expect

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
from tests.e2e.test_reviews import HIRE, score

TAG = "<script>window.hostile = true</script>"
LONG = "long = '" + "word " * 60 + "'"
NAME = "src/a b.py"
CODE = f"import sys\n\n\ndef f():\n    return '{TAG}'\n{LONG}\n"


@pytest.fixture
def submission(platform: Platform, staff: Staff, candidate: Page) -> Invitation:
    platform.ensure(HIRE.format(password=PASSWORD))
    invitation = staff.invite("Ada Lines", challenge=SAMPLE)
    open_link(candidate, invitation)
    press_start(candidate)
    expect_screen(candidate, "active")
    folder = platform.workspace(invitation.id) / "files"
    (folder / "src").mkdir(exist_ok=True)
    (folder / NAME).write_text(CODE)
    readme = folder / "README.md"
    readme.write_text(f"# Changed\n{readme.read_text()}")
    press_submit(candidate)
    expect_screen(candidate, "completed")
    return invitation


def save_comment(page: Page, text: str) -> None:
    page.locator(".line-composer textarea").fill(text)
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator(".line-comment", has_text=text)).to_be_visible()
    expect(page.locator(".line-composer")).to_have_count(0)


# Half a minute: two reviewers write and submit, and axe reads their pages at two widths.
def test_comment_at_a_line_and_back(
    platform: Platform, sign_in: SignIn, submission: Invitation
) -> None:
    review = f"/interviews/{submission.id}/review/"
    file = f"{platform.origin}/interviews/{submission.id}/submission/file/?path={NAME}"
    card = sign_in(review, "rita")
    # The file is read beside the scorecard, which has a text that isn't saved yet.
    page = card.context.new_page()
    page.goto(file)
    # By the keyboard: the number of a line, and what the line offers then.
    page.locator("#L4 .number a").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Comment on line 4")).to_be_focused()
    page.keyboard.press("Enter")
    save_comment(page, f"Why? {TAG}")
    expect(page.locator("#L4 .number a")).to_be_focused()
    assert page.evaluate("window.hostile") is None
    # The open scorecard has it too, so its next save is told of no conflict.
    expect(card.locator("[name=comment_where]").last).to_have_value(f"{NAME}:4")
    card.locator("#summary").fill("Solid.")
    expect(card.locator("[data-saved]")).to_contain_text("Draft saved")
    expect(card.locator("[data-conflict]")).to_be_hidden()
    # A place that isn't there is named at its field, and saved as it was typed.
    where = card.locator("[name=comment_where]").last
    where.fill(f"{NAME}:99")
    expect(card.locator("[data-wrong-place]")).to_have_text(f"{NAME} has only 6 lines.")
    with card.expect_response(lambda response: response.url.endswith("review/draft/")):
        where.fill(f"{NAME}:4")
    expect(card.locator("[data-wrong-place]")).to_have_count(0)

    # It stands at its line, with the way to the review, and from there back.
    page.reload()
    below = page.locator("#L4 + .line-comments")
    expect(below).to_contain_text(f"Why? {TAG}")
    below.get_by_role("link", name="Open review").click()
    page.get_by_role("link", name="Show in the file").click()
    assert page.url.endswith("#L4")
    expect(page.locator("#L4:target")).to_be_visible()
    # What is half written is saved when the page is left.
    page.get_by_role("link", name="Comment", exact=True).click()
    page.locator(".line-composer textarea").fill("On the whole file")
    page.goto(f"{platform.origin}{review}")
    page.goto(file)
    expect(page.locator("[data-file-comments]")).to_contain_text("On the whole file")

    # In a difference, at the new side.
    for view in ("column", "side"):
        page.goto(file.replace("file/", "difference/").replace(NAME, f"README.md&view={view}"))
        number = page.locator(".number:has(#L1)")
        number.hover()
        number.get_by_role("button").click()
        save_comment(page, f"In a {view}")
    difference = page.url
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for address in (difference, file):
            page.goto(address)
            page.locator(".number a").first.click()
            page.locator(".line-add:visible").first.click()
            expect(page.locator(".line-composer")).to_be_visible()
            assert not axe.violations(page), (width, address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            page.get_by_role("button", name="Cancel").click()

    # Nobody else sees a draft; and after both are in, who may, does.
    otto = sign_in(review, "otto")
    otto.goto(file)
    expect(otto.locator(".line-comment")).to_have_count(0)
    card.reload()
    score(card, 4)
    card.get_by_role("button", name="Submit review").click()
    expect(card.locator(".compare")).to_be_visible()
    otto.reload()
    expect(otto.locator(".line-comment")).to_have_count(0)
    otto.goto(f"{platform.origin}{review}")
    score(otto, 2)
    otto.get_by_role("button", name="Submit review").click()
    expect(otto.locator(".compare")).to_be_visible()
    otto.goto(file)
    expect(otto.locator("#L4 + .line-comments")).to_contain_text("rita")
    # Both are final.
    expect(otto.locator(".line-add")).to_have_count(0)


def test_long_lines_wrap_on_a_phone(
    platform: Platform, sign_in: SignIn, submission: Invitation
) -> None:
    page = sign_in(f"/interviews/{submission.id}/review/", "rita")
    file = f"{platform.origin}/interviews/{submission.id}/submission/file/?path={NAME}"
    fits = "box => box.scrollWidth <= box.clientWidth"
    for width, is_wrapped in ((1280, False), (390, True)):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(file)
        assert page.locator(".scroll").evaluate(fits) is is_wrapped, width
    # The number stays at its line, and the choice on this browser.
    number, line = (page.locator(f"#L6 .{part}").bounding_box() for part in ("number", "source"))
    assert number is not None
    assert line is not None
    assert line["height"] > 60
    assert number["y"] == line["y"]
    page.get_by_label("Wrap lines").uncheck()
    page.reload()
    assert not page.locator(".scroll").evaluate(fits)


def test_without_scripts_a_line_leads_to_the_scorecard(
    platform: Platform, sign_in: SignIn, submission: Invitation
) -> None:
    page = sign_in(f"/interviews/{submission.id}/review/", "rita")
    browser = page.context.browser
    assert isinstance(browser, Browser)
    context = browser.new_context(
        java_script_enabled=False,
        storage_state=platform.sessions["rita"],
        viewport={"width": 390, "height": 800},
    )
    plain = context.new_page()
    plain.goto(f"{platform.origin}/interviews/{submission.id}/submission/file/?path={NAME}#L4")
    plain.get_by_role("button", name="Comment on line 4").click()
    begun = plain.locator("#new-comment")
    expect(begun.locator("[name=comment_where]")).to_have_value(f"{NAME}:4")
    begun.locator("[name=comment_text]").fill("Why?")
    plain.get_by_role("button", name="Save draft").click()
    plain.get_by_role("link", name="Show in the file").click()
    expect(plain.locator("#L4 + .line-comments")).to_contain_text("Why?")
    context.close()
