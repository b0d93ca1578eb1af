"""The text of a file, whatever its encoding, and its lines as pages number them."""

import codecs
import re

# So many control characters make it no text.
MAX_CONTROL_SHARE = 0.1
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# Those that texts have do not count.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_LINE_END = re.compile(r"\r\n|\r|\n")


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


def all_lines(text: str) -> list[str]:
    """The lines without their ends; an end of the last one makes no further line."""
    lines = _LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    return lines


def _is_binary(text: str) -> bool:
    controls = len(_CONTROLS.findall(text[:4096]))
    return controls > MAX_CONTROL_SHARE * min(len(text), 4096)
