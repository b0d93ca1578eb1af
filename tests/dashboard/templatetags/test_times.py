"""Times on pages of staff: what they look like without a script, and what a script gets."""

from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from dashboard.templatetags.times import full_time, relative_time, short_time, time_element

AT = datetime(2030, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_short_time_in_each_language() -> None:
    time = '<time datetime="2030-03-04T05:06:07+00:00" data-when>{}</time>'
    assert short_time(AT) == time.format("4 Mar, 05:06")
    with translation.override("de"):
        assert short_time(AT) == time.format("4 Mär, 05:06")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("style", ["full", "relative", "date", "clock"])
def test_other_times_are_those_of_the_template(style: str, language: str) -> None:
    with translation.override(language):
        template = render_to_string("shared/_time.html", {"at": AT, "style": style})
        assert time_element(AT, style) == template.strip()


def test_filters_say_how_a_time_is_written() -> None:
    assert full_time(AT) == time_element(AT, "full")
    assert relative_time(AT) == time_element(AT, "relative")


def test_no_time_is_nothing() -> None:
    assert short_time(None) == full_time(None) == relative_time(None) == ""
