"""A Jupyter notebook to read: no script of it runs, and no HTML of it is shown."""

import base64
import binascii
import re
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.utils.safestring import SafeString

from dashboard.presenters import markdown
from dashboard.presenters.submissions import highlighting, text
from dashboard.presenters.submissions.pictures import HEAD_BYTES, has_too_many_pixels, picture_type
from operations.submissions.decoding import all_lines

logger = structlog.get_logger(__name__)

MAX_NOTEBOOK_BYTES = 4 * 1024 * 1024
MAX_CELLS = 300
MAX_CELL_CHARACTERS = 20_000
# What takes longer to render is shown as it is written.
MAX_MARKDOWN_CHARACTERS = 10_000
MARKDOWN_SECONDS = 0.4
MAX_OUTPUTS = 20
MAX_PICTURE_CHARACTERS = 2 * 1024 * 1024
# Colors and other commands to a terminal, in tracebacks.
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
EXTENSIONS = {"python": "py", "r": "r", "julia": "jl", "javascript": "js", "scala": "scala"}


@dataclass
class Output:
    """What a cell printed: a text, a picture as a data URL, or neither (`is_hidden`)."""

    text: str = ""
    picture: str = ""
    is_error: bool = False
    is_hidden: bool = False


@dataclass
class Cell:
    """A cell: rendered Markdown, or lines of code or text with what they printed."""

    prose: SafeString | None = None
    source: str = ""
    lines: list[SafeString] = field(default_factory=list)
    count: str = ""
    outputs: list[Output] = field(default_factory=list)


@dataclass(frozen=True)
class Notebook:
    cells: list[Cell]
    is_cut: bool


def is_notebook(name: bytes) -> bool:
    return name.lower().endswith(b".ipynb")


def load_reader() -> None:
    """Import what reads notebooks.

    Where JupyterLab is installed beside it, jsonschema builds a grammar of IRIs with it: most of a
    second of processor, and many seconds on a busy machine.
    """
    from nbformat import converter, reader  # noqa: F401


def notebook_of(content: str) -> Notebook | None:
    """The notebook, or None if it is none, whatever it says of itself."""
    # Only a web process has loaded it before, a while after its start (takehome_platform.asgi).
    from nbformat import converter, reader

    try:
        # Without the validation of `nbformat.reads`: it takes seconds, and only writes to the log.
        notebook: Any = converter.convert(reader.reads(content), 4)  # type: ignore[no-untyped-call]
        cells = notebook["cells"]
        deadline = time.monotonic() + MARKDOWN_SECONDS
        found = [_cell(each, deadline) for each in cells[:MAX_CELLS]]
        language = str(notebook["metadata"].get("kernelspec", {}).get("language", "python"))
    except Exception as error:  # noqa: BLE001 - it trusts what the file says of its own format
        logger.info("notebook_not_read", reason=type(error).__name__)
        return None
    _highlight(found, EXTENSIONS.get(language.lower(), "py"))
    is_cut = len(cells) > MAX_CELLS or any(
        len(_joined(each["source"])) > MAX_CELL_CHARACTERS for each in cells[:MAX_CELLS]
    )
    return Notebook(found, is_cut)


def _cell(cell: Any, deadline: float) -> Cell:
    source = _bounded(_joined(cell["source"]))
    if cell["cell_type"] == "markdown":
        if len(source) <= MAX_MARKDOWN_CHARACTERS and time.monotonic() < deadline:
            return Cell(prose=markdown.render(source))
        return Cell(source=source)
    if cell["cell_type"] != "code":
        return Cell(source=source)
    count = cell.get("execution_count")
    outputs = [_output(each) for each in cell.get("outputs", [])[:MAX_OUTPUTS]]
    return Cell(source=source, count=str(count) if isinstance(count, int) else "", outputs=outputs)


def _output(output: Any) -> Output:
    kind = output["output_type"]
    if kind == "stream":
        return Output(text=_plain(output["text"]))
    if kind == "error":
        lines = "\n".join(map(str, output.get("traceback", [])))
        return Output(text=_plain(lines or output.get("evalue", "")), is_error=True)
    data = output.get("data", {})
    for media_type in ("image/png", "image/jpeg", "image/gif"):
        if picture := _picture(data.get(media_type)):
            return Output(picture=picture, text=_plain(data.get("text/plain", "")))
    if "text/plain" in data:
        return Output(text=_plain(data["text/plain"]))
    return Output(is_hidden=True)


def _picture(encoded: Any) -> str:
    """A data URL, or "" if it is no picture that may be shown."""
    if not encoded:
        return ""
    packed = "".join(_joined(encoded).split())
    try:
        content = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return ""
    media_type = picture_type(content[:HEAD_BYTES])
    if media_type is None or len(packed) > MAX_PICTURE_CHARACTERS or has_too_many_pixels(content):
        return ""
    return f"data:{media_type};base64,{packed}"


def _highlight(cells: list[Cell], extension: str) -> None:
    """Highlight the code of all cells at once: it takes a process."""
    code = [(cell, _lines(cell.source)) for cell in cells if cell.prose is None]
    lines = [line for _, some in code for line in some]
    shown = highlighting.highlight(f"cell.{extension}", lines) or highlighting.plain(lines)
    start = 0
    for cell, some in code:
        cell.lines = shown[start : start + len(some)]
        start += len(some)


def _lines(source: str) -> list[str]:
    return [text.shown_line(line) for line in all_lines(source)] if source else []


def _plain(value: Any) -> str:
    lines = all_lines(ANSI.sub("", _bounded(_joined(value))))
    return "\n".join(text.shown_line(line) for line in lines)


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _bounded(value: str) -> str:
    return f"{value[:MAX_CELL_CHARACTERS]}…" if len(value) > MAX_CELL_CHARACTERS else value
