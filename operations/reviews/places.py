"""Check the places that comments point at against the files of the submission.

What can't be checked is accepted: without an index, or in what a damaged archive has lost. Only the
index is read, and of the files those that a line is asked of.
"""

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import closing

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviews.models import Interview
from operations.archives.archive import STORAGE_ERRORS
from operations.reviews.schemas import place_of
from operations.submissions import paths, service
from operations.submissions.decoding import all_lines, decode
from operations.submissions.index import Status
from operations.submissions.index.database import BrokenIndexError
from operations.submissions.index.records import File
from operations.submissions.submission import BrokenArchiveError, Submission

logger = structlog.get_logger(__name__)

# Lines of a larger file aren't counted.
MAX_FILE_BYTES = 1024 * 1024
# What one check reads of all files.
MAX_READ_BYTES = 8 * 1024 * 1024
MAX_REMEMBERED = 5_000

# The lines of contents, by their hashes: a draft is saved, and checked, again and again.
_line_counts: OrderedDict[bytes, int] = OrderedDict()


def wrong_places(interview: Interview, places: Iterable[str]) -> dict[str, str]:
    """What is wrong with places such as `src/app.py:42` in the latest submission, by place.

    Those that are right, that can't be checked, or that are no places (`place_of`) are left out.
    """
    wanted = [where for where in dict.fromkeys(places) if where and place_of(where)]
    if not wanted:
        return {}
    try:
        submission = service.open_indexed(interview)
        if submission is None:
            return {}
        with closing(submission):
            if not submission.summary().is_whole:
                return {}
            check = _Check(submission)
            found = {where: check.problem(where) for where in wanted}
    except (BrokenIndexError, BrokenArchiveError, *STORAGE_ERRORS) as error:
        logger.warning("places_not_checked", interview=interview.id, reason=str(error))
        return {}
    return {where: problem for where, problem in found.items() if problem}


def find_file(submission: Submission, path: str) -> File | None:
    """The file that pages show by this path, whatever the bytes of its name."""
    return next(filter(None, map(submission.file, paths.named(path))), None)


class _Check:
    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._left = MAX_READ_BYTES

    def problem(self, where: str) -> str:
        """What is wrong with one place, or ""."""
        path, line = place_of(where) or ("", None)
        file = find_file(self._submission, path)
        if file is None:
            # A name may end like a line: "notes:3".
            is_there = find_file(self._submission, where) or self._is_folder(path, line)
            return "" if is_there else _("The submission has no %(path)s.") % {"path": path}
        return "" if line is None else self._line_problem(file, path, line)

    def _is_folder(self, path: str, line: int | None) -> bool:
        folders = map(self._submission.folder, paths.named(path.rstrip("/")))
        return line is None and any(folders)

    def _line_problem(self, file: File, path: str, line: int) -> str:
        if file.status is Status.DELETED:
            return _("%(path)s was deleted. Name it without a line.") % {"path": path}
        if not file.is_stored:
            return _("%(path)s has no lines. Name it without one.") % {"path": path}
        count = self._count_lines(file)
        if count == 0:
            return _("%(path)s has no lines. Name it without one.") % {"path": path}
        if count is None or line <= count:
            return ""
        return ngettext(
            "%(path)s has only %(n)s line.", "%(path)s has only %(n)s lines.", count
        ) % {"path": path, "n": count}

    def _count_lines(self, file: File) -> int | None:
        """The number of lines, 0 of what is no text, or None if that would read too much."""
        key = file.sha256
        if key is None or file.size > MAX_FILE_BYTES:
            return None
        known = _line_counts.get(key)
        if known is not None:
            return known
        if file.size > self._left:
            return None
        self._left -= file.size
        decoded = decode(self._submission.content(file, MAX_FILE_BYTES))
        count = len(all_lines(decoded[0])) if decoded is not None else 0
        _line_counts[key] = count
        while len(_line_counts) > MAX_REMEMBERED:
            _line_counts.popitem(last=False)
        return count
