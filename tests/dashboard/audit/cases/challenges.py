"""What is done to challenges."""

from interviews.challenges import schemas
from operations import actions
from tests.dashboard.audit.cases.case import (
    API,
    PAGE,
    A,
    Case,
    of_target,
    page,
    with_files,
)

NEW_CHALLENGE = {"name": "Another", "duration_minutes": "60", "durationMinutes": "60"}

CASES = [
    Case(
        A.CHALLENGE_CREATED,
        "challenge",
        {
            PAGE: with_files("/new-challenge/", **NEW_CHALLENGE, paths='["README.md"]'),
            API: with_files("/api/challenges", **NEW_CHALLENGE, paths='["README.md"]'),
        },
        actions.create_challenge,
        lambda it: actions.create_challenge(
            schemas.NewChallengeRules(name="Another"), {"README.md": b"# Another\n"}, by="ada"
        ),
        of_target(A.CHALLENGE_CREATED, "another"),
    ),
    Case(
        A.CHALLENGE_CHANGED,
        "challenge",
        {
            PAGE: page(
                "/challenges/word-count/edit/",
                name="New",
                duration_minutes="60",
                base="1",
                start="1",
            ),
            API: lambda client, it: client.post(
                "/api/challenges/word-count/versions", {"name": "New", "baseVersion": "1"}
            ),
        },
        actions.save_challenge,
        lambda it: actions.save_challenge(
            it.id,
            schemas.ChallengeRules(name="New").about,
            {"README.md": b"# New\n"},
            base=1,
            by="ada",
        ),
        of_target(A.CHALLENGE_CHANGED, "word-count"),
    ),
]
