"""The command and its answers."""

import json
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command


def migrate(*arguments: str) -> tuple[list[str], list[str], str]:
    """Run the command; return the lines of stdout and stderr, and the error or an empty text."""
    out, err = StringIO(), StringIO()
    ended = ""
    try:
        call_command("migrate_takehomes", "--rate=0", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        ended = str(error)
    return out.getvalue().splitlines(), err.getvalue().splitlines(), ended


def report(*arguments: str) -> dict[str, Any]:
    lines, _, _ = migrate("--json", *arguments)
    [line] = lines
    return dict(json.loads(line))
