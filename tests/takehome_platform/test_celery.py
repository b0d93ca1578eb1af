"""Worker and beat do not start while a system check reports an error."""

import pytest
from celery.signals import beat_init, worker_init
from celery.utils.dispatch import Signal
from django.core import checks

from takehome_platform.celery import _require_valid_settings


@pytest.fixture
def start():
    """Send a start signal of Celery with only the receiver for the system checks."""
    signal = Signal(name="start")
    signal.connect(_require_valid_settings)
    return lambda: signal.send(sender=None)


def test_check_error_ends_the_process_with_its_message(start, monkeypatch):
    said = [checks.Error("It cannot work.", hint="Do this.")]
    monkeypatch.setattr("takehome_platform.checks.startup.run_checks", lambda: said)
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == "It cannot work. Do this."


def test_process_starts_without_a_check_error(start, monkeypatch):
    monkeypatch.setattr("takehome_platform.checks.startup.run_checks", list)
    assert start() == [(_require_valid_settings, None)]


@pytest.mark.parametrize("signal", [worker_init, beat_init], ids=["worker", "timers"])
def test_receiver_is_connected_to_both_signals(signal):
    heard = signal._live_receivers(None)
    assert [each for each in heard if each is _require_valid_settings] != []
