"""A file's content as lines of text that a page can show, however long they are."""

from dataclasses import dataclass

from interviews.challenges.storage import BIDI_CONTROLS
from operations.submissions.decoding import all_lines

MAX_TEXT_BYTES = 512 * 1024
MAX_LINES = 5_000
MAX_LINE_CHARACTERS = 2_000
# What no terminal and no page would show: code could hide something behind it.
_VISIBLE = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n\r"}
_VISIBLE |= {0x7F: "\u2421"} | {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
_VISIBLE |= {ord(char): f"\\u{ord(char):04x}" for char in BIDI_CONTROLS}
_VISIBLE |= {code: f"\\u{code:04x}" for code in (0x200E, 0x200F, 0x2028, 0x2029)}


@dataclass(frozen=True)
class Text:
    """Lines without their ends. `is_cut`: the file, or a line of it, is longer."""

    lines: list[str]
    is_cut: bool
    has_long_lines: bool
    # The name of the encoding, if it is not UTF-8.
    encoding: str = ""


def lines_of(text: str, *, encoding: str = "", is_cut: bool = False) -> Text:
    """The lines as they are shown, at most MAX_LINES of MAX_LINE_CHARACTERS each."""
    lines = all_lines(text)
    shown = [shown_line(line) for line in lines[:MAX_LINES]]
    return Text(
        lines=shown,
        is_cut=is_cut or len(lines) > MAX_LINES,
        has_long_lines=any(len(line) > MAX_LINE_CHARACTERS for line in lines[:MAX_LINES]),
        encoding=encoding,
    )


def shown_line(line: str) -> str:
    """A line of bounded length, in which nothing is invisible."""
    if len(line) > MAX_LINE_CHARACTERS:
        line = line[:MAX_LINE_CHARACTERS] + "…"
    return line.translate(_VISIBLE)
