"""The lines of a text as HTML, with classes for its syntax (Pygments)."""

import subprocess
import sys
from pathlib import Path

import structlog
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

logger = structlog.get_logger(__name__)

# Longer texts are shown without colors.
MAX_CHARACTERS = 100_000
TIMEOUT_SECONDS = 1.2
HIGHLIGHTER = Path(__file__).with_name("highlighter.py")


def highlight(name: str, lines: list[str]) -> list[SafeString] | None:
    """The lines as HTML, or None if the language is not known, or it takes too long."""
    text = "".join(f"{line}\n" for line in lines)
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        done = subprocess.run(
            # -I: nothing of the environment, and no module from the working directory.
            [sys.executable, "-I", str(HIGHLIGHTER)],
            input=f"{name}\0{text}".encode("utf-8", "replace"),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            env={},
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        logger.warning("not_highlighted", reason=type(error).__name__)
        return None
    html = done.stdout.decode("utf-8", "replace").removesuffix("\n").split("\n")
    if done.returncode or len(html) != len(lines):
        return None
    # The formatter escapes all of the text.
    return [mark_safe(line) for line in html]  # noqa: S308


def plain(lines: list[str]) -> list[SafeString]:
    return [escape(line) for line in lines]
