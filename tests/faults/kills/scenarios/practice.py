"""A candidate's practice workspace: asked for, ended, and in the way of the test."""

from interviews import queries
from interviews.lifecycle import FINAL, EndReason, Status
from operations import actions
from operations.practice.rows import practice_id
from operations.worker import runner
from tests.faults.kills.scenarios.people import invited, is_gone, revoke
from tests.faults.kills.scenarios.scenario import Act, Done, Scenario, in_status
from tests.faults.kills.scenarios.workers import work
from tests.faults.kills.world import STAFF, Case, World, nothing_dispatched, row


def before_practice(world: World) -> Case:
    """An invitation; the case is about the practice workspace that there will be."""
    case = invited(world)
    return case | {"id": practice_id(case["id"], 1), "invitation": case["id"]}


def asked_for(world: World) -> Case:
    case = before_practice(world)
    with nothing_dispatched():
        actions.start_practice(row(case["invitation"]))
    return case | {"operation": row(case["id"]).operation_id}


def practising(world: World) -> Case:
    case = asked_for(world)
    runner.run_operation(case["operation"])
    assert row(case["id"]).state is Status.ACTIVE
    return case


def started_while_practising(world: World) -> Case:
    case = practising(world)
    with nothing_dispatched():
        operation_id = actions.activate(row(case["invitation"]), by="candidate")
    return _of_invitation(case) | {"operation": operation_id}


def ended_before_it_was_started(world: World) -> Case:
    """Started and ended before a worker came, beside a practice workspace."""
    case = started_while_practising(world)
    with nothing_dispatched():
        reason = EndReason.ENDED_BY_STAFF
        operation_id = actions.end(row(case["id"]), by=STAFF, reason=reason)
    return case | {"operation": operation_id}


def invited_while_practising(world: World) -> Case:
    return _of_invitation(practising(world))


def withdrawn_after_practice(world: World) -> Case:
    case = practising(world)
    with nothing_dispatched():
        actions.revoke(row(case["invitation"]), by=STAFF)
    runner.run_operation(str(row(case["id"]).operation_id))
    return _of_invitation(case)


def _of_invitation(case: Case) -> Case:
    """The case is about the interview, whose practice workspace has to be over as well."""
    return case | {"id": case["invitation"], "practice": case["id"]}


def post(path: str = "") -> Act:
    def ask(world: World, case: Case) -> None:
        body = {"passcode": case["passcode"]}
        world.press(world.candidate, f"/api/interviews/{case['invitation']}/practice{path}", body)

    return ask


def delete(world: World, case: Case) -> None:
    world.staff.delete(f"/api/interviews/{case['id']}")


def and_practice_is_over(*statuses: Status) -> Done:
    def is_done(world: World, case: Case) -> bool:
        is_over = row(case["practice"]).state in FINAL
        is_away = case["practice"] not in world.workspaces()
        return in_status(*statuses)(world, case) and is_over and is_away

    return is_done


def are_both_gone(world: World, case: Case) -> bool:
    return is_gone(world, case) and queries.get_interview(case["practice"]) is None


SCENARIOS = [
    Scenario("press practice", before_practice, post(), in_status(Status.ACTIVE), True),
    Scenario("create for practice", asked_for, work, in_status(Status.ACTIVE)),
    Scenario("press end practice", practising, post("/end"), in_status(Status.COMPLETED), True),
    Scenario(
        "create while practising",
        started_while_practising,
        work,
        and_practice_is_over(Status.ACTIVE),
    ),
    Scenario(
        "end while practising",
        ended_before_it_was_started,
        work,
        and_practice_is_over(Status.COMPLETED),
    ),
    Scenario(
        "revoke while practising",
        invited_while_practising,
        revoke,
        and_practice_is_over(Status.REVOKED),
        True,
    ),
    Scenario("press delete after practice", withdrawn_after_practice, delete, are_both_gone, True),
]
