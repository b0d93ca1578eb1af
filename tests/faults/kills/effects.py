"""Everything that a process does to the world outside of it, one effect after the other.

These are the steps at which the tests kill a process: before each row written, event published,
task dispatched, file stored, statement of SQL, e-mail, webhook request and call of an engine. They
are found by running a scenario, at the boundary of the process, so that a new step is killed at by
being there, and the product needs no switch for it.
"""

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.mail import EmailMessage
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from pynamodb.connection.base import Connection
from redis.client import Pipeline, Redis

from operations import provisioners
from operations.checks import preparation
from operations.provisioners.checks import process
from operations.provisioners.checks.process import LocalCheckRunner
from operations.queue import dispatch
from operations.submissions import service as index_service
from operations.webhooks import http_client
from takehome_platform.local_stack.config import ROOT
from tests.fakes import FakeStream
from tests.faults.kills.check_runs import MemoryRunner

PACKAGES = tuple(str(ROOT / name) for name in ("interviews", "operations", "dashboard"))
PACKAGES += (str(ROOT / "candidate_portal"),)
# What carries an effect out for others: the step is named for its caller.
CARRIERS = {
    "interviews/models.py",
    "interviews/events.py",
    "operations/models.py",
    "operations/operation_log.py",
    "operations/queue/dispatch.py",
    "operations/audit/trail.py",
}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
STATEMENTS = {"INSERT", "UPDATE", "DELETE"}
COMMANDS = {"XADD", "SET", "DEL", "HSET", "HDEL"}
ENGINE_CALLS = {"provision", "export", "destroy", "set_deadline"}

Site = tuple[str, int]
"""A file below ROOT, and a line of it."""


@dataclass(frozen=True)
class Effect:
    """One effect, right before it happens."""

    number: int
    what: str
    caller: str
    sites: tuple[Site, ...]
    """The lines of the product that are being executed, the innermost first."""

    def __str__(self) -> str:
        return f"{self.number}, {self.what} in {self.caller}"

    @property
    def is_hint(self) -> bool:
        """Whether nothing is lost with it: an event for pages, a line of a log, a statistic, a file
        that is made again."""
        return self.what.startswith(("redis", "PutItem operation_logs", "write files"))


OnEffect = Callable[[Effect], None]


class Points:
    """Picks the effects before which it makes a difference to die.

    Of hints that follow each other only the first: whoever dies there loses all of them.
    """

    def __init__(self) -> None:
        self._after_hint = False

    def is_point(self, effect: Effect) -> bool:
        after_hint, self._after_hint = self._after_hint, effect.is_hint
        return not (effect.is_hint and after_hint)


@contextmanager
def watched(on_effect: OnEffect) -> Iterator[None]:
    """Call `on_effect` before each effect of this thread."""
    thread = threading.get_ident()
    count = 0
    is_inside = False

    def notice(what: str) -> None:
        nonlocal count, is_inside
        if is_inside or threading.get_ident() != thread:
            return
        frames = _product_frames(sys._getframe(2))
        is_inside = True
        try:
            effect = Effect(count, what, _caller(frames), tuple(site for site, _ in frames))
            count += 1
            on_effect(effect)
        finally:
            is_inside = False

    with pytest.MonkeyPatch.context() as patch:
        for owner, name, describe in BOUNDARIES:
            patch.setattr(owner, name, _noticing(getattr(owner, name), describe, notice))
        for name, factory in provisioners.FACTORIES.items():
            make = functools.partial(_NoticingEngine, factory, notice)
            patch.setitem(provisioners.FACTORIES, name, make)
        yield


def _noticing(original: Any, describe: Callable[..., str | None], notice: Any) -> Any:
    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        what = describe(*args, **kwargs)
        if what is not None:
            notice(what)
        return original(*args, **kwargs)

    return call


class _NoticingEngine:
    """An engine whose calls are noticed before they are made."""

    def __init__(self, factory: Callable[[], Any], notice: Callable[[str], None]) -> None:
        self._engine = factory()
        self._notice = notice

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._engine, name)
        if name not in ENGINE_CALLS:
            return method
        return _noticing(method, lambda *args, **kwargs: f"engine.{name}", self._notice)


def _table_write(connection: Any, operation: str, request: dict[str, Any]) -> str | None:
    if operation not in WRITES:
        return None
    table = request.get("TableName") or "+".join(request.get("RequestItems", ()))
    return f"{operation} {table}"


def _redis_command(client: Any, command: str, *args: Any, **kwargs: Any) -> str | None:
    return f"redis {command}" if command in COMMANDS else None


def _statement(cursor: Any, sql: str, *args: Any, **kwargs: Any) -> str | None:
    verb = sql.partition(" ")[0]
    return f"SQL {verb}" if verb in STATEMENTS else None


def _removal(folder: Path) -> str | None:
    return "remove folder" if folder.exists() else None


# Who does it, the attribute, and what the call is named; None if it changes nothing.
BOUNDARIES: list[tuple[Any, str, Callable[..., str | None]]] = [
    (Connection, "_make_api_call", _table_write),
    (Redis, "execute_command", _redis_command),
    (Pipeline, "execute", lambda *args, **kwargs: "redis pipeline"),
    (FakeStream, "xadd", lambda *args, **kwargs: "redis XADD"),
    (dispatch, "_send", lambda task, *args, **kwargs: f"send {task}"),
    (FileSystemStorage, "_save", lambda *args: "store file"),
    (FileSystemStorage, "delete", lambda *args: "delete file"),
    (CursorWrapper, "execute", _statement),
    (CursorWrapper, "executemany", _statement),
    (BaseDatabaseWrapper, "commit", lambda *args: "SQL COMMIT"),
    (EmailMessage, "send", lambda *args, **kwargs: "send e-mail"),
    (http_client, "post_json", lambda *args, **kwargs: "POST webhook"),
    (preparation, "copy_archive", lambda *args: "write files"),
    (preparation, "pack_state", lambda *args: "write files"),
    (preparation, "write_subject", lambda *args: "write files"),
    (preparation, "lay_over", lambda *args: "write files"),
    (preparation, "remove_folder", _removal),
    (index_service, "build_index", lambda *args, **kwargs: "write files"),
    # The program of a check runs by now.
    (process, "_wait", lambda *args: "checks.wait"),
    (LocalCheckRunner, "remove", lambda *args: "checks.remove"),
    (MemoryRunner, "wait", lambda *args: "checks.wait"),
    (MemoryRunner, "remove", lambda *args: "checks.remove"),
]


def _product_frames(frame: FrameType | None) -> list[tuple[Site, str]]:
    """The frames of the product, the innermost first, with the names of their functions."""
    found = []
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(PACKAGES):
            site = (Path(file).relative_to(ROOT).as_posix(), frame.f_lineno)
            found.append((site, frame.f_code.co_qualname))
        frame = frame.f_back
    return found


def _caller(frames: list[tuple[Site, str]]) -> str:
    for (file, _), function in frames:
        if file not in CARRIERS:
            return f"{file.removesuffix('.py').replace('/', '.')}.{function}"
    return "the request"
