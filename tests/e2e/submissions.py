"""A submission whose every file would run a script, if a browser let it."""

import base64
import json
from pathlib import Path

# A script of a file would ask for this, or set the variable.
MARKER = "hostile"
SCRIPT = f"window.{MARKER} = true; fetch('/{MARKER}')"
TAG = f"<script>{SCRIPT}</script><img src='/{MARKER}' onerror=\"{SCRIPT}\">"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}" width="40" height="40">'
SVG += f"<script>{SCRIPT}</script><image href='/{MARKER}'/></svg>"
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"language": "python", "name": "x", "display_name": TAG}},
    "cells": [
        {
            "cell_type": "markdown",
            "id": "a",
            "metadata": {},
            "source": f"# Title {TAG}\n\n[press](javascript:{MARKER}=1)",
        },
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": 1,
            "source": f"print('{TAG}')",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": TAG},
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {
                        "text/html": TAG,
                        "image/svg+xml": SVG,
                        "application/javascript": SCRIPT,
                        "image/png": base64.b64encode(SVG.encode()).decode(),
                    },
                },
            ],
        },
    ],
}
CHANGED = "README.md"
FILES = {
    CHANGED: f"# Changed {TAG}\n".encode(),
    "src/<script>.py": f'"""{TAG}"""\n\n\ndef f() -> int:\n    return 1  # comment\n'.encode(),
    "page.html": f"<!doctype html>{TAG}".encode(),
    "drawing.svg": SVG.encode(),
    "lies.png": TAG.encode(),
    "notes.ipynb": json.dumps(NOTEBOOK).encode(),
    "table.csv": f"name,points\n{TAG.replace(',', '')},3\n".encode(),
    "script.js": SCRIPT.encode(),
}


def write_files(folder: Path) -> None:
    """Put the files into a workspace, as a candidate does."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
