"""What people ask for through the API, whose web process dies."""

from interviews import queries
from interviews.lifecycle import Status
from operations.worker import runner
from tests.faults.kills.scenarios.scenario import Act, Scenario, in_status
from tests.faults.kills.scenarios.workers import activated, activated_without_files
from tests.faults.kills.world import Case, World, row


def invited(world: World) -> Case:
    interview = world.invite()
    return {"id": interview.id, "passcode": interview.passcode}


def running(world: World) -> Case:
    interview = world.running()
    return {"id": interview.id, "passcode": interview.passcode}


def completed(world: World) -> Case:
    interview = world.completed()
    return {"id": interview.id, "passcode": interview.passcode}


def failed(world: World) -> Case:
    """A start that failed, for a reason that is gone by now."""
    case = activated_without_files(world)
    runner.run_operation(case["operation"])
    interview = row(case["id"])
    assert interview.state is Status.ERROR
    interview.change(challenge_version=1)
    return {"id": case["id"]}


def start(world: World, case: Case) -> None:
    path = f"/api/interviews/{case['id']}/activate"
    world.press(world.candidate, path, {"passcode": case["passcode"]})


def submit(world: World, case: Case) -> None:
    world.candidate.post(f"/take-home/{case['passcode']}/submit", headers={"HX-Request": "true"})


def give_feedback(world: World, case: Case) -> None:
    path = f"/take-home/{case['passcode']}/feedback"
    world.candidate.post(path, {"rating": "4", "text": "It was fast."})


def has_feedback(world: World, case: Case) -> bool:
    interview = row(case["id"])
    return (interview.feedback_rating, interview.feedback_text) == (4, "It was fast.")


def of_interview(verb: str, **body: object) -> Act:
    """Post to the interview's address in the API."""

    def ask(world: World, case: Case) -> None:
        world.press(world.staff, f"/api/interviews/{case['id']}/{verb}", body)

    return ask


def revoke(world: World, case: Case) -> None:
    world.press(world.staff, f"/api/takehome/{case['passcode']}/revoke")


def cancel_start(world: World, case: Case) -> None:
    world.press(world.staff, f"/api/operations/{case['operation']}/cancel")


def delete(world: World, case: Case) -> None:
    world.staff.delete(f"/api/interviews/{case['id']}")


def is_gone(world: World, case: Case) -> bool:
    return queries.get_interview(case["id"]) is None


def is_extended(world: World, case: Case) -> bool:
    return row(case["id"]).extra_seconds == 15 * 60


def is_reopened(world: World, case: Case) -> bool:
    interview = row(case["id"])
    return interview.reopened == 1 and interview.state is Status.ACTIVE


# Staff may have been too late.
CANCELLED = (Status.ERROR, Status.ACTIVE)

SCENARIOS = [
    Scenario("press start", invited, start, in_status(Status.ACTIVE), True),
    Scenario("press submit", running, submit, in_status(Status.COMPLETED), True),
    Scenario("press end", running, of_interview("destroy"), in_status(Status.COMPLETED), True),
    Scenario("press retry", failed, of_interview("retry"), in_status(Status.ACTIVE), True),
    Scenario("press reopen", completed, of_interview("reopen", minutes=30), is_reopened, True),
    Scenario("press extend", running, of_interview("extend", minutes=15), is_extended, True),
    Scenario("revoke an invitation", invited, revoke, in_status(Status.REVOKED), True),
    Scenario("revoke a running test", running, revoke, in_status(Status.REVOKED), True),
    Scenario("cancel a start", activated, cancel_start, in_status(*CANCELLED), True),
    Scenario("press send feedback", completed, give_feedback, has_feedback, True),
]
