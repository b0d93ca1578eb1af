"""Pack a candidate's files in the container that has them, and send the archive over stdout.

It runs as a program of its own from the sources of the modules that it imports, in a container of
the platform's own image.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.local.archive import pack_folder

COMPLETE_MARKER = ".takehome"
# Who waits for the stream gives up after a minute, and some networks sooner.
PULSE, PULSE_SECONDS = b"\n", 5.0


def pack(
    home: Path, project: str, top: str, starting_paths: Collection[str], stream: BinaryIO
) -> None:
    """Write a line of JSON, and the archive behind it.

    The line has `size` and `not_saved`, or an `error`: what kept the files from being packed.
    """
    if not (home / COMPLETE_MARKER).exists():
        _write_line(stream, {"error": "never filled"})
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "files.tar.gz"
        try:
            with pulses(stream):
                not_saved = pack_folder(home / project, path, top, starting_paths)
        except ArchiveTooLargeError as error:
            _write_line(stream, {"error": "too large", "message": str(error)})
            return
        except OSError as error:
            message = f"{error.strerror or error}: {project}"
            _write_line(stream, {"error": "refused", "message": message})
            return
        rows = [[each.path, each.reason, each.files, each.bytes] for each in not_saved]
        _write_line(stream, {"size": path.stat().st_size, "not_saved": rows})
        with path.open("rb") as archive:
            shutil.copyfileobj(archive, stream)
    stream.flush()


@contextmanager
def pulses(stream: BinaryIO) -> Iterator[None]:
    """Write an empty line now and then: nobody waits for long for a stream that is silent."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(PULSE_SECONDS):
            stream.write(PULSE)
            stream.flush()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _write_line(stream: BinaryIO, fields: dict[str, object]) -> None:
    stream.write(json.dumps(fields).encode() + b"\n")
    stream.flush()


def main(project: str, top: str, starting_paths: list[str]) -> None:
    pack(Path(os.environ["HOME"]), project, top, starting_paths, sys.stdout.buffer)
