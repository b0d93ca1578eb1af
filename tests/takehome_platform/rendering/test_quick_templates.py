"""Templates that are compiled for speed render what Jinja2 renders."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from dashboard.permissions.roles import Actor, Permission
from dashboard.presenters.interviews.rows.row import Row
from dashboard.presenters.interviews.rows.row_html import FUNCTIONS, render_rows
from interviews.attributes import LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.indexes import TimelineEntry
from interviews.lifecycle import Status
from interviews.models import Interview
from takehome_platform.local_stack.config import ROOT
from takehome_platform.rendering.quick_templates import (
    INCLUDE,
    InliningLoader,
    QuickEnvironment,
    Translations,
)
from takehome_platform.rendering.template_texts import translations_to
from takehome_platform.templatetags.elements import badge, copy_button

LISTS = ["take_homes", "live_interviews", "history"]


def interview_of(type_: str, status: Status) -> Interview:
    at = now()
    return Interview(
        id="i-<&'>",
        type=type_,
        status=status.value,
        candidate_name="<b>Zoë & \"Co'</b>",
        candidate_email="zoe@example.com",
        challenge="a & b",
        duration_minutes=90,
        extra_seconds=600,
        passcode="ABCDEFGH",
        access_url="http://w.localhost:1/?a&b",
        password="p<w",
        problem="it <broke>",
        time_changes=1,
        created_at=at,
        created_by="b<b",
        valid_until=at + timedelta(hours=2),
        scheduled_at=at,
        auto_destroy_at=at + timedelta(hours=1),
        completed_at=at,
        timeline=[
            TimelineEntry(status="activated", at=at, by="candidate"),
            TimelineEntry(status=status.value, at=at, by="candidate", what="problem_reported"),
        ],
    )


def without_spaces(html: str) -> str:
    return re.sub(r"\s+", "", re.sub(r'name="csrf[^>]*>', "", html))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("status", [*Status])
def test_rows_are_those_of_jinja(name: str, status: Status, language: str) -> None:
    jinja = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    jinja.newstyle_gettext = True  # type: ignore[attr-defined]
    jinja.globals |= {"badge": badge, "copy_button": copy_button, **FUNCTIONS}
    template = f"dashboard/{name}/_row.jinja"
    request: Any = RequestFactory().get("/")
    request.actor = Actor("ada", frozenset(Permission))
    for type_ in (TAKE_HOME, LIVE):
        interview = interview_of(type_, status)
        row = Row(interview, "A & B", "http://h/<x>", request.actor, not_delivered=True)
        with translation.override(language):
            theirs = jinja.get_template(template).render(
                row=row,
                interview=interview,
                request=request,
                csrf_input=lambda: Markup(""),
                **translations_to(language),
            )
            ours = render_rows(request, template, [row, row])
        assert without_spaces(ours) == without_spaces(theirs) * 2


@pytest.fixture
def environment(tmp_path: Path) -> QuickEnvironment:
    made = QuickEnvironment(
        loader=InliningLoader(tmp_path),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[Translations],
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    return made


def test_changed_file_is_read_again_where_it_is_included(
    environment: QuickEnvironment, tmp_path: Path
) -> None:
    (tmp_path / "row.jinja").write_text('<a>{% include "name.jinja" %}</a>')
    name = tmp_path / "name.jinja"
    name.write_text("{{ name }}\n")
    assert environment.get_template("row.jinja").render(name="<Ada>") == "<a>&lt;Ada&gt;</a>"
    name.write_text("no name\n")
    os.utime(name, (1, 1))
    assert environment.get_template("row.jinja").render(name="Ada") == "<a>no name</a>"


def _set_names(template: str) -> dict[str, set[str]]:
    """The variables that a template sets, and those that are included in it, by the template."""
    source = (ROOT / "templates" / template).read_text()
    found = {template: set(re.findall(r"{% set (\w+)", source))}
    for included in INCLUDE.findall(source):
        found |= _set_names(included)
    return found


@pytest.mark.parametrize(
    "template",
    [str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.jinja")],
)
def test_no_included_template_sets_a_variable_of_the_other(template: str) -> None:
    names = [name for names in _set_names(template).values() for name in names]
    assert len(names) == len(set(names)), _set_names(template)


def test_each_language_has_templates_of_its_own(
    environment: QuickEnvironment, tmp_path: Path
) -> None:
    (tmp_path / "base.jinja").write_text(
        "{% trans %}Link{% endtrans %}{% block end %}{% endblock %}"
    )
    (tmp_path / "row.jinja").write_text(
        '{% extends "base.jinja" %}{% block end %} {% include inner %}{% endblock %}'
    )
    (tmp_path / "part.jinja").write_text(
        "{% trans n=n %}{{ n }} review{% pluralize %}{{ n }} reviews{% endtrans %}"
    )
    found = {}
    for language in ("en", "de", "en"):
        with translation.override(language):
            template = environment.get_template("row.jinja")
            found[language] = template.render(inner="part.jinja", n=2)
    assert found == {"en": "Link 2 reviews", "de": "Link 2 Bewertungen"}


def test_translations_are_those_of_the_language(environment: QuickEnvironment) -> None:
    environment.language = "de"
    source = (
        '{% trans %}Link{% endtrans %} {% trans name="<b>" %}Select {{ name }}{% endtrans %}'
        " {% trans %}100% of it{% endtrans %}"
    )
    rendered = environment.from_string(source).render()
    assert rendered == "Link &lt;b&gt; auswählen 100% of it"


def test_function_of_the_environment_gets_its_arguments(environment: QuickEnvironment) -> None:
    environment.globals["joined"] = lambda *words, by: by.join(words)
    assert environment.from_string("{{ joined('a', 'b', by='<') }}").render() == "a&lt;b"


def test_unknown_name_is_an_error(environment: QuickEnvironment) -> None:
    with pytest.raises(UndefinedError):
        environment.from_string("{{ unknown.name }}").render()
