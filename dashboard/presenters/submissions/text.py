"""A file's content as lines of text that a page can show, however long they are."""

import codecs
import re
from dataclasses import dataclass

from interviews.challenges.storage import BIDI_CONTROLS

MAX_TEXT_BYTES = 512 * 1024
MAX_LINES = 5_000
MAX_LINE_CHARACTERS = 2_000
# So many control characters make it no text.
MAX_CONTROL_SHARE = 0.1
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Those that texts have do not count.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_LINE_END = re.compile(r"\r\n|\r|\n")
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


def decode(content: bytes, *, is_whole: bool = True) -> tuple[str, str] | None:
    """The text and the name of its encoding, or None if it is no text.

    Without `is_whole` the content may end in the middle of a character.
    """
    if content.startswith(UTF_16_MARKS) and not content.startswith(codecs.BOM_UTF32_LE):
        even = content[: len(content) // 2 * 2]
        return even.decode("utf-16", "replace"), "UTF-16"
    if b"\0" in content:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not is_whole and error.start > len(content) - 4:
            return content[: error.start].decode("utf-8-sig"), ""
        text = content.decode("cp1252", "replace")
        return None if _is_binary(text) else (text, "Windows-1252")
    return None if _is_binary(text) else (text, "")


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


def all_lines(text: str) -> list[str]:
    """The lines without their ends; an end of the last one makes no further line."""
    lines = _LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    return lines


def shown_line(line: str) -> str:
    """A line of bounded length, in which nothing is invisible."""
    if len(line) > MAX_LINE_CHARACTERS:
        line = line[:MAX_LINE_CHARACTERS] + "…"
    return line.translate(_VISIBLE)


def _is_binary(text: str) -> bool:
    controls = len(_CONTROLS.findall(text[:4096]))
    return controls > MAX_CONTROL_SHARE * min(len(text), 4096)
