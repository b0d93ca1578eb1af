"""The first program in a Pod: it waits for the files, and hands the editor its settings.

It runs as the candidate's user, before the editor, or before the command of a check, and imports
nothing but the standard library.
"""

import os
import sys
import time
from pathlib import Path

# Written after all other files: if it exists, the files are complete. `fill` writes it.
COMPLETE_MARKER = ".takehome"
CONFIG_PATH = ".config/code-server/config.yaml"
POLL_SECONDS = 0.1


def await_files(home: Path) -> None:
    while not (home / COMPLETE_MARKER).exists():
        time.sleep(POLL_SECONDS)


def write_config(home: Path, config: Path) -> None:
    content, target = config.read_bytes(), home / CONFIG_PATH
    try:
        is_unchanged = target.read_bytes() == content
    except OSError:
        is_unchanged = False
    # An unchanged file is not written again, because the disk may be full.
    if not is_unchanged:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        part.replace(target)


if __name__ == "__main__":
    await_files(Path(sys.argv[1]))
    # A check has no editor.
    if len(sys.argv) > 2:
        write_config(Path(sys.argv[1]), Path(sys.argv[2]))
