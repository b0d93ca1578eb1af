"""The texts of Jinja2 templates: translated, with what stands in a placeholder's place escaped."""

import pytest
from django.utils import translation

from takehome_platform.rendering.template_texts import translations_to


def test_each_language_has_its_own_texts() -> None:
    found = {}
    for language in ("en", "de", "en"):
        with translation.override(language):
            found[language] = str(translations_to(language)["gettext"]("Challenge"))
    assert found == {"en": "Challenge", "de": "Aufgabe"}


@pytest.mark.parametrize(
    ("name", "texts", "shown"),
    [
        ("gettext", ("Select %(name)s",), "Select &lt;b&gt;"),
        ("pgettext", ("a place", "Select %(name)s"), "Select &lt;b&gt;"),
        ("ngettext", ("One of %(name)s", "%(n)s of %(name)s", 2), "2 of &lt;b&gt;"),
    ],
)
def test_what_stands_in_a_placeholder_is_escaped(name: str, texts: tuple, shown: str) -> None:
    values = {"n": texts[-1]} if name == "ngettext" else {}
    with translation.override("en"):
        assert translations_to("en")[name](*texts, name="<b>", **values) == shown


def test_number_chooses_the_plural() -> None:
    ngettext = translations_to("en")["ngettext"]
    with translation.override("en"):
        found = [ngettext("%(n)s file", "%(n)s files", n, n=n) for n in (1, 2)]
    assert found == ["1 file", "2 files"]
