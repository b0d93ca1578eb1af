"""One round from the new challenge to the webhooks, on whichever engine the platform has.

Nothing is waited for by a time: each step waits for what a page shows.
"""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Invitation, never_reloaded, press_start
from tests.e2e.round import challenge, webhooks
from tests.e2e.round.checks import see_checks
from tests.e2e.round.people import (
    DECIDER,
    FAIR,
    GOOD,
    HIRE,
    HOSTILE,
    REVIEWERS,
    Round,
    decide,
    fill_in,
    line_of,
    open_link,
    refused_decision,
    reload,
    submit,
    submit_review,
    wait_for,
)
from tests.e2e.round.reviews import FOR_FAIR, SECRET, review_apart, see_turns
from tests.receiver import Receiver


def play(round_: Round, receiver: Receiver, downloads: Path) -> None:
    round_.platform.python(HIRE)
    challenge_id = make_challenge(round_)
    webhook = webhooks.add_webhook(round_.admin, receiver.url)
    invitations = {
        name: round_.admin.invite(name, challenge=challenge_id) for name in (GOOD, FAIR, HOSTILE)
    }
    good, fair = invitations[GOOD], invitations[FAIR]
    compared = round_.sign_in(f"/challenges/{challenge_id}/compare/", DECIDER)
    lists = {name: round_.sign_in("/reviews/", name) for name in REVIEWERS}
    watched = {
        each.id: round_.sign_in(f"/interviews/{each.id}/", DECIDER) for each in invitations.values()
    }

    take_tests(round_, invitations)
    see_checks(round_, invitations, watched, compared)
    reviewers = see_turns(round_, invitations, lists)
    first, second = reviewers[good.id]
    review_apart(round_, good, lists[first], lists[second], challenge_id)
    for name, opinion in zip(reviewers[fair.id], FOR_FAIR, strict=True):
        page = lists[name]
        page.goto(round_.url(f"/interviews/{fair.id}/review/"))
        fill_in(page, opinion)
        submit_review(page)

    # The first reviewer looks at what comes of it.
    page = lists[first]
    page.goto(round_.url(f"/interviews/{good.id}/review/"))
    refused_decision(round_, page, good)
    make_decisions(round_, good, fair, page)
    compare(compared, good, fair, downloads)
    see_messages(round_, receiver, webhook, invitations, reviewers)


def make_challenge(round_: Round) -> str:
    """Create the challenge in the browser, see its trial, and say who reviews; return its id."""
    page = round_.admin.page
    page.goto(round_.url("/new-challenge/"))
    page.get_by_label("Name", exact=True).first.fill(challenge.NAME)
    for place, (name, weight) in enumerate({"Correctness": 3, "Readability": 1}.items()):
        page.get_by_role("button", name="Add criterion").click()
        row = page.locator("[data-criteria-rows] > [data-criterion]").nth(place)
        row.locator("[name=criterion_name]").fill(name)
        row.locator("[name=criterion_weight]").select_option(str(weight))
    page.get_by_label("Zip or files").set_input_files(
        {"name": "task.zip", "mimeType": "application/zip", "buffer": challenge.archive()}
    )
    page.get_by_role("button", name="Create challenge").click()
    expect(page.locator("#title")).to_have_text(challenge.NAME)
    expect(page.locator("#part-checks")).to_contain_text(
        "Reference solution: 5 of 5 tests passed as it should be", timeout=round_.patience_ms
    )
    challenge_id = page.url.rstrip("/").rsplit("/", 1)[1]

    page.goto(round_.url(f"/challenges/{challenge_id}/reviewers/"))
    for name in REVIEWERS:
        page.get_by_label(name, exact=True).check()
    page.locator("[name=how][value=turn]").check()
    page.get_by_label("How many, in turn").fill("2")
    page.locator("[name=hides_names]").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/challenges/{challenge_id}/")
    return challenge_id


