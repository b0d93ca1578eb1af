"""A look at the files of a workspace as a stream: a container writes it, and a worker reads it.

In the container this module runs as a program of its own, so that it imports nothing but the
standard library, `file_look` and `regenerable`.
"""

import base64
import json
import sys
from collections.abc import Callable, Collection, Generator, Iterable
from typing import Any, BinaryIO

from operations.provisioners.file_look import (
    DIGEST_BYTES,
    MAX_FILE_BYTES,
    FileLook,
    SeenFile,
    Stamp,
    TooManyFilesError,
    Unread,
    digest_of,
    look_with_digests,
)
from operations.provisioners.regenerable import (
    CACHES,
    ENVIRONMENT_FOLDERS,
    EVIDENCE,
    NODE_MODULES,
)

# Of the digests in one argument of the program: Linux takes 128 KB.
DIGESTS_PER_ARGUMENT = 10_000

# Names that decide whether a folder is left out, if the challenge has a file in it.
TOOL_NAMES = CACHES | ENVIRONMENT_FOLDERS | EVIDENCE.keys() | {NODE_MODULES}

START, FILE, END, TOO_MANY = "start", "file", "end", "too many"


def write_look(look: Callable[[], FileLook], stream: BinaryIO) -> None:
    """Write a look as records, each a line of JSON and a file's content behind it."""
    found = look()
    _write_record(stream, START, started_ns=found.started_ns)
    try:
        for file in found.files:
            _write_record(
                stream,
                FILE,
                path=file.path.decode("latin-1"),
                is_link=file.is_link,
                mode=file.mode,
                size=file.size,
                mtime_ns=file.mtime_ns,
                ctime_ns=file.ctime_ns,
                inode=file.inode,
                target=file.target.decode("latin-1"),
                unread=file.unread,
                content=None if file.content is None else len(file.content),
            )
            stream.write(file.content or b"")
    except TooManyFilesError:
        _write_record(stream, TOO_MANY)
    _write_record(stream, END)
    stream.flush()


def _write_record(stream: BinaryIO, record: str, **fields: object) -> None:
    stream.write(json.dumps({"record": record, **fields}).encode() + b"\n")


def read_look(stream: BinaryIO) -> FileLook:
    """Read what `write_look` wrote. The writer is not trusted.

    Raises:
        EOFError: if it is cut off, at once or while the files are read.
        ValueError: if it is something else, at once or while the files are read.
        TooManyFilesError: while the files are read.
    """
    started_ns = _read_record(stream).get("started_ns")
    if not isinstance(started_ns, int):
        raise ValueError("a look without its start")
    return FileLook(started_ns, _read_files(stream))


def _read_files(stream: BinaryIO) -> Generator[SeenFile]:
    while (fields := _read_record(stream))["record"] == FILE:
        size = fields["content"]
        content = None
        if size is not None:
            content = stream.read(min(size, MAX_FILE_BYTES + 1))
            if len(content) != size:
                raise EOFError("a file is cut off")
        yield SeenFile(
            path=fields["path"].encode("latin-1"),
            is_link=bool(fields["is_link"]),
            mode=int(fields["mode"]) & 0o777,
            size=int(fields["size"]),
            mtime_ns=int(fields["mtime_ns"]),
            ctime_ns=int(fields["ctime_ns"]),
            inode=int(fields["inode"]),
            target=fields["target"].encode("latin-1"),
            content=content,
            unread=Unread(fields["unread"]) if fields["unread"] else None,
        )
    if fields["record"] == TOO_MANY:
        raise TooManyFilesError


def _read_record(stream: BinaryIO) -> dict[str, Any]:
    line = stream.readline(64 * 1024)
    if not line.endswith(b"\n"):
        raise EOFError("the look is cut off")
    fields = json.loads(line)
    if not isinstance(fields, dict) or "record" not in fields:
        raise ValueError("no record of a look")
    return fields


def main(arguments: list[str]) -> None:
    """Write a look at a folder to stdout; `look_arguments` makes the arguments."""
    folder, since_ns, known_arguments, *rest = arguments
    known = {
        digests[start : start + DIGEST_BYTES]
        for digests in map(base64.b64decode, rest[: int(known_arguments)])
        for start in range(0, len(digests), DIGEST_BYTES)
    }
    starting_paths = rest[int(known_arguments) :]
    write_look(
        lambda: look_with_digests(folder, int(since_ns), starting_paths, known), sys.stdout.buffer
    )


def relevant_paths(starting_paths: Collection[str]) -> list[str]:
    """Those of the challenge's paths that could save a folder from being left out."""
    return sorted(path for path in starting_paths if not TOOL_NAMES.isdisjoint(path.split("/")))


def look_arguments(
    folder: str, since_ns: int, starting_paths: Collection[str], known: Iterable[Stamp]
) -> list[str]:
    """The arguments of `main`, for what `look_at_folder` is given."""
    digests = [digest_of(stamp) for stamp in known]
    packed = [
        base64.b64encode(b"".join(digests[start : start + DIGESTS_PER_ARGUMENT])).decode()
        for start in range(0, len(digests), DIGESTS_PER_ARGUMENT)
    ]
    return [folder, str(since_ns), str(len(packed)), *packed, *relevant_paths(starting_paths)]
