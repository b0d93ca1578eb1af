"""A worker, and whoever keeps the timers, does not start with settings that cannot work."""

import pytest
from celery.signals import beat_init, worker_init
from celery.utils.dispatch import Signal
from django.core import checks

from takehome_platform.celery import _require_valid_settings


@pytest.fixture
def start():
    """A signal as Celery sends it at a start, which only the check of the settings hears."""
    signal = Signal(name="start")
    signal.connect(_require_valid_settings)
    return lambda: signal.send(sender=None)


def test_settings_that_cannot_work_end_it_with_their_sentence(start, monkeypatch):
    said = [checks.Error("It cannot work.", hint="Do this.")]
    monkeypatch.setattr("takehome_platform.checks.startup.run_checks", lambda: said)
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == "It cannot work. Do this."


def test_sound_settings_let_it_start(start, monkeypatch):
    monkeypatch.setattr("takehome_platform.checks.startup.run_checks", list)
    assert start() == [(_require_valid_settings, None)]


@pytest.mark.parametrize("signal", [worker_init, beat_init], ids=["worker", "timers"])
def test_it_is_asked_at_every_start(signal):
    heard = signal._live_receivers(None)
    assert [each for each in heard if each is _require_valid_settings] != []
