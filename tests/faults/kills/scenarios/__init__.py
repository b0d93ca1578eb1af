"""The scenarios during which processes die, and the list of all of them."""

from tests.faults.kills.scenarios import (
    checks,
    messages,
    people,
    plans,
    practice,
    progress,
    submissions,
    workers,
)

SCENARIOS = [
    *workers.SCENARIOS,
    *people.SCENARIOS,
    *messages.SCENARIOS,
    *plans.SCENARIOS,
    *practice.SCENARIOS,
    *progress.SCENARIOS,
    *submissions.SCENARIOS,
    *checks.SCENARIOS,
]
