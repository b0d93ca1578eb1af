"""Each page loads the globals that a script needs, before that script."""

import re
from pathlib import Path

import pytest

from takehome_platform.local_stack.config import ROOT
from takehome_platform.rendering.static_bundles import files_of

TEMPLATES = ROOT / "templates"
FOLDERS = (ROOT / "static", *(ROOT / app / "static" for app in ("dashboard", "candidate_portal")))
SCRIPTS = {str(path.relative_to(root)): path for root in FOLDERS for path in root.rglob("*.js")}
BLOCK = re.compile(r"{% block (?:own_|base_)?scripts %}.*?{% endblock", re.S)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


# A script, or a bundle of them, in a template of Django's or of Jinja2's.
LOADED = re.compile(r"{% static '([^']+\.js)' %}|{[{%] bundle[ (]\"([^\"]+\.js)\"\)? [}%]}")


def named(text: str) -> list[str]:
    found: list[str] = []
    for script, bundle in LOADED.findall(text):
        found += [script] if script else files_of(bundle, "en")
    return [name for name in found if name in SCRIPTS]


def chain(template: Path) -> list[str]:
    """The text of the template, then of each template that it extends."""
    text = template.read_text()
    parent = re.match(r"{% extends ['\"]([^'\"]+)", text)
    if not parent or not (TEMPLATES / parent[1]).exists():
        return [text]
    return [text, *chain(TEMPLATES / parent[1])]


def block(name: str, texts: list[str]) -> tuple[str, bool]:
    """The block of the nearest template that has it; and whether it contains a block itself."""
    pattern = re.compile(rf"{{% block {name} %}}(.*?){{% (block|endblock)", re.S)
    found = next(match for text in texts if (match := pattern.search(text)))
    return found[1], found[2] == "block"


def loaded(template: Path) -> list[str]:
    """The scripts, in the order in which they run."""
    texts = chain(template)
    scripts, has_own = block("scripts", texts)
    own = block("own_scripts", texts)[0] if has_own else ""
    # Jinja2's frame has one block for all of them.
    base = "" if texts[-1] == JINJA_BASE else block("base_scripts", texts)[0]
    pages = (named(BLOCK.sub("", text)) for text in texts)
    return [*named(base + scripts), *named(own), *(name for page in pages for name in page)]


def code(script: str) -> str:
    return COMMENT.sub("", SCRIPTS[script].read_text())


def offers(script: str) -> set[str]:
    return set(re.findall(r"\bwindow\.(\w+) = ", code(script)))


GLOBALS = {name for script in SCRIPTS for name in offers(script)}


def calls(script: str) -> set[str]:
    """The globals that the script needs. `window.name?.` is for one that may be missing."""
    # A name after one dot belongs to an object; after three it is a call that is spread.
    return {name for name in GLOBALS if re.search(rf"(?<!\w)(?<!\w\.){name}[.(]", code(script))}


BASE = (TEMPLATES / "base.html").read_text()
JINJA_BASE = (TEMPLATES / "base.jinja").read_text()
PAGES = [
    path
    for path in (*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.jinja"))
    if chain(path)[-1] in (BASE, JINJA_BASE)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_what_a_script_calls_is_loaded_before_it(page: Path) -> None:
    there: set[str] = set()
    for script in loaded(page):
        there |= offers(script)
        assert calls(script) <= there, script


INCLUDED = re.compile(r"{% include \"([^\"]+\.html)\"")
SHORT_TIME = re.compile(r"\bshort_time\b|\bdata-(?:when|minute|second|exact|at)\b")


def has_short_times(template: Path, seen: set[Path]) -> bool:
    """Whether the template, or one that it extends or includes, has a time of short_times.js."""
    texts = [] if template in seen else chain(template)
    seen.add(template)
    return any(SHORT_TIME.search(text) for text in texts) or any(
        has_short_times(TEMPLATES / name, seen) for text in texts for name in INCLUDED.findall(text)
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_short_times_are_in_the_zone_of_the_reader(page: Path) -> None:
    if page != TEMPLATES / "base.html" and has_short_times(page, set()):
        assert "dashboard/js/short_times.js" in loaded(page)


def test_the_scripts_and_what_they_offer_are_found() -> None:
    assert {"fetchFragment", "parseFragment"} == offers("dashboard/js/fragment.js")
    assert {"coalesce"} == offers("shared/coalesce.js")
    list_rows = calls("dashboard/js/interviews/list_rows.js")
    assert {"fetchFragment", "parseFragment", "coalesce"} < list_rows
    history = loaded(TEMPLATES / "dashboard/history/list.html")
    updates = "dashboard/js/interviews/list_updates.js"
    assert (history[0], history[-1]) == ("shared/texts/en.js", updates)
    candidate = loaded(TEMPLATES / "candidate_portal/page.jinja")
    assert {"shared/stream.js", "candidate_portal/js/page.js"} < set(candidate)
    assert loaded(TEMPLATES / "candidate_portal/refused_404.jinja") == loaded(
        TEMPLATES / "base.html"
    )
    assert {"dashboard/js/fragment.js", "dashboard/js/date_range_form.js"} < set(history)
    assert "dashboard/js/interviews/list_filter.js" not in history
    assert "dashboard/js/webhooks.js" not in loaded(TEMPLATES / "dashboard/webhooks/form.html")
