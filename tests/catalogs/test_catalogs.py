"""Every text of the code has a translation, which says the same with the same placeholders."""

from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalogs.extract import SOURCES, extract, placeholders
from catalogs.files import LANGUAGES, as_mo, as_po, catalog_path, is_translated, read
from catalogs.scripts import script, script_path

EVERY = [
    pytest.param(app, language, scripts, id=f"{app}-{language}-{'js' if scripts else 'py'}")
    for app in SOURCES
    for language in LANGUAGES
    for scripts in (False, True)
]
KEYWORD = "run: make messages"


@cache
def found_in(app: str, scripts: bool) -> Catalog:
    return extract(app, scripts=scripts)


def texts(message: Message) -> list[str]:
    string = message.string
    return [str(text) for text in (string if isinstance(string, list | tuple) else (string,))]


@pytest.mark.parametrize(("app", "language", "scripts"), EVERY)
def test_every_text_has_a_translation(app: str, language: str, scripts: bool) -> None:
    catalog = read(catalog_path(app, language, scripts=scripts), language)
    wanted = {(message.context, message.id) for message in found_in(app, scripts) if message.id}
    translated = {
        (message.context, message.id)
        for message in catalog
        if message.id and is_translated(message)
    }
    assert wanted - translated == set(), KEYWORD
    assert {(each.context, each.id) for each in catalog if each.id} - wanted == set(), KEYWORD


@pytest.mark.parametrize(("app", "language", "scripts"), EVERY)
def test_translations_have_the_placeholders_of_the_text(
    app: str, language: str, scripts: bool
) -> None:
    for message in read(catalog_path(app, language, scripts=scripts), language):
        if not message.id or not is_translated(message):
            continue
        plural = str(message.id[-1] if isinstance(message.id, tuple) else message.id)
        for text in texts(message)[-1:]:
            assert placeholders(text) == placeholders(plural), message.id
        for text in texts(message)[:-1]:
            # "One file" needs no number.
            assert placeholders(text) <= placeholders(plural), message.id


@pytest.mark.parametrize(("app", "language", "scripts"), EVERY)
def test_what_is_compiled_is_what_is_written(app: str, language: str, scripts: bool) -> None:
    path = catalog_path(app, language, scripts=scripts)
    if not path.exists():
        assert not found_in(app, scripts)
        return
    catalog = read(path, language)
    assert path.read_bytes() == as_po(catalog), KEYWORD
    assert path.with_suffix(".mo").read_bytes() == as_mo(catalog), KEYWORD


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("app", SOURCES)
def test_no_other_app_translates_a_text_instead(app: str, language: str) -> None:
    """Such as Django's admin, which has texts of its own for "History" and "Save"."""
    wrong = {}
    with translation.override(language):
        for message in read(catalog_path(app, language, scripts=False), language):
            text = message.id
            if not text or not isinstance(text, str) or not is_translated(message):
                continue
            shown = pgettext(message.context, text) if message.context else _(text)
            if shown != message.string:
                wrong[text] = (message.string, shown)
    assert wrong == {}


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_the_scripts_have_the_texts_of_today(language: str) -> None:
    assert script_path(language).read_bytes() == script(language), KEYWORD
