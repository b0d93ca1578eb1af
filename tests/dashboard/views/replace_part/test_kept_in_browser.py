"""static/shared/replace_part.js in Chromium: what was typed, chosen, opened and scrolled stays."""

import pytest
from playwright.sync_api import Page, expect

from takehome_platform.local_stack.config import ROOT
from tests.dashboard.views.replace_part.parts import focused, replace, rows, show

pytestmark = pytest.mark.slow
COPY = (ROOT / "static/shared/copy.js").read_text()


def test_what_is_typed_and_chosen_stays_until_it_is_sent(page: Page) -> None:
    def form(said: str, served: str, chosen: str) -> str:
        options = "".join(
            f"<option value={n}{' selected' if n == chosen else ''}>{n}</option>" for n in "123"
        )
        return (
            f'<p>{said}</p><form action="/send/"><input type="hidden" name="csrfmiddlewaretoken"'
            f' value="{said}"><input type="hidden" name="version" value="{served}">'
            f'<input name="typed" value="{served}"><input name="left" value="{served}">'
            f'<textarea name="note">{served}</textarea>'
            '<input type="checkbox" name="row" value="1">'
            '<input type="checkbox" name="row" value="2" checked>'
            '<input type="radio" name="way" value="all" checked>'
            '<input type="radio" name="way" value="some">'
            f'<select name="touched">{options}</select><select name="served">{options}</select>'
            '<select name="free"><option>one</option></select></form>'
        )

    show(page, form("before", "first", "1"))
    page.locator("[name=note]").fill("half a sentence")
    page.locator("[name=row][value='1']").check()
    page.locator("[name=row][value='2']").uncheck()
    page.locator("[name=way][value=some]").check()
    page.locator("[name=touched]").select_option("3")
    page.locator("[name=typed]").fill("being typed")
    page.evaluate("document.activeElement.setSelectionRange(2, 4)")
    assert replace(page, form("after", "second", "2").replace(">one<", ">new</option><option>one<"))
    assert page.locator("p").inner_text() == "after"
    expect(page.locator("[name=typed]")).to_have_value("being typed")
    assert page.evaluate(
        "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    ) == [2, 4]
    expect(page.locator("[name=note]")).to_have_value("half a sentence")
    expect(page.locator("[name=row][value='1']")).to_be_checked()
    expect(page.locator("[name=row][value='2']")).not_to_be_checked()
    expect(page.locator("[name=way][value=some]")).to_be_checked()
    expect(page.locator("[name=touched]")).to_have_value("3")
    # What nobody touched is as it was fetched; where the page marks none, the first one stays.
    untouched = {"left": "second", "version": "second", "served": "2", "free": "one"}
    for name, value in untouched.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)
    # The token of the page is as good as that of the answer.
    expect(page.locator("[name=csrfmiddlewaretoken]")).to_have_value("before")
    # An option that is gone cannot stay.
    replace(page, form("gone", "second", "2").replace("<option value=3>3</option>", ""))
    expect(page.locator("[name=touched]")).to_have_value("2")


def test_what_is_typed_stays_in_a_row_that_is_known_by_its_link(
    page: Page,
) -> None:
    def notes(said: str, *names: str) -> str:
        row = '<li><a href="/{0}/">{0}</a> {1} <input name="note"></li>'
        return "<ul>" + "".join(row.format(name, said) for name in names) + "</ul>"

    show(page, notes("before", "a", "b"))
    page.locator("li", has_text="b before").locator("input").fill("about b")
    replace(page, notes("after", "b", "new", "a"))
    values = page.locator("input").evaluate_all("inputs => inputs.map((input) => input.value)")
    assert values == ["about b", "", ""]


def test_a_field_that_has_the_focus_and_nothing_typed_gets_what_was_saved(page: Page) -> None:
    def address(of: str) -> str:
        return f'<form action="/send/"><input name="email" value="{of}"></form>'

    show(page, address("ada@example.org"))
    page.locator("[name=email]").focus()
    assert replace(page, address("ada@example.com"))
    expect(page.locator("[name=email]")).to_have_value("ada@example.com")
    expect(page.locator("[name=email]")).to_be_focused()


