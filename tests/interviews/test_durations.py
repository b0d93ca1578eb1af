"""Each long form of a duration, over all its boundaries."""

from datetime import timedelta

import pytest
from django.utils import translation

from interviews import durations

IN_WORDS = {
    -1: "",
    0: "",
    1: "1 second",
    60: "1 minute",
    125: "2 minutes 5 seconds",
    3600: "1 hour",
    9000: "2 hours 30 minutes",
    3661: "1 hour 1 minute 1 second",
}
IN_WHOLE_MINUTES = {
    1: "1 minute",
    60: "1 minute",
    60.5: "1 minute",
    61: "2 minutes",
    2700: "45 minutes",
    3600: "1 hour",
    7500: "2 hours 5 minutes",
}
ESTIMATE = {
    0.2: "about 5 seconds",
    5: "about 5 seconds",
    5.1: "about 10 seconds",
    17.3: "about 20 seconds",
    55: "about 55 seconds",
    55.1: "about a minute",
    60: "about a minute",
    60.1: "about 2 minutes",
    240: "about 4 minutes",
}
ESTIMATE_MINUTES = {
    0: "about a minute",
    61: "about 2 minutes",
    900: "about 15 minutes",
    901: "about 20 minutes",
    1200: "about 20 minutes",
    3601: "about 65 minutes",
    6900: "about 115 minutes",
    6901: "about 2 hours",
    7200: "about 2 hours",
    7201: "about 3 hours",
}


@pytest.mark.parametrize(
    ("form", "seconds", "words"),
    [
        (form, seconds, words)
        for form, cases in (
            (durations.in_words, IN_WORDS),
            (durations.in_whole_minutes, IN_WHOLE_MINUTES),
            (durations.estimate, ESTIMATE),
            (durations.estimate_minutes, ESTIMATE_MINUTES),
        )
        for seconds, words in cases.items()
    ],
)
def test_lengths(form, seconds, words):
    assert form(timedelta(seconds=seconds)) == words


def test_durations_are_in_the_language_of_the_reader():
    with translation.override("de"):
        assert durations.in_words(timedelta(hours=1, minutes=30)) == "1 Stunde 30 Minuten"
        assert durations.estimate(timedelta(seconds=61)) == "etwa 2 Minuten"
        assert durations.estimate(timedelta(seconds=12)) == "etwa 15 Sekunden"
