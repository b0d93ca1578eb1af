"""Practice workspaces: a candidate tries the editor before the start, at no cost of time.

A practice workspace is a row of its own (`PRACTICE`), as a dry run is: the same operations
provision, watch and end it. Its id follows from its interview's id and its number, so that of two
clicks at the same time one creates it, and nothing has to be written to the interview.

It has none of the challenge's files, saves nothing, tells nobody, and never touches the
interview's status or time. It ends when its time is up, when its candidate ends it, or when its
interview starts, expires, is withdrawn or is deleted.
"""

from operations.practice.ending import end_practice, end_practices_of
from operations.practice.rows import (
    MAX_PRACTICES,
    is_practice_name,
    practices_of,
    record_practised,
)
from operations.practice.starting import is_offered, is_still_wanted, may_retry, start_practice

__all__ = [
    "MAX_PRACTICES",
    "end_practice",
    "end_practices_of",
    "is_offered",
    "is_practice_name",
    "is_still_wanted",
    "may_retry",
    "practices_of",
    "record_practised",
    "start_practice",
]
