"""The end of each run of the model: everything works again, and nobody acts any more."""

from datetime import UTC, datetime, timedelta

from django.core.files.storage import default_storage

from interviews.lifecycle import FINAL
from operations.reaper.models import open_orphans
from tests.faults.lifecycle.world import World

# More often than any interview and its operations are due.
MAX_ROUNDS = 150
# Not the search terms: a crash leaves some without a row, until their `ttl`.
OF_INTERVIEWS = ("interviews", "operations", "operation_logs")


def settle(world: World) -> None:
    """Run all that is due until every interview has ended, and check that nothing is left."""
    world.engine.heal()
    for _ in range(MAX_ROUNDS):
        run_all(world)
        world.check()
        if is_over(world):
            break
        at = min(world.due_times(), default=datetime.now(UTC) + timedelta(hours=1))
        world.platform.pass_time_until(at + timedelta(seconds=1))
    else:
        raise AssertionError("\n".join(["It never ends:", *left(world), "", *world.platform.story]))


def run_all(world: World) -> None:
    """What the schedule does within half a minute, and what follows from it."""
    for step in (world.tick, world.watch, world.scan, world.relay):
        step()
        world.platform.deliver_all()


def is_over(world: World) -> bool:
    return not left(world)


def left(world: World) -> list[str]:
    """What has not ended, or should not be there."""
    rows = world.rows()
    return [
        *(f"{row.id} is {row.status}" for row in rows if row.state not in FINAL),
        *(f"{each} is unfinished" for each in world.operations() if each.is_unfinished),
        *(f"{name} runs" for name in world.engine.disks),
        *(f"{orphan} is an orphan" for orphan in open_orphans()),
    ]


def forget(world: World) -> None:
    """Let the retention pass, and check that nothing of any interview is left."""
    world.platform.pass_time(timedelta(days=400).total_seconds())
    world.clean_up()
    world.check()
    kept = {
        table: count
        for table in OF_INTERVIEWS
        if (count := world.platform.dynamodb.scan({"TableName": table})["Count"])
    }
    if default_storage.exists("archives"):
        kept |= dict.fromkeys(default_storage.listdir("archives")[0], 1)
    assert not kept, "\n".join([f"After the retention: {kept}", "", *world.platform.story])
