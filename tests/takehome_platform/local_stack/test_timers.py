"""The timers of `make run`, in a thread of a worker."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from celery.beat import Service
from celery.signals import beat_init

from takehome_platform.celery import app as platform_app
from takehome_platform.local_stack import timers
from tests.services import wait_until


class Worker:
    """What a step is given."""

    def __init__(self, app: Celery, schedule_filename: str) -> None:
        self.app, self.schedule_filename = app, schedule_filename


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    # The platform's own checks its settings.
    monkeypatch.setattr(beat_init, "receivers", [])
    monkeypatch.setattr(
        Celery, "send_task", lambda self, name, *args, **options: found.append(name)
    )
    return found


@pytest.fixture
def app() -> Iterator[Celery]:
    app = Celery("of-the-test", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {"tick": {"task": "of-the-test.tick", "schedule": 0.05}}
    yield app
    app.close()


@pytest.fixture
def running(app: Celery, tmp_path: Path, sent: list[str]) -> Iterator[timers.Timers]:
    worker = Worker(app, str(tmp_path / "schedule"))
    step = timers.TimersStep(worker, timers=True)
    assert step.include_if(worker)
    thread = step.create(worker)
    thread.start()
    yield thread
    thread.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_tasks_are_sent_until_it_is_stopped(running: timers.Timers, sent: list[str]) -> None:
    wait_until(lambda: len(sent) >= 3, "nothing is sent")
    assert set(sent) == {"of-the-test.tick"}
    running.stop()
    running.join(10)
    assert not running.is_alive()
    before = len(sent)
    time.sleep(0.2)
    assert len(sent) == before


def test_they_go_on_after_an_error(
    app: Celery, tmp_path: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "RESTART_DELAY", 0.01)
    start = Service.start
    failures: list[str] = []

    def fail_first(service: Service, **options: bool) -> None:
        if not failures:
            failures.append("no room")
            raise OSError("no room")
        start(service, **options)

    monkeypatch.setattr(Service, "start", fail_first)
    thread = timers.Timers(app, str(tmp_path / "schedule"))
    thread.start()
    try:
        wait_until(lambda: sent, "they stay away")
    finally:
        thread.stop()
        thread.join(10)
    assert failures == ["no room"]


def test_stopped_before_it_began_it_sends_nothing(
    app: Celery, tmp_path: Path, sent: list[str]
) -> None:
    thread = timers.Timers(app, str(tmp_path / "schedule"))
    thread.stop()
    thread.start()
    thread.join(10)
    assert (thread.is_alive(), sent) == (False, [])


def test_only_a_worker_that_is_asked_has_them(app: Celery, tmp_path: Path) -> None:
    worker = Worker(app, str(tmp_path / "schedule"))
    assert not timers.TimersStep(worker).include_if(worker)
    assert timers.TimersStep in platform_app.steps["worker"]
    options = [option for each in platform_app.user_options["worker"] for option in each.opts]
    assert timers.OPTION in options
