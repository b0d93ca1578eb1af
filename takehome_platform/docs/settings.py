"""`python -m takehome_platform.docs.settings`: writes docs/settings.md from .env.example.

.env.example explains each setting to the person who fills it in. The page has the same text, to
read and to link to; a test holds the two equal.
"""

import re
import sys
from dataclasses import dataclass, field

from takehome_platform.local_stack.config import ROOT

EXAMPLE = ROOT / ".env.example"
PAGE = ROOT / "docs" / "settings.md"

_SECTION = re.compile(r"# -- (?P<title>.+?) -+")
_SETTING = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<default>.*)")


class UndocumentedSettingError(Exception):
    """A line of .env.example cannot be turned into documentation; the message has its number."""


@dataclass
class Setting:
    name: str
    default: str
    about: str


@dataclass
class Section:
    title: str
    about: str = ""
    settings: list[Setting] = field(default_factory=list)


def parse_sections(example: str) -> list[Section]:
    """Parse .env.example. The first section has no title, and is the introduction.

    Raises:
        UndocumentedSettingError: if a line is neither comment nor setting, or a setting has no
            comment above it.
    """
    sections = [Section("")]
    comment: list[str] = []
    for number, line in enumerate(example.splitlines(), start=1):
        if heading := _SECTION.fullmatch(line):
            sections.append(Section(heading["title"]))
        elif setting := _SETTING.fullmatch(line):
            if not comment:
                raise UndocumentedSettingError(
                    f"line {number}: {setting['name']} has no comment above it"
                )
            about = "\n".join(comment)
            sections[-1].settings.append(Setting(setting["name"], setting["default"], about))
        elif line.startswith("# "):
            comment.append(line.removeprefix("# "))
            continue
        elif line:
            raise UndocumentedSettingError(
                f"line {number}: neither a comment nor a setting: {line}"
            )
        elif comment:
            sections[-1].about = "\n".join(comment)
        comment = []
    return sections


def render_page(example: str) -> str:
    """Render the page as Markdown."""
    first, *sections = parse_sections(example)
    names = {setting.name for section in sections for setting in section.settings}
    lines = [
        "# Settings",
        "",
        "<!-- Made from .env.example by: make docs -->",
        "",
        _linked(first.about, names),
    ]
    for section in sections:
        title = section.title[0].upper() + section.title[1:]
        lines += ["", f"## {title}"]
        if section.about:
            lines += ["", _linked(section.about, names)]
        for setting in section.settings:
            about = _linked(setting.about, names - {setting.name})
            lines += ["", f"### {setting.name}", "", about, *_default(setting)]
    return "\n".join(lines) + "\n"


def _default(setting: Setting) -> list[str]:
    """The line with the default, unless the explanation mentions it."""
    if setting.default:
        return ["", f"Default: `{setting.default}`"]
    is_mentioned = any(word in setting.about.lower() for word in ("default:", "empty:", "required"))
    return [] if is_mentioned else ["", "Default: empty"]


def _linked(text: str, names: set[str]) -> str:
    """Link the other settings that the text names, and escape Markdown's special characters."""

    def link(word: re.Match[str]) -> str:
        name = word[0]
        return f"[{name}](#{name.lower()})" if name in names else name.replace("_", r"\_")

    parts = re.split(r"(`[^`]*`)", text)
    for index in range(0, len(parts), 2):
        escaped = re.sub(r"([<>*\[\]])", r"\\\1", parts[index])
        parts[index] = re.sub(r"\w*_\w+", link, escaped)
    return "".join(parts)


def main() -> int:
    try:
        PAGE.write_text(render_page(EXAMPLE.read_text()))
    except UndocumentedSettingError as error:
        sys.stderr.write(f".env.example, {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
