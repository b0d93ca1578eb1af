"""The index of an archive: an SQLite database with its files in the order of a tree.

Each file has its status against the starting files, its hash, and the place of its content. The
build needs little memory, however many files there are: SQLite sorts them.
"""

from operations.submissions.index.build import build_index
from operations.submissions.index.schema import Status

__all__ = ["Status", "build_index"]
