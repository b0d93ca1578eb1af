"""Log context and metrics of the tasks of a worker."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from celery import signals
from prometheus_client import REGISTRY

from takehome_platform.observability import celery_signals


@pytest.fixture(autouse=True)
def unbound() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


def task(name: str, **headers: str) -> Any:
    return SimpleNamespace(name=name, request=SimpleNamespace(**headers))


@pytest.mark.parametrize(
    ("name", "arguments", "bound"),
    [
        ("operations.run", ["op-1"], {"operation": "op-1"}),
        ("operations.look", ["int-1"], {"interview": "int-1"}),
        ("operations.tick", [], {}),
    ],
)
def test_log_lines_have_the_ids_of_their_task(
    name: str, arguments: list[str], bound: dict[str, str]
) -> None:
    celery_signals.bind_task_context(task=task(name), args=arguments)
    assert structlog.contextvars.get_contextvars() == {"task": name, **bound}


def test_log_context_ends_with_the_task() -> None:
    celery_signals.bind_task_context(task=task("operations.run"), args=["op-1"])
    celery_signals.record_task(task=task("operations.run"), state="SUCCESS")
    assert structlog.contextvars.get_contextvars() == {}
    structlog.contextvars.bind_contextvars(left="over")
    celery_signals.bind_task_context(task=task("operations.tick"), args=[])
    assert structlog.contextvars.get_contextvars() == {"task": "operations.tick"}


def test_task_carries_the_id_of_the_request_that_enqueued_it() -> None:
    headers: dict[str, Any] = {"id": "task-1"}
    with structlog.contextvars.bound_contextvars(request_id="request-1", user="recruiter"):
        celery_signals.send_request_id(headers=headers)
    assert headers == {"id": "task-1", "takehome_request_id": "request-1"}
    celery_signals.bind_task_context(task=task("operations.tick", **headers), args=[])
    assert structlog.contextvars.get_contextvars()["request_id"] == "request-1"


def test_periodic_task_has_no_request_id() -> None:
    headers: dict[str, Any] = {}
    celery_signals.send_request_id(headers=headers)
    assert headers == {}


@pytest.mark.parametrize(
    ("state", "outcome"), [("SUCCESS", "success"), ("FAILURE", "failure"), (None, "failure")]
)
def test_task_is_timed_by_outcome(state: str | None, outcome: str) -> None:
    labels = {"task": f"test.{state}", "outcome": outcome}
    celery_signals.bind_task_context(task=task(f"test.{state}"), args=[])
    celery_signals.record_task(task=task(f"test.{state}"), state=state)
    # Said again without having begun, it is nothing.
    celery_signals.record_task(task=task(f"test.{state}"), state=state)
    assert REGISTRY.get_sample_value("takehome_task_seconds_count", labels) == 1


def test_celery_does_not_set_up_logging() -> None:
    receivers = signals.setup_logging.send(sender=None)
    assert [receiver for receiver, _ in receivers] == [celery_signals.keep_django_logging]
