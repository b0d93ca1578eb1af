"""A process beside a platform that checks its rows, files and workspaces by the rules of kills.

`python -m tests.faults.nodes.judge` runs with the environment of the web process. It reads lines of
JSON, the name of a function below and its argument, and answers each with what that returns.
"""

import json
import sys
import traceback
from typing import Any

import django

Case = dict[str, Any]
Verdict = tuple[str, str]
"""The kind and the sentence of what is wrong, or two empty strings."""


def prepare(count: int) -> list[Case]:
    """Cases, each with a challenge that has checks; one webhook hears of all."""
    from operations.webhooks.models import Webhook
    from tests.faults.kills.processes import Processes
    from tests.faults.kills.scenarios.checks import with_checks

    world = Processes()
    webhook = world.new_webhook()
    Webhook.objects.filter(pk=webhook.pk).update(sends_reviews=True)
    return [with_checks(world) | {"webhook": webhook.pk} for _ in range(count)]


def keep(ids: list[str]) -> None:
    """Ask the workers to keep the progress of these running tests now."""
    from operations.progress import schedule
    from tests.faults.kills.scenarios.progress import make_due

    schedule.dispatch_due()
    for each in ids:
        make_due({"id": each})
    schedule.dispatch_due()


def verdicts(cases: list[Case]) -> list[Verdict]:
    from tests.faults.kills.processes import Processes

    world = Processes()
    return [_verdict(world, case) for case in cases]


def _verdict(world: Any, case: Case) -> Verdict:
    from tests.faults.kills import invariants
    from tests.faults.kills.world import describe, is_settled

    try:
        if not is_settled(case):
            return "lost", f"it does not settle: {describe(case)}"
        invariants.check(world, case)
        if not _is_checked(world, case):
            return "lost", f"not checked, or not told: {describe(case)}"
        _check_progress(case)
    except invariants.BrokenError as error:
        return error.kind, f"{error}: {describe(case)}"
    except Exception:  # noqa: BLE001 - whoever asked shows it
        return "lost", traceback.format_exc()
    return "", ""


def _is_checked(world: Any, case: Case) -> bool:
    """A submission of a challenge with checks is checked once, and the webhook told of all."""
    from interviews.lifecycle import Status
    from tests.faults.kills.scenarios.checks import is_checked
    from tests.faults.kills.world import row

    if "challenge" not in case or row(case["id"]).state is not Status.COMPLETED:
        return True
    return bool(is_checked(world, case))


def _check_progress(case: Case) -> None:
    """The kept states are whole, and each is there once; at least one, if they were asked for."""
    from operations.progress.manifest_store import read_manifest
    from operations.progress.models import ProgressState
    from tests.faults.kills.invariants import require

    states = list(ProgressState.objects.filter(interview_id=case["id"]))
    numbers = [state.number for state in states]
    require(numbers == list(range(1, len(numbers) + 1)), "doubled", f"the states are {numbers}")
    require(states or not case.get("kept"), "lost", "no progress was kept")
    for state in states:
        read_manifest(state.key)


FUNCTIONS = {each.__name__: each for each in (prepare, keep, verdicts)}


def main() -> None:
    django.setup()
    from django.db import connections

    for line in sys.stdin:
        # Its database may have been away since the last question.
        connections.close_all()
        name, argument = json.loads(line)
        sys.stdout.write(f"{json.dumps(FUNCTIONS[name](argument))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
