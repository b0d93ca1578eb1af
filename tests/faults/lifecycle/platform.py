"""The clock, the queue and the processes of the model."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import time_machine
from pynamodb.exceptions import PynamoDBException

from interviews import events
from operations import deadlines, models, tasks
from operations.provisioners import FACTORIES
from operations.queue import dispatch
from operations.worker import handler, provision, runner
from operations.worker import lease as lease_module
from tests.dynamodb.server import DynamoDB
from tests.fakes import FakeStream
from tests.faults.lifecycle.engine import EngineExplodedError, FailsNowAndThen
from tests.faults.lifecycle.faults import Fault, FaultKind, Killed, Process, run_with_fault
from tests.faults.lifecycle.tables import Observe, direct_requests
from tests.memory_engine import Files

BEGINNING = datetime(2030, 1, 1, 9, tzinfo=UTC)
RENEW_EVERY = models.LEASE_DURATION / lease_module.RENEWALS
TASKS: dict[str, Callable[[str], None]] = {
    "operations.run": tasks.run,
    "operations.look": tasks.look,
    "operations.end_orphan": tasks.end_orphan,
    "operations.index_submissions": tasks.index_submissions,
}


@dataclass(frozen=True)
class Message:
    """A Celery message: not delivered before its time, and dropped after it expired."""

    task: str
    argument: str
    not_before: datetime
    expires: datetime | None


class Platform:
    """Runs one process at a time; others work while one stalls."""

    def __init__(
        self, dynamodb: DynamoDB, observe: Observe, before_destroy: Callable[[str, Files], None]
    ) -> None:
        self.dynamodb = dynamodb
        self.engine = FailsNowAndThen(self.moment, before_destroy)
        self.stream = FakeStream()
        self.queue: list[Message] = []
        # What happened, for a person who reads a failure.
        self.story: list[str] = []
        self.is_harmed = False
        self._processes: list[Process] = []
        self._do: Callable[[str, int], None] = lambda name, who: None
        self._patches = ExitStack()
        self._observe = observe

    def open(self, do: Callable[[str, int], None]) -> None:
        """From here on the clock stands still unless the model moves it. `do` does a step."""
        self._do = do
        chance = random.Random(0)
        enter = self._patches.enter_context
        self._clock = enter(time_machine.travel(BEGINNING, tick=False))
        clock = SimpleNamespace(monotonic=lambda: datetime.now(UTC).timestamp())
        for module in (deadlines, provision, lease_module):
            if hasattr(module, "time"):
                enter(mock.patch.object(module, "time", clock))

        def uuid4() -> uuid.UUID:
            return uuid.UUID(int=chance.getrandbits(128))

        # The same ids in each run, so that what is due at one time comes in the same order.
        enter(mock.patch.object(uuid, "uuid4", uuid4))
        enter(mock.patch("secrets.token_hex", lambda n=32: chance.randbytes(n).hex()))
        enter(mock.patch("secrets.choice", chance.choice))
        enter(mock.patch.object(dispatch, "_send", self._send))
        enter(mock.patch.object(events, "_redis", return_value=self.stream))
        enter(mock.patch.object(handler.shutdown_requested, "wait", self._wait))
        enter(mock.patch.object(runner, "Lease", self._lease_class()))
        enter(mock.patch.object(deadlines, "_health_check_waits", {}))
        enter(mock.patch.dict(FACTORIES, fake=lambda: self.engine))
        enter(direct_requests(self.dynamodb, self.moment, self._observe))

    def close(self) -> None:
        handler.shutdown_requested.clear()
        self._patches.close()

    # -- the clock ---------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        self._clock.shift(timedelta(seconds=seconds))

    def pass_time_until(self, at: datetime) -> None:
        self.pass_time(max(0.0, (at - datetime.now(UTC)).total_seconds()))

    def _wait(self, seconds: float) -> bool:
        """A worker waits, and a thread of it renews its leases."""
        left = seconds
        while left > 0:
            step = min(left, RENEW_EVERY.total_seconds())
            self.pass_time(step)
            left -= step
            if step >= 1:
                self._renew_leases()
        return handler.shutdown_requested.is_set()

    def _renew_leases(self) -> None:
        for operation_id, token in self._processes[-1].leases if self._processes else ():
            with suppress(models.LeaseLostError, PynamoDBException):
                operation = models.get_operation(operation_id)
                if operation is not None:
                    operation.renew(token)

    def _lease_class(self) -> type[lease_module.Lease]:
        processes = self._processes

        class VirtualLease(lease_module.Lease):
            """Renewed while its process waits, and not by a thread."""

            def __enter__(self) -> lease_module.Lease:
                processes[-1].leases.append((self._operation_id, self._token))
                return super().__enter__()

            def _renew(self) -> None:
                """The thread has nothing to do."""

        return VirtualLease

    # -- the queue ---------------------------------------------------------------------------------

    def _send(self, task: str, argument: str, expires: int | None = None, **options: Any) -> None:
        at = datetime.now(UTC)
        self.queue.append(
            Message(
                task,
                argument,
                at + timedelta(seconds=options.get("countdown") or 0),
                at + timedelta(seconds=expires) if expires else None,
            )
        )

    def deliver(self, message: Message, fault: Fault | None = None) -> None:
        """Have a worker do what the message says."""
        self.pass_time_until(message.not_before)
        if message.expires is not None and message.expires < datetime.now(UTC):
            return
        with self.process(f"worker {message.task} {message.argument}", fault):
            TASKS[message.task](message.argument)

    def deliver_all(self) -> None:
        """Deliver each message once, and those that follow from it."""
        for _ in range(200):
            if not self.queue:
                return
            self.deliver(self.queue.pop(0))
        raise AssertionError(f"The queue never ends: {self.queue}")

    # -- processes ---------------------------------------------------------------------------------

    @contextmanager
    def process(self, title: str, fault: Fault | None = None) -> Iterator[Process]:
        """A process does what is in the block. It may be killed, or find the tables away."""
        process = Process(fault)
        self._processes.append(process)
        self.story.append(f"{datetime.now(UTC):%d. %H:%M:%S} {title}")
        try:
            yield process
        except EngineExplodedError:
            # Celery logs what a task raises, and a page says that an error happened.
            self.story.append("  the engine exploded")
        except (Killed, PynamoDBException) as error:
            if not process.is_faulty:
                raise
            self.story.append(f"  {type(error).__name__}")
        finally:
            self._processes.pop()
            if fault is not None and fault.kind is FaultKind.SHUTDOWN:
                handler.shutdown_requested.clear()

    @property
    def is_idle(self) -> bool:
        return not self._processes

    def moment(self, where: str, act: Callable[[], Any]) -> Any:
        """A request or a call of the engine, at which the fault of its process may come about."""
        if not self._processes:
            return act()
        process = self._processes[-1]
        fault = process.begin_moment()
        if fault is None:
            return act()
        self.is_harmed = True
        self.story.append(f"  {fault.kind} at {where}")
        if fault.kind is FaultKind.SHUTDOWN:
            handler.shutdown_requested.set()
            return act()
        if fault.kind is FaultKind.STALLS:
            self.pass_time(fault.seconds)
            for name, who in fault.meanwhile:
                self._do(name, who)
            return act()
        return run_with_fault(process, fault, where, act)
