"""Parts of a page, and others that take their place."""

from playwright.sync_api import Page

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
