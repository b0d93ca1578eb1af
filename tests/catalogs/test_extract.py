"""What the extraction of texts finds, and what it refuses."""

from pathlib import Path

import pytest

from catalogs import extract

PLURAL = "{% blocktranslate count n=n %}File{% plural %}Files{% endblocktranslate %}"


def write(folder: Path, monkeypatch: pytest.MonkeyPatch, *sources: str) -> None:
    """An app whose templates have these sources."""
    for number, source in enumerate(sources):
        (folder / f"{number}.html").write_text("{% load i18n %}" + source)
    monkeypatch.setattr(extract, "ROOT", folder)
    monkeypatch.setattr(extract, "SOURCES", {"app": ("*.html",)})


def test_text_with_and_without_a_plural_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, monkeypatch, PLURAL, '{% translate "File" %}')
    with pytest.raises(extract.PluralConflictError, match=r"1\.html: 'File'"):
        extract.extract("app", scripts=False)


def test_context_makes_them_two_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, monkeypatch, PLURAL, '{% translate "File" context "a menu" %}')
    found = extract.extract("app", scripts=False)
    assert {(each.context, each.id) for each in found if each.id} == {
        (None, ("File", "Files")),
        ("a menu", "File"),
    }


def write_row(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    (folder / "_row.jinja").write_text(source)
    monkeypatch.setattr(extract, "ROOT", folder)
    monkeypatch.setattr(extract, "SOURCES", {"app": ("*.jinja",)})


def test_texts_of_rows_are_those_that_their_templates_look_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "{% trans %}Link{% endtrans %}{% trans at=x %}Ends {{ at }}{% endtrans %}"
        '{{ pgettext("password", "Show") }}{% trans n=x %}{{ n }} file{% pluralize %}{{ n }} files'
        "{% endtrans %}"
    )
    write_row(tmp_path, monkeypatch, source)
    found = extract.extract("app", scripts=False)
    assert {(each.context, each.id) for each in found if each.id} == {
        (None, "Link"),
        (None, "Ends %(at)s"),
        ("password", "Show"),
        (None, ("%(n)s file", "%(n)s files")),
    }


def test_a_row_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_row(tmp_path, monkeypatch, "{% trans %}Link")
    with pytest.raises(SyntaxError, match=r"_row\.jinja: "):
        extract.extract("app", scripts=False)
