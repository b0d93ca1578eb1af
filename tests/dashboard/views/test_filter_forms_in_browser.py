"""Filter forms after Back, in Chromium: they show what the page shows, not what was chosen last."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import expect

from dashboard.permissions.roles import ADMINISTRATOR
from interviews.models import Interview
from takehome_platform.local_stack.config import ROOT
from tests.conftest import member
from tests.dashboard.browser import ORIGIN, OpenPage
from tests.reviewing import finish

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# By the page's path: a field of its form, a choice that is made in it, and the one that is there.
FORMS = {
    "/": ("select[name=sort]", "name", ""),
    "/history/": ("select[name=status]", "completed", ""),
    "/audit/": ("select[name=what]", "invited", ""),
    "/challenges/word-count/compare/": ("select[name=by]", "recruiter", ""),
}


@pytest.fixture
def pages(client: Client, invite: Callable[..., Interview]) -> dict[str, bytes]:
    finish(invite())
    invite(candidate_name="Grace Hopper")
    client.force_login(member("boss", ADMINISTRATOR))
    return {path: client.get(path).content for path in FORMS}


@pytest.mark.parametrize("path", FORMS)
def test_a_form_shows_what_the_page_shows(
    pages: dict[str, bytes], path: str, browser_page: OpenPage
) -> None:
    name, choice, shown = FORMS[path]
    with browser_page(pages) as (page, _):
        page.goto(ORIGIN + path)
        field = page.locator(name)
        choices = field.locator("option").evaluate_all("all => all.map((each) => each.value)")
        choice = choice if choice in choices else next(each for each in choices if each)

        def send() -> None:
            page.evaluate(
                "([name, choice]) => { const field = document.querySelector(name);"
                " field.value = choice; field.form.requestSubmit(); }",
                [name, choice],
            )
            page.wait_for_url(f"**?*={choice}*")

        send()
        page.go_back()
        expect(field).to_have_value(shown)
        expect(field).to_be_enabled()
        # As a browser keeps a page that it did not unload.
        page.evaluate(
            """([name, choice]) => {
              for (const field of document.querySelector(name).form.elements) field.disabled = true;
              document.querySelector(name).value = choice;
              window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
            }""",
            [name, choice],
        )
        expect(field).to_have_value(shown)
        expect(field).to_be_enabled()


def test_each_form_of_a_filter_keeps_browsers_from_filling_it() -> None:
    forms = [
        form
        for path in sorted((ROOT / "templates" / "dashboard").rglob("*.html"))
        for form in re.findall(r"<form[^>]*>", path.read_text())
        if 'method="get"' in form
    ]
    assert len(forms) >= len(FORMS)
    assert [form for form in forms if 'autocomplete="off"' not in form] == []
