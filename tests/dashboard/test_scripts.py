"""Each page loads what its scripts call, before the script that calls it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from takehome_platform.embedded.config import ROOT

TEMPLATES = ROOT / "templates"
FOLDERS = (ROOT / "static", *(ROOT / app / "static" for app in ("dashboard", "candidate_portal")))
SCRIPTS = {str(path.relative_to(root)): path for root in FOLDERS for path in root.rglob("*.js")}
BLOCK = re.compile(r"{% block scripts %}(.*?){% endblock", re.S)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def named(text: str) -> list[str]:
    return [name for name in re.findall(r"{% static '([^']+\.js)' %}", text) if name in SCRIPTS]


def chain(template: Path) -> Iterator[str]:
    """What the template says, then what the one says that it extends, and so on."""
    text = template.read_text()
    yield text
    if parent := re.match(r"{% extends ['\"]([^'\"]+)", text):
        yield from chain(TEMPLATES / parent[1])


def loaded(template: Path) -> list[str]:
    """In the order of their work: a block replaces the one of the page that is extended."""
    texts = list(chain(template))
    block = next((found[1] for text in texts if (found := BLOCK.search(text))), "")
    *pages, base = (named(BLOCK.sub("", text)) for text in texts)
    return [*base, *named(block), *(name for page in pages for name in page)]


def code(script: str) -> str:
    return COMMENT.sub("", SCRIPTS[script].read_text())


def offers(script: str) -> set[str]:
    return set(re.findall(r"\bwindow\.(\w+) = ", code(script)))


GLOBALS = {name for script in SCRIPTS for name in offers(script)}


def calls(script: str) -> set[str]:
    """`window.name?.` is for what need not be there."""
    return {name for name in GLOBALS if re.search(rf"(?<![.\w]){name}[.(]", code(script))}


PAGES = [path for path in TEMPLATES.rglob("*.html") if BLOCK.search(path.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_what_a_script_calls_is_loaded_before_it(page: Path) -> None:
    there: set[str] = set()
    for script in loaded(page):
        there |= offers(script)
        assert calls(script) <= there, script


def test_the_scripts_and_what_they_offer_are_found() -> None:
    assert {"fragment", "elements"} == offers("dashboard/fragment.js")
    assert {"gathered"} == offers("shared/gathered.js")
    assert {"fragment", "elements", "gathered"} < calls("dashboard/rows.js")
    history = loaded(TEMPLATES / "dashboard/history.html")
    assert history[-1] == "dashboard/copied.js"
    assert "dashboard/filter.js" not in history