def take_tests(round_: Round, invitations: dict[str, Invitation]) -> None:
    """All three work at the same time, and the hostile one is the first that submits.

    No page is loaded between the first start and the last, nor between the ends: a browser on the
    engine's machine aborts what it loads when a workspace's network appears or goes.
    """
    pages = {name: open_link(round_, each) for name, each in invitations.items()}
    for page in pages.values():
        press_start(page)
    for page in pages.values():
        wait_for(round_, page, "active")
    typed = {"count.sh": challenge.GOOD, "NOTES.md": "No loop is needed.\n"}
    round_.engine.type_files(pages[GOOD], typed)
    round_.engine.write_files(invitations[FAIR], {"count.sh": challenge.FAIR})
    hostile = {"count.sh": challenge.HOSTILE, "check.sh": challenge.FORGED_CHECK}
    round_.engine.write_files(invitations[HOSTILE], hostile)
    for page in pages.values():
        reload(page, "active")
    for name in (HOSTILE, FAIR, GOOD):
        submit(pages[name])
    for page in pages.values():
        wait_for(round_, page, "completed")


def make_decisions(
    round_: Round, advanced: Invitation, rejected: Invitation, watching: Page
) -> None:
    """Who may decide does; a page that is open shows it."""
    page = round_.sign_in(f"/interviews/{advanced.id}/review/", DECIDER)
    watching.evaluate("window.neverReloaded = true")
    decide(page, "advance", "Let us talk to her.")
    expect(watching.locator("#part-decision")).to_contain_text("Let us talk to her.")
    assert never_reloaded(watching)
    page.goto(round_.url(f"/interviews/{rejected.id}/review/"))
    decide(page, "reject", "Too many cases fail.")


def compare(page: Page, good: Invitation, fair: Invitation, downloads: Path) -> None:
    """The page has been open all the time. The file has the same."""
    shown = {good.id: ("5 of 5", "3.0", "Advance"), fair.id: ("3 of 5", "1.5", "Reject")}
    for invitation in (good, fair):
        for words in (*shown[invitation.id], "of 1 h", "2 reviews"):
            expect(line_of(page, invitation)).to_contain_text(words)
    assert never_reloaded(page)
    page.get_by_role("link", name="Score", exact=True).click()
    expect(page.get_by_role("columnheader", name="Score")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(page.locator(".candidates a.name")).to_have_text([GOOD, FAIR, HOSTILE])
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    path = downloads / "comparison.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("candidate_name", "checks_passed", "checks_total", "weighted_mean", "decision")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (GOOD, "5", "5", "3.00", "advance"),
        (FAIR, "3", "5", "1.50", "reject"),
        (HOSTILE, "1", "6", "", ""),
    ]
    assert all(float(row["used_minutes"]) < float(row["given_minutes"]) == 60 for row in rows)


def see_messages(
    round_: Round,
    receiver: Receiver,
    webhook: tuple[int, str],
    invitations: dict[str, Invitation],
    reviewers: dict[str, list[str]],
) -> None:
    """Each thing was told once, under a signature, and no message says more than it should."""
    expected = Counter(
        {
            webhooks.STATUS_CHANGED: 3,
            "submission.ready": 3,
            "checks.finished": 3,
            "review.submitted": 4,
            "decision.made": 2,
        }
    )
    messages = webhooks.received_messages(round_.admin, receiver, webhook, expected)
    good, fair, hostile = (invitations[name].id for name in (GOOD, FAIR, HOSTILE))

    def values(event: str, part: str, *fields: str) -> dict[str, Any]:
        return {
            id_: sorted(tuple(each[field] for field in fields) for each in found)
            for id_, found in webhooks.about(messages, event, part).items()
        }

    ready = values("submission.ready", "submission", "sitting", "changed", "added")
    assert ready == {good: [(1, 1, 1)], fair: [(1, 1, 0)], hostile: [(1, 1, 1)]}
    finished = values("checks.finished", "checks", "state", "passed", "total")
    assert finished == {
        good: [("finished", 5, 5)],
        fair: [("finished", 3, 5)],
        hostile: [("finished", 1, 6)],
    }
    submitted = values("review.submitted", "review", "reviewer")
    assert submitted == {id_: [(name,) for name in reviewers[id_]] for id_ in (good, fair)}
    decided = values("decision.made", "decision", "outcome", "decidedBy")
    assert decided == {good: [("advance", DECIDER)], fair: [("reject", DECIDER)]}
    told = b"".join(each.body for each in receiver.received).decode()
    for secret in (*invitations, SECRET, "An empty text", "Let us talk"):
        assert secret not in told
