"""Each short form of a duration, over all its boundaries."""

from datetime import timedelta

import pytest
from django.utils import translation

from dashboard.presenters import durations

MINUTES = {0: "", 1: "1 min", 45: "45 min", 60: "1 h", 90: "1 h 30 min", 1500: "25 h"}
MINUTES_ROUNDED = {
    0: "0 s",
    59.9: "59 s",
    60: "1 min",
    89: "1 min",
    91: "2 min",
    4344: "1 h 12 min",
}
MINUTES_ROUNDED_UP = {
    0: "0 s",
    59.9: "59 s",
    60: "1 min",
    61: "2 min",
    3600: "1 h",
    3601: "1 h 1 min",
}
EXACT = {
    0: "0 s",
    40: "40 s",
    60: "1 min",
    125: "2 min 5 s",
    3599: "59 min 59 s",
    3600: "1 h",
    3605: "1 h",
    5400: "1 h 30 min",
}
SECONDS = {0.4: "0 s", 12.3: "12 s", 59.6: "1 min 0 s", 95: "1 min 35 s", 120: "2 min 0 s"}
STEP = {
    0: "0.1 s",
    3.4: "3.4 s",
    59.94: "59.9 s",
    59.97: "1 min",
    75.2: "1 min 15 s",
    120: "2 min",
}
MEASURED = {
    0: "0.0 s",
    4.25: "4.3 s",
    9.94: "9.9 s",
    9.96: "10 s",
    59.4: "59 s",
    59.6: "1 min",
    95: "1 min 35 s",
    3599.6: "1 h 0 min",
    4000: "1 h 7 min",
    7199: "2 h 0 min",
}


@pytest.mark.parametrize(("count", "words"), MINUTES.items())
def test_minutes(count: int, words: str) -> None:
    assert durations.minutes(count) == words


@pytest.mark.parametrize(
    ("form", "seconds", "words"),
    [
        (form, seconds, words)
        for form, cases in (
            (durations.minutes_rounded, MINUTES_ROUNDED),
            (durations.minutes_rounded_up, MINUTES_ROUNDED_UP),
            (durations.exact, EXACT),
        )
        for seconds, words in cases.items()
    ],
)
def test_lengths(form, seconds, words):
    assert form(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("form", "seconds", "words"),
    [
        (form, seconds, words)
        for form, cases in (
            (durations.seconds, SECONDS),
            (durations.step, STEP),
            (durations.measured, MEASURED),
        )
        for seconds, words in cases.items()
    ],
)
def test_seconds(form, seconds, words):
    assert form(seconds) == words


@pytest.mark.parametrize("form", [durations.step, durations.measured])
def test_tenths_are_written_as_in_the_language_of_the_reader(form):
    with translation.override("de"):
        assert form(4.3) == "4,3 s"


@pytest.mark.parametrize(("language", "words"), [("en", "25%"), ("de", "25\u202f%")])
def test_percent(language: str, words: str) -> None:
    with translation.override(language):
        assert durations.percent(25) == words
