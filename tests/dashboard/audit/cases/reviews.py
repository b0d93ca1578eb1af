"""Reviews, decisions and checks."""

from operations.checks import actions as check_actions
from operations.reviews import decisions, reviewers, scorecards
from operations.reviews.models import Review
from operations.reviews.schemas import DecisionInput, ReviewInput
from tests.dashboard.audit.cases.case import (
    API,
    PAGE,
    A,
    Case,
    Entry,
    api,
    boss,
    of_interview,
    of_target,
    page,
)

RECOMMENDED = ReviewInput(recommendation="yes")

CASES = [
    Case(
        A.REVIEW_SUBMITTED,
        "reviewable",
        {
            PAGE: page("/interviews/{it.id}/review/save/", action="submit", recommendation="yes"),
            API: api("/api/interviews/{it.id}/reviews/mine/submit", {"recommendation": "yes"}),
        },
        scorecards.submit_review,
        lambda it: scorecards.submit_review(it, boss(), RECOMMENDED, version=0),
        of_interview(A.REVIEW_SUBMITTED),
    ),
    Case(
        A.REVIEW_REOPENED,
        "reviewed",
        {
            PAGE: page("/interviews/{it.id}/review/reopen/"),
            API: api("/api/interviews/{it.id}/reviews/mine/reopen"),
        },
        scorecards.reopen_review,
        lambda it: scorecards.reopen_review(it, boss()),
        of_interview(A.REVIEW_REOPENED),
    ),
    Case(
        A.REVIEWER_ASSIGNED,
        "reviewable",
        {
            PAGE: lambda client, it: client.post(
                f"/interviews/{it.id}/reviewers/", {"reviewer": boss().pk}
            ),
            API: api("/api/interviews/{it.id}/reviewers", {"reviewer": "boss"}),
        },
        reviewers.assign_reviewer,
        lambda it: reviewers.assign_reviewer(it, boss(), by="ada"),
        lambda it: Entry(A.REVIEWER_ASSIGNED, it.id, "boss"),
    ),
    Case(
        A.REVIEWER_UNASSIGNED,
        "assigned",
        {
            PAGE: lambda client, it: client.post(
                f"/interviews/{it.id}/reviewers/{Review.objects.get().pk}/remove/"
            ),
            API: api("/api/interviews/{it.id}/reviewers/boss", method="DELETE"),
        },
        reviewers.unassign_reviewer,
        lambda it: reviewers.unassign_reviewer(it, Review.objects.get()),
        lambda it: Entry(A.REVIEWER_UNASSIGNED, it.id, "boss"),
    ),
    Case(
        A.REVIEW_SETTINGS_CHANGED,
        "challenge",
        {PAGE: page("/challenges/{it.id}/reviewers/", how="all")},
        reviewers.change_settings,
        lambda it: reviewers.change_settings(it.id, [], in_turn=0, hides_names=False),
        of_target(A.REVIEW_SETTINGS_CHANGED, "word-count", "nobody; all"),
    ),
    Case(
        A.DECISION_MADE,
        "reviewable",
        {
            PAGE: page("/interviews/{it.id}/decision/", outcome="hold", reason="Later."),
            API: api("/api/interviews/{it.id}/decision", {"outcome": "hold", "reason": "Later."}),
        },
        decisions.decide,
        lambda it: decisions.decide(it, DecisionInput(outcome="hold", reason="Later."), by="ada"),
        of_interview(A.DECISION_MADE, "hold"),
    ),
    Case(
        A.CHECKS_STARTED,
        "submitted",
        {
            PAGE: page("/interviews/{it.id}/checks/run/"),
            API: api("/api/interviews/{it.id}/checks"),
        },
        check_actions.run_again,
        lambda it: check_actions.run_again(it, by="ada"),
        lambda it: Entry(A.CHECKS_STARTED, it.id, detail="version 2"),
    ),
    Case(
        A.CHECKS_STARTED,
        "with_a_state",
        {
            PAGE: page("/interviews/{it.id}/checks/run/", state="1"),
            API: api("/api/interviews/{it.id}/checks", {"state": 1}),
        },
        check_actions.check_state,
        lambda it: check_actions.check_state(it, 1, by="ada"),
        lambda it: Entry(A.CHECKS_STARTED, it.id, detail="state 1"),
    ),
    Case(
        A.CHECKS_STARTED_FOR_ALL,
        "submitted",
        {
            PAGE: page("/challenges/word-count/checks/run-all/"),
            API: api("/api/challenges/word-count/checks/run-all"),
        },
        check_actions.run_all,
        lambda it: check_actions.run_all("word-count", by="ada"),
        lambda it: Entry(A.CHECKS_STARTED_FOR_ALL, "", "word-count", "version 2, 1 submissions"),
    ),
    Case(
        A.CHECKS_TRIED,
        "submitted",
        {
            PAGE: page("/challenges/word-count/checks/try/", version="2"),
            API: api("/api/challenges/word-count/versions/2/checks/trial"),
        },
        check_actions.start_trial,
        lambda it: check_actions.start_trial("word-count", 2, by="ada"),
        lambda it: Entry(A.CHECKS_TRIED, "", "word-count", "version 2"),
    ),
]
