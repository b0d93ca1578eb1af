"""Reviewers in turn, who see neither names nor each other's scores before their own are in."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Invitation, never_reloaded
from tests.e2e.round import challenge
from tests.e2e.round.people import CODE, GOOD, Opinion, Round, fill_in, line_of, submit_review

SECRET = "Splits by the shell itself."
FOR_GOOD = (
    Opinion(4, "yes", SECRET, "Short and right.", f"count.sh:{challenge.LINE}"),
    Opinion(2, "no", "No word on how it works.", "Say why it needs no loop.", "count.sh"),
)
FOR_FAIR = (
    Opinion(2, "no", "Spaces are counted, not words.", "Two of them?", "count.sh:3"),
    Opinion(1, "strong_no", "It fails on lines.", "", ""),
)


def see_turns(
    round_: Round, invitations: dict[str, Invitation], lists: dict[str, Page]
) -> dict[str, list[str]]:
    """Each reviewer is asked for two of the three, under codes; return whom, by interview."""
    reviewers: dict[str, list[str]] = {each.id: [] for each in invitations.values()}
    for name, page in lists.items():
        rows = page.locator("#to-review tbody tr")
        expect(rows).to_have_count(2)
        assert never_reloaded(page)
        assert all(CODE.match(text) for text in rows.all_inner_texts())
        for candidate in invitations:
            expect(page.locator("body")).not_to_contain_text(candidate)
        waiting = round_.get(page, "/api/reviews")
        assert all(CODE.fullmatch(each["candidateName"]) for each in waiting)
        for each in waiting:
            reviewers[each["interviewId"]].append(name)
    assert [len(names) for names in reviewers.values()] == [2, 2, 2]
    return reviewers


def review_apart(
    round_: Round, invitation: Invitation, first: Page, second: Page, challenge_id: str
) -> None:
    """Neither reviewer sees the other's score before their own is in; then both see both."""
    path = f"/interviews/{invitation.id}/review/"
    for page in (first, second):
        line_of(page, invitation).get_by_role("link").first.click()
        page.wait_for_url(f"**{path}")
    expect_nothing_of_others(round_, first, invitation, challenge_id)
    fill_in(first, FOR_GOOD[0])
    expect(first.locator("#part-reviewers li").filter(has_text="(you)")).to_contain_text("Draft")
    submit_review(first)
    # Only now there is something to be seen.
    expect_nothing_of_others(round_, second, invitation, challenge_id)
    second.reload()
    expect_nothing_of_others(round_, second, invitation, challenge_id)
    fill_in(second, FOR_GOOD[1])
    expect_nothing_of_others(round_, second, invitation, challenge_id)
    assert FOR_GOOD[1].summary not in first.content()
    submit_review(second)
    # The first one's page hears of it.
    for page in (first, second):
        table = page.locator("#part-submitted .compare")
        for opinion in FOR_GOOD:
            expect(table).to_contain_text(opinion.summary)
            expect(table).to_contain_text(opinion.comment)
        expect(table).to_contain_text("2 apart")
        expect(page.locator("#part-submitted .totals")).to_contain_text("3.0")
        assert never_reloaded(page)
        assert len(round_.get(page, f"/api/interviews/{invitation.id}/reviews")["reviews"]) == 2
        expect(page.locator(".interview-name")).to_contain_text(GOOD)

    second.get_by_role("link", name=FOR_GOOD[0].where).click()
    line = second.locator(f"#L{challenge.LINE}")
    expect(line).to_contain_text(challenge.GOOD.splitlines()[challenge.LINE - 1])
    assert second.url.endswith(f"#L{challenge.LINE}")


def expect_nothing_of_others(
    round_: Round, page: Page, invitation: Invitation, challenge_id: str
) -> None:
    expect(page.locator("#part-submitted")).to_contain_text("Hidden until you submit yours")
    asked = round_.get(page, f"/api/interviews/{invitation.id}/reviews")
    assert (asked["othersHidden"], asked["reviews"], asked["weightedMean"]) == (True, [], None)
    others = [each for each in asked["reviewers"] if each["state"] is not None]
    assert len(others) == 1, "only the state of their own"
    found = round_.get(page, f"/api/challenges/{challenge_id}/comparison")
    (line,) = (each for each in found["items"] if each["interviewId"] == invitation.id)
    assert (line["scoresHidden"], line["reviews"], line["weightedMean"]) == (True, None, None)
    file = page.request.get(round_.url(f"/challenges/{challenge_id}/compare/comparison.csv"))
    for text in (page.content(), file.text()):
        for secret in (SECRET, FOR_GOOD[0].comment, GOOD):
            assert secret not in text
