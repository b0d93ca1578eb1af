"""Worker and beat do not start while a system check reports an error."""

from collections.abc import Callable

import pytest
from celery.signals import beat_init, worker_init
from celery.utils.dispatch import Signal
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from takehome_platform.celery import _require_valid_settings
from takehome_platform.checks.startup import require_valid_settings


@pytest.fixture
def start():
    """Send a start signal of Celery with only the receiver for the system checks."""
    signal = Signal(name="start")
    signal.connect(_require_valid_settings)
    return lambda: signal.send(sender=None)


def report(
    monkeypatch: pytest.MonkeyPatch, *found: Callable[..., list[checks.CheckMessage]]
) -> None:
    """Let these be all system checks."""
    monkeypatch.setattr(checks.registry.registry, "registered_checks", found)
    for check in found:
        check.__dict__.setdefault("tags", ())


def test_check_error_ends_the_process_with_its_message(start, monkeypatch):
    report(monkeypatch, lambda **_: [checks.Error("It cannot work.", hint="Do this.")])
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == "It cannot work. Do this."


def test_process_starts_without_a_check_error(start, monkeypatch):
    report(monkeypatch, lambda **_: [])
    assert start() == [(_require_valid_settings, None)]


def test_check_of_urls_is_left_to_web_processes(start, monkeypatch):
    def check_urls(**_):
        return [checks.Error("A page cannot work.")]

    check_urls.tags = (checks.Tags.urls,)
    report(monkeypatch, check_urls)
    assert start() == [(_require_valid_settings, None)]
    with pytest.raises(ImproperlyConfigured, match="A page cannot work"):
        require_valid_settings()


@pytest.mark.parametrize("signal", [worker_init, beat_init], ids=["worker", "timers"])
def test_receiver_is_connected_to_both_signals(signal):
    heard = signal._live_receivers(None)
    assert [each for each in heard if each is _require_valid_settings] != []
