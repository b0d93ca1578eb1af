"""What the pages say of the checks, once they have run by themselves."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Invitation, never_reloaded
from tests.e2e.round import challenge
from tests.e2e.round.people import FAIR, GOOD, HOSTILE, Round, line_of


def see_checks(
    round_: Round, invitations: dict[str, Invitation], watched: dict[str, Page], compared: Page
) -> None:
    """They run by themselves: the pages that are open show it without a reload."""
    passed = {GOOD: "5 of 5", FAIR: "3 of 5", HOSTILE: "1 of 6"}
    for name, words in passed.items():
        each = invitations[name]
        page = watched[each.id]
        expect(page.locator("#part-checks")).to_contain_text(words, timeout=round_.patience_ms)
        expect(line_of(compared, each)).to_contain_text(words)
        assert never_reloaded(page)
        page.get_by_role("link", name="Open checks").click()
        expect(page.locator("#result-title")).to_have_text(f"{words} tests passed")
    fair = watched[invitations[FAIR].id]
    for name in challenge.TEXTS:
        result = "Failed" if name in ("Many spaces", "Several lines") else "Passed"
        row = fair.get_by_role("table", name=f"Tests of {name}").locator("tbody tr")
        expect(row).to_have_count(1)
        expect(row.get_by_role("cell").first).to_have_text(result)
    expect(fair.locator(".check").filter(has_text="Many spaces")).to_contain_text(
        "counted 11, not 3"
    )
    reasons = {
        # It ended the script after it had written the report that it wanted.
        "An empty text": "Every test passed, but the command failed: that's one more failure.",
        "One word": "It took too long and was ended.",
        "A sentence": "It wrote too much output and was ended.",
        "Many spaces": "counted nothing, not 3",
        "Several lines": "Did not run",
    }
    hostile = watched[invitations[HOSTILE].id]
    for name, reason in reasons.items():
        check = hostile.locator(".check").filter(has=hostile.get_by_role("heading", name=name))
        expect(check).to_contain_text(reason)
        assert "5 of 5" not in check.inner_text()
    expect(hostile.locator(".check-tests tbody tr").filter(has_text="Another one")).to_contain_text(
        "Passed, not counted"
    )
