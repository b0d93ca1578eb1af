"""An edited text as HTML: paragraphs, lists, and the link as a button. Nothing in it is markup."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe

from operations.mail.texts.placeholders import BRACES

BULLET = "- "


@dataclass(frozen=True)
class Block:
    """A paragraph with its lines, a list with its items, or the button: `kind` says which."""

    kind: str
    lines: tuple[SafeString, ...] = ()


def blocks_of(text: str, values: Mapping[str, str]) -> list[Block]:
    """Divide a text at its blank lines, and where a list begins or ends."""
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.strip() == "{link}":
            blocks.append(Block("link"))
            continue
        for number, line in enumerate(paragraph.splitlines()):
            kind = "list" if line.startswith(BULLET) else "text"
            shown = _line(line.removeprefix(BULLET), values)
            if number and blocks[-1].kind == kind:
                blocks[-1] = Block(kind, (*blocks[-1].lines, shown))
            else:
                blocks.append(Block(kind, (shown,)))
    return blocks


def _line(line: str, values: Mapping[str, str]) -> SafeString:
    # Every second part is the name of a placeholder.
    parts = BRACES.split(line.strip())
    shown = [_value(part, values) if place % 2 else _text(part) for place, part in enumerate(parts)]
    return mark_safe("".join(shown))  # noqa: S308 - each part is escaped


def _text(text: str) -> SafeString:
    return mark_safe(urlize(text, autoescape=True))  # noqa: S308 - urlize escapes


def _value(name: str, values: Mapping[str, str]) -> SafeString:
    value = values.get(name, f"{{{name}}}")
    if name == "link":
        return format_html('<a href="{}">{}</a>', value, value)
    return format_html("<bdi>{}</bdi>", value)
