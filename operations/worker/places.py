"""Places for operations: a worker process keeps some threads free for its other tasks.

An engine or a store that hangs may hold a thread of each operation for minutes. Ticks, emails and
health checks go on beside them, whichever queues the process serves.
"""

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta

# Threads that operations leave free, in a process that has more than these.
RESERVED_THREADS = 2
# An operation without a place comes back after this; another worker may take it then.
PLACE_RETRY_DELAY = timedelta(seconds=1)

# None: no limit, as outside of a worker.
_places: threading.BoundedSemaphore | None = None


def limit_operations(threads: int) -> None:
    """Let operations take all but RESERVED_THREADS of this process's threads, and at least one."""
    global _places
    _places = threading.BoundedSemaphore(max(1, threads - RESERVED_THREADS))


def remove_limit() -> None:
    global _places
    _places = None


@contextlib.contextmanager
def take_place() -> Iterator[bool]:
    """Hold a place for the `with` block, which gets False if none is free."""
    places = _places
    is_taken = places is None or places.acquire(blocking=False)
    try:
        yield is_taken
    finally:
        if places is not None and is_taken:
            places.release()