def test_a_button_that_says_copied_gets_its_label_back(page: Page) -> None:
    def button(said: str) -> str:
        label = "<span data-copy-label>Copy</span>"
        return f'<p>{said}</p><button data-copy="text">{label}</button>'

    page.add_script_tag(
        content=f"window.gettext = (text) => text; window.announce = () => {{}}; {COPY}"
    )
    page.clock.install()
    show(page, button("before"))
    for number in range(2):
        page.evaluate("showOnButton(document.querySelector('[data-copy]'), 'Copied')")
        expect(page.locator("[data-copy]")).to_have_text("Copied")
        assert replace(page, button(f"after {number}"))
        page.clock.run_for(3_000)
        expect(page.locator("[data-copy]")).to_have_text("Copy")


def test_a_token_alone_is_no_change(page: Page) -> None:
    form = '<form action="/a/"><input type="hidden" name="csrfmiddlewaretoken" value="{}"></form>'
    show(page, form.format("one"))
    assert replace(page, form.format("two")) is False


def test_a_selection_and_the_place_in_a_box_stay(page: Page) -> None:
    def boxes(*names: str) -> str:
        text = "<p>many words</p>" * 20
        return "".join(f'<div class="box" id="box-{name}">{text}</div>' for name in names)

    show(page, "<p id=above>old</p>" + boxes("a", "b") + "<p id=link>https://example.com/test</p>")
    page.evaluate(
        """() => {
          Object.assign(document.getElementById("box-a"), { scrollTop: 33, scrollLeft: 21 });
          document.getElementById("box-b").scrollTop = 7;
          getSelection().selectAllChildren(document.getElementById("link"));
        }"""
    )
    link = "<p id=link>https://example.com/test</p>"
    replace(page, "<p id=above>new</p>" + boxes("b", "c", "a") + link)
    places = page.evaluate(
        "['a', 'b'].map((name) => document.getElementById(`box-${name}`))"
        ".map((box) => [box.scrollTop, box.scrollLeft])"
    )
    assert places == [[33, 21], [7, 0]]
    assert page.evaluate("getSelection().toString()") == "https://example.com/test"


def test_what_is_opened_and_closed_is_the_persons_own(page: Page) -> None:
    def folds(order: str, said: str) -> str:
        return f"<p>{said}</p>" + "".join(
            f"<details{' open' if name in 'bd' else ''}><summary>Why {name}</summary>{said}"
            "</details>"
            for name in order
        )

    show(page, folds("abc", "before"))
    for name in "ab":
        page.locator("summary", has_text=f"Why {name}").click()
    assert replace(page, folds("dcba", "after"))
    opened = page.locator("details[open] summary")
    # One that is new is as it was fetched.
    assert opened.all_inner_texts() == ["Why d", "Why a"]
    assert replace(page, folds("dcba", "after")) is False
    page.locator("summary", has_text="Why c").focus()
    replace(page, folds("cd", "later"))
    assert page.evaluate("document.activeElement.textContent") == "Why c"


def test_a_question_that_is_asked_stays_open(page: Page) -> None:
    dialog = '<dialog id="ask"><p>{}</p><button id="yes">Yes</button></dialog>'
    show(page, dialog.format("Really?") + rows("a", "b"))
    page.evaluate("document.getElementById('ask').showModal()")
    page.locator("#yes").focus()
    # Above it or moved below the rest, and with another text.
    for inner in (
        "<p>new</p>" + dialog.format("Sure?") + rows("a"),
        rows("a") + dialog.format("?"),
    ):
        replace(page, inner)
        assert page.evaluate("document.getElementById('ask').matches(':modal')")
        assert focused(page) == "yes"
    replace(page, rows("a"))
    assert focused(page) == "heading"
