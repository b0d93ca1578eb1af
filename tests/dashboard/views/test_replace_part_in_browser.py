"""static/shared/replace_part.js in Chromium: what a person has in a part of a page stays."""

import json
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.views.interviews.test_zones_in_browser import ORIGIN, browser_page

pytestmark = pytest.mark.slow

SHELL = """<!doctype html><meta charset="utf-8">
<style>.box { height: 40px; width: 80px; overflow: auto } .box p { margin: 0; width: 300px }</style>
<h1 id="title" tabindex="-1">Page</h1><div id="place"></div>
<script>window.htmx = { process() {} };</script>
<script src="/static/shared/replace_part.js"></script>"""
REPLACE = """html => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return replacePart(document.getElementById("part"), template.content.firstElementChild);
}"""


@pytest.fixture
def page() -> Iterator[Page]:
    with browser_page({"/shell/": SHELL.encode()}) as (page, _posted):
        page.goto(f"{ORIGIN}/shell/")
        yield page


def part(inner: str) -> str:
    return f'<section id="part" data-part>{inner}</section>'


def show(page: Page, inner: str) -> None:
    page.evaluate("html => { document.getElementById('place').innerHTML = html; }", part(inner))


def replace(page: Page, inner: str) -> bool:
    return bool(page.evaluate(REPLACE, part(inner)))


def row(name: str, said: str = "", extra: str = "") -> str:
    return (
        f'<li data-interview="{name}"><a href="/{name}/">{name}</a> <em>{said}</em>'
        f' <button data-ask="/{name}/end/">End</button>{extra}</li>'
    )


def rows(*names: str, said: str = "") -> str:
    inner = "".join(row(name, said) for name in names)
    return f'<h2 id="heading" tabindex="-1">Rows</h2><ul>{inner}</ul>'


def focused(page: Page) -> str:
    """What has the focus: the address that a control asks, or the id."""
    return str(page.evaluate("(document.activeElement.dataset.ask ?? document.activeElement.id)"))


def trees(seed: int) -> str:
    """A part as pages have them, with controls, rows, and texts in any order."""
    made = random.Random(seed)

    def node(depth: int) -> str:
        name = made.choice("abcdef")
        kinds = [
            f"text {name}",
            f'<a href="/{name}/">{made.choice("xy")}</a>',
            f'<button data-ask="/{name}/">{name}</button>',
            f'<input name="{name}" value="{made.choice("12")}">',
            f'<input type="checkbox" name="row" value="{name}"{made.choice(["", " checked"])}>',
            f'<p id="{name}{depth}{made.random()}" class="{made.choice("pq")}">{name}</p>',
            f"<!-- {name} --><pre>{name}</pre>",
            f'<svg viewBox="0 0 {made.randint(1, 9)} 9"><path d="M{name}"/></svg>',
            f"<select name={name}><option value=1>1<option value=2 selected>{name}</select>",
            f"<textarea name={name}>{made.choice('uv')}</textarea>",
        ]
        if depth == 0 or made.random() < 0.4:
            return made.choice(kinds)
        inner = "".join(node(depth - 1) for _ in range(made.randint(0, 5)))
        tag = made.choice(["div", "ul", "section", f'li data-interview="{name}"'])
        return f"<{tag}>{inner}</{tag.split()[0]}>"

    return "".join(node(3) for _ in range(made.randint(0, 6)))


