"""A pytest plugin for runs in a forked process, as those of `make mutants` are."""

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import SyncToAsync


def pytest_sessionstart() -> None:
    """Replace the executor of the process before the fork: its thread is not in this one."""
    SyncToAsync.single_thread_executor = ThreadPoolExecutor(max_workers=1)
