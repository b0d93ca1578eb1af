"""HTML that is put together in Python is escaped."""

import pytest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from dashboard.html import build_html


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("<b>\"'&", "&lt;b&gt;&#34;&#39;&amp;"),
        ("{0}", "{0}"),
        (SafeString("<b>"), "<b>"),
        (gettext_lazy("Copy"), "Copy"),
        (7, "7"),
    ],
)
def test_value_is_escaped_unless_it_is_html(value: object, written: str) -> None:
    built = build_html('<i title="{}">{}</i>', value, value)
    assert built == f'<i title="{written}">{written}</i>'
    assert isinstance(built, SafeString)