def test_a_part_becomes_what_was_fetched(page: Page) -> None:
    pairs = [(part(trees(seed)), part(trees(seed + 1))) for seed in range(300)]
    wrong = page.evaluate(
        """pairs => pairs.map(([before, after], seed) => {
          const place = document.getElementById("place");
          const [shown, fetched, meant] = [before, after, after].map((html) => {
            const template = document.createElement("template");
            template.innerHTML = html;
            return template.content.firstElementChild;
          });
          place.replaceChildren(shown);
          const isSame = shown.isEqualNode(fetched);
          const hasChanged = replacePart(shown, fetched);
          const values = (root) => [...root.querySelectorAll("input, select, textarea")]
            .map((field) => [field.value, field.checked]);
          const isRight = shown.isEqualNode(meant) && hasChanged === !isSame
            && JSON.stringify(values(shown)) === JSON.stringify(values(meant));
          return isRight ? null : [seed, shown.outerHTML, meant.outerHTML];
        }).filter(Boolean)""",
        pairs,
    )
    assert wrong == [], json.dumps(wrong[0], indent=1)


def test_a_focused_control_stays_the_same_element_among_moving_rows(page: Page) -> None:
    show(page, rows("a", "b", "c"))
    button = page.locator("[data-ask='/b/end/']")
    button.focus()
    page.evaluate(
        "() => { window.told = 0; addEventListener('focusin', () => { told += 1; });"
        " window.held = document.activeElement; }"
    )
    # Above it, below it, and all around it.
    orders = (
        "new a b c",
        "a b c new",
        "b c",
        "c new b d",
        "b d c",
        "e d c b",
        "b",
        "b a e",
        "a e b",
        "b a e",
    )
    for names in map(str.split, orders):
        assert replace(page, rows(*names, said="changed"))
        assert page.locator("li a").all_inner_texts() == names
        assert page.evaluate("document.activeElement === held")
    # It was never away, so that a screen reader doesn't say it again.
    assert page.evaluate("told") == 0


def test_the_focus_never_gets_to_the_same_button_of_another_row(page: Page) -> None:
    show(page, rows("a", "b"))
    page.locator("[data-ask='/b/end/']").focus()
    replace(page, rows("a", "c"))
    assert focused(page) == "heading"
    # The label alone is no reason.
    named = '<div data-interview="{}"><button>End</button></div>'
    show(page, named.format("a") + named.format("b"))
    page.locator("[data-interview=b] button").focus()
    replace(page, named.format("a") + named.format("c"))
    assert focused(page) == "title"


def test_a_control_that_is_disabled_or_hidden_gives_the_focus_to_the_heading(page: Page) -> None:
    heading = '<h2 id="heading" tabindex="-1">Runs</h2>'
    for after in ("<button id=run disabled>Run</button>", "<button id=run hidden>Run</button>", ""):
        show(page, f"{heading}<button id=run>Run</button>")
        page.locator("#run").focus()
        replace(page, heading + after)
        assert focused(page) == "heading"


def test_nothing_is_read_again_because_it_was_put_in_anew(page: Page) -> None:
    alert = '<p role="alert">The row is refused.</p><div aria-live="polite">Two rows</div>'
    show(page, alert + rows("a"))
    page.evaluate(
        """() => {
          window.changes = [];
          const live = "[role=alert], [aria-live]";
          const about = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(live);
          new MutationObserver((records) => {
            for (const { target, addedNodes } of records) {
              const found = [target, ...addedNodes].filter(about);
              changes.push(...found.map((node) => node.outerHTML ?? node.data));
            }
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }"""
    )
    replace(page, "<p>first</p>" + alert + rows("b", "a"))
    assert page.evaluate("changes") == []
    replace(page, "<p>first</p>" + alert.replace("Two", "Three") + rows("b", "a"))
    assert page.evaluate("changes") == ["Three rows"]


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


def test_parts_of_a_page_are_found_by_their_ids(page: Page) -> None:
    changed = page.evaluate(
        """() => {
          const place = document.getElementById("place");
          place.innerHTML = "<p id=a data-part>a</p><p id=b data-part>b</p>";
          const fresh = document.createElement("template");
          fresh.innerHTML = "<p id=a data-part>a</p><p id=c data-part>c</p><p id=b data-part>B</p>";
          return [replaceParts(fresh.content), replaceParts(fresh.content), place.textContent];
        }"""
    )
    assert changed == [True, False, "aB"]
