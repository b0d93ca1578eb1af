"""static/shared/replace_part.js in Chromium: what is equal stays the same element."""

import json
import random

import pytest
from playwright.sync_api import Page

from tests.dashboard.views.replace_part.parts import REPLACE, focused, part, replace, rows, show

pytestmark = pytest.mark.slow


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


def test_a_row_that_takes_the_focus_gets_it_from_a_control_that_is_gone(page: Page) -> None:
    row = '<tr id="part" tabindex="-1" data-interview="a"><td>{}</td></tr>'
    page.evaluate(
        "html => { document.getElementById('place').innerHTML = `<table>${html}</table>`; }",
        row.format('<button data-ask="/a/end/">End</button>'),
    )
    page.locator("button").focus()
    page.evaluate(REPLACE, row.format("over"))
    assert focused(page) == "part"


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
