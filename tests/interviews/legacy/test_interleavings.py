"""Random sequences of actions by both portals, with processes killed between two writes.

Each take-home test must exist once, in a legal status, with a working passcode, and must have been
started at most once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from interviews import queries
from interviews.challenges import versions
from interviews.dynamodb import now
from interviews.legacy.capacity_limiter import CAPACITY_KINDS, WRITE, CapacityLimiter
from interviews.legacy.migration import migrate
from interviews.legacy.models import Takehome
from interviews.legacy.report import Checkpoint
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.schemas.invitations import TakeHomeInvitation
from interviews.search.index import SearchTerm
from operations import actions, reconciler
from operations.exceptions import InvalidInputError, WrongStateError
from operations.models import Operation
from tests import legacy_rows
from tests.dynamodb.calls import before_each_call
from tests.dynamodb.server import DynamoDB
from tests.interviews.legacy.conftest import client, keep, old_row

MODELS = (Interview, Takehome, Operation, SearchTerm)


# The rows of tests.legacy_rows whose migrations write different data.
KINDS_OF_ROWS = (
    "available",
    "available, no instructions",
    "lapsed",
    "revoked",
    "running",
    "failed",
    "ended by itself",
    "started, its interview is gone",
)


class Killed(BaseException):
    """Simulates kill -9: the program must not catch it."""


@contextmanager
def killed_at(number: int | None) -> Iterator[None]:
    """Fail the write of that number and all later ones; None fails none."""
    made = 0

    def count(model: Any, **_: Any) -> None:
        nonlocal made
        if CAPACITY_KINDS.get(model.name) == WRITE:
            made += 1
            if number is not None and made >= number:
                raise Killed

    with suppress(Killed), before_each_call(count, *MODELS):
        yield


class World:
    """Both portals working on the same tables."""

    def __init__(self, flags: Any, dynamodb: DynamoDB) -> None:
        self.flags = flags
        dynamodb.clear()
        dynamodb.tables.pop(legacy_rows.TAKEHOME, None)
        legacy_rows.create(client(), legacy_rows.TAKEHOME)
        versions.put_challenge(
            "word-count",
            name="Word count",
            description="Count.",
            language="Python",
            duration_minutes=60,
            files={"README.md": b"# Word count\n"},
        )
        kinds = legacy_rows.every_take_home(now())
        self.codes = [kinds[kind]["passcode"]["S"] for kind in KINDS_OF_ROWS]
        keep(
            *(kinds[kind] for kind in KINDS_OF_ROWS),
            *(
                row
                for row in legacy_rows.interviews_of_them(now())
                if row["id"] in [kinds[kind].get("interviewId") for kind in KINDS_OF_ROWS]
            ),
        )
        self.started: dict[str, int] = {}

    def do(self, action: str, index: int) -> None:
        code = self.codes[index % len(self.codes)]
        # A refused action must have no effect.
        with suppress(WrongStateError, InvalidInputError):
            getattr(self, action)(code)

    def invite(self, code: str) -> None:
        invitation = TakeHomeInvitation(
            candidate_name="Grace", challenge="word-count", allowance_percent=25
        )
        self.codes.append(str(actions.invite(invitation, by="recruiter").passcode))

    def activate(self, code: str) -> None:
        actions.activate(self.find(code), by="candidate")

    def revoke(self, code: str) -> None:
        actions.revoke(self.find(code), by="recruiter")

    def extend(self, code: str) -> None:
        actions.extend(self.find(code), 15, by="recruiter")

    def flip(self, code: str) -> None:
        self.flags.UNIFIED_TAKEHOMES = not self.flags.UNIFIED_TAKEHOMES

    def tick(self, code: str) -> None:
        reconciler.run_due()

    def migrate(self, code: str) -> None:
        checkpoint = Checkpoint(["takehome", "interviews"])
        migrate(checkpoint, CapacityLimiter(0), save=lambda _: None)

    def old_start(self, code: str) -> None:
        """Start a test as the old portal does: two writes without conditions."""
        if (row := self.old(code)) is None or row["status"]["S"] != "active":
            return
        id_ = f"takehome-17000000001{self.codes.index(code):02d}-zzzzz"
        self.started[code] = self.started.get(code, 0) + 1
        begun = legacy_rows.iso(now() - timedelta(minutes=10))
        self.update(code, status="activated", interviewId=id_, activatedAt=begun)
        legacy_rows.put(client(), "interviews", [legacy_rows.interview(id_, at=now())])

    def old_revoke(self, code: str) -> None:
        if (row := self.old(code)) is not None and row["status"]["S"] == "active":
            self.update(code, status="revoked")

    def old(self, code: str) -> legacy_rows.Row | None:
        rows = {row["passcode"]["S"] for row in legacy_rows.rows(client(), legacy_rows.TAKEHOME)}
        return old_row(code) if code in rows else None

    def update(self, code: str, **values: str) -> None:
        row = old_row(code) | {name: {"S": value} for name, value in values.items()}
        legacy_rows.put(client(), legacy_rows.TAKEHOME, [row])

    def find(self, code: str) -> Interview:
        found = queries.get_by_passcode(code)
        assert found is not None
        return found

    def check(self) -> None:
        listed = [
            *pages(lambda **at: queries.list_page("take-home", **at)),
            *pages(lambda **at: history.history_page(Filters(type="take-home", ended=True), **at)),
        ]
        assert sorted(one.passcode for one in listed) == sorted(self.codes)
        assert len({one.id for one in listed}) == len(listed)
        for one in listed:
            found = self.find(one.passcode)
            assert (found.id, found.state) == (one.id, one.state)
            assert found.state in set(Status)
            again = queries.get_interview(one.id)
            assert again is not None
            assert again.id == one.id
            by_us = any(moment.status == "activated" for moment in found.timeline)
            begun_there = self.started.get(one.passcode, 0)
            assert begun_there + (found.provisioner is not None and by_us) <= 1

    def dump(self) -> list[Any]:
        return sorted(
            (
                repr(sorted(row.items()))
                for name in ("takehome", "interviews", "search_terms")
                for row in legacy_rows.rows(client(), name)
            ),
        )


def pages(read: Callable[..., queries.Page]) -> list[Interview]:
    found: list[Interview] = []
    cursor = None
    while True:
        page = read(size=20, cursor=cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


STEPS = ["invite", "activate", "revoke", "extend", "flip", "tick", "migrate"]
STEP = st.tuples(
    st.sampled_from([*STEPS, "activate", "old_start", "old_revoke"]),
    st.integers(0, 9),
    st.none() | st.integers(1, 7),
)
ANY = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.long
@pytest.mark.usefixtures("tables")
@ANY
@given(st.lists(STEP, min_size=1, max_size=5))
@example([("activate", 0, 2), ("old_start", 0, None), ("activate", 0, None)])
@example([("flip", 0, None), ("invite", 0, None), ("old_start", 8, None), ("migrate", 0, 3)])
@example([("migrate", 0, 4), ("activate", 1, 4), ("flip", 0, None), ("invite", 0, 2)])
def test_each_take_home_exists_once_after_any_sequence(settings, dynamodb, steps):
    settings.LEGACY_TAKEHOME_TABLE = legacy_rows.TAKEHOME
    settings.UNIFIED_TAKEHOMES = True
    world = World(settings, dynamodb)
    for action, index, number in steps:
        # Only this platform's writes are killed here.
        with killed_at(None if action.startswith("old_") else number):
            world.do(action, index)
        world.check()
    world.migrate("")
    world.check()
    before = world.dump()
    world.migrate("")
    assert world.dump() == before


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("action", ["activate", "migrate"])
def test_action_killed_at_any_write_can_be_repeated(settings, dynamodb, action):
    settings.LEGACY_TAKEHOME_TABLE = legacy_rows.TAKEHOME
    world = World(settings, dynamodb)
    for number in range(1, 8):
        with killed_at(number):
            world.do(action, 0)
        world.check()
    world.do("activate", 0)
    world.check()
