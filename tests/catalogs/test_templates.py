"""What a template says to people is marked for translation."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Comment, Doctype
from bs4.element import NavigableString
from django.template.base import Lexer, TokenType
from jinja2 import Environment

from catalogs.extract import ROOT

# The API's documentation is English, as the OpenAPI document is.
IN_ENGLISH = {
    "templates/dashboard/api_docs/_endpoint.html",
    "templates/dashboard/api_docs/_fields.html",
}
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt", ".jinja")
)
# Attributes that are read out or shown.
SPOKEN = ("alt", "aria-label", "aria-description", "placeholder", "title", "data-copied")
# The same in every language: names, units, examples of code.
NAMES = re.compile(
    r"Takehome Platform|UTC|CSV|API|CPUs?|MiB|[KMG]B|JSON|README(\.md)?|VS Code|https?:\S+|Ctrl|"
    r"Esc|[\w.-]+@[\w.-]+|[a-z_]+\.(csv|py|md)|\b(ms|min|px)\b|node_modules|\.venv|tar\.gz"
)
WORD = re.compile(r"[^\W\d_]{2,}")
TRANSLATED = {"blocktranslate", "blocktrans"}
# Blocks that stand inside a tag.
ATTRIBUTES = {"address", "bodyclass", "coltype", "main_class", "order"}


def untranslated(source: str, suffix: str = ".html") -> list[str]:
    """The texts of a template that stand outside {% translate %}, {% blocktranslate %} and
    {% trans %}."""
    kept = _kept_of_jinja(source) if suffix == ".jinja" else _kept_of_django(source)
    page = BeautifulSoup("".join(kept), "html.parser")
    for english in page.find_all(lang="en"):
        english.decompose()
    texts = [
        str(text)
        for text in page.find_all(string=True)
        if isinstance(text, NavigableString)
        and not isinstance(text, Comment | Doctype)
        and text.parent is not None
        and text.parent.name not in ("script", "style", "code", "kbd")
    ]
    texts += [str(tag[name]) for tag in page.find_all() for name in SPOKEN if tag.get(name)]
    return [text.strip() for text in texts if WORD.search(NAMES.sub("", text))]


def _kept_of_jinja(source: str) -> list[str]:
    kept: list[str] = []
    is_marked, last = False, ""
    for _line, kind, value in Environment().lex(source):
        if last == "block_begin" and value in ("trans", "endtrans"):
            is_marked = value == "trans"
        if kind == "data" and not is_marked:
            kept.append(value)
        if kind != "whitespace":
            last = kind
    return kept


def _kept_of_django(source: str) -> list[str]:
    kept: list[str] = []
    left_out: list[str] = []
    for token in Lexer(source).tokenize():
        name, _, argument = token.contents.partition(" ")
        is_block = token.token_type == TokenType.BLOCK
        if is_block and (name in TRANSLATED or (name == "block" and argument in ATTRIBUTES)):
            left_out.append(f"end{name}")
        elif is_block and left_out and name == left_out[-1]:
            left_out.pop()
        elif token.token_type == TokenType.TEXT and not left_out:
            kept.append(token.contents)
    return kept


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in TEMPLATES]
)
def test_every_text_is_marked_for_translation(path: Path) -> None:
    found = untranslated(path.read_text(), path.suffix)
    # One that is marked by now is no exception any more.
    assert bool(found) == (path.relative_to(ROOT).as_posix() in IN_ENGLISH), found


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello there</p>",
        '<a title="Hello">{% translate "Hi" %}</a>',
        "{% blocktranslate %}Hi{% endblocktranslate %}<b>{{ name }} left</b>",
        "{% block main_class %}page{% endblock %}{% block title %}Page{% endblock %}",
        '<p lang="en">Hello</p><p>there</p>',
    ],
)
def test_a_text_that_is_not_marked_is_found(source: str) -> None:
    assert len(untranslated(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello there</p>",
        '<a title="Hello">{% trans %}Hi{% endtrans %}</a>',
        "{% trans %}Hi{% endtrans %}<b>{{ name }} left</b>",
    ],
)
def test_a_text_that_a_row_does_not_mark_is_found(source: str) -> None:
    assert len(untranslated(source, ".jinja")) == 1
