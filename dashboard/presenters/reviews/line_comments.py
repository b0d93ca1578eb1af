"""The comments of reviews at the lines of a file, and the buttons that add one."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.presenters.reviews.page import InterviewReviews, interview_reviews
from dashboard.presenters.submissions.addresses import Addresses
from operations.reviews.models import Review
from operations.reviews.schemas import MAX_PATH, place_of
from operations.submissions import paths
from operations.submissions.index import Status
from operations.submissions.index.records import File

# ":1234567", the longest line of a place.
MAX_LINE_TEXT = 8


@dataclass(frozen=True)
class LineComment:
    """A comment as it stands at its line. `line` is None if it is on the whole file."""

    text: str
    line: int | None
    reviewer: str
    is_mine: bool
    is_draft: bool
    review_url: str


@dataclass
class FileComments:
    """The comments on one file that the viewer may see, and whether they may add one."""

    interview_id: str
    # As the pages show it, and as a comment names it.
    path: str
    can_comment: bool
    # False of a deleted file: its lines aren't in the submission.
    can_comment_lines: bool
    # True if the first comment hides the others' reviews, which the viewer sees now.
    hides_others: bool
    by_line: dict[int | None, list[LineComment]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._label = _("Comment on line %(n)s")

    @property
    def has_any(self) -> bool:
        return self.can_comment or bool(self.by_line)

    def at(self, line: int) -> list[LineComment]:
        return self.by_line.get(line, [])

    def elsewhere(self, shown: Container[int]) -> list[LineComment]:
        """The comments on the whole file, and at lines that a page doesn't show."""
        left = [line for line in self.by_line if line is None or line not in shown]
        return [each for line in sorted(left, key=_or_zero) for each in self.by_line[line]]

    def button(self, line: int) -> SafeString:
        """The button that adds a comment to a line, or nothing."""
        if not self.can_comment_lines:
            return SafeString()
        return format_html(
            '<button form="line-form" class="line-add" name="line" value="{}" aria-label="{}">'
            "</button>",
            line,
            self._label % {"n": line},
        )


def file_comments(request: HttpRequest, addresses: Addresses, file: File) -> FileComments | None:
    """The comments on a file of the latest submission; None of an earlier one, and if the viewer
    has nothing to do with reviews."""
    if not addresses.is_latest:
        return None
    interview = addresses.interview
    sheet = interview_reviews(request, interview)
    path = paths.shown(file.path)
    # What a scorecard would strip or refuse names no file.
    can_comment = sheet.can_write and path == path.strip() and len(path) <= MAX_PATH - MAX_LINE_TEXT
    comments = FileComments(
        interview.id,
        path,
        can_comment=can_comment,
        can_comment_lines=can_comment and file.status is not Status.DELETED,
        hides_others=sheet.shows_others,
    )
    for line, comment in _visible_comments(sheet, path):
        comments.by_line.setdefault(line, []).append(comment)
    return comments if comments.has_any else None


def line_comment(review: Review, text: str, line: int | None) -> LineComment:
    """A comment of the viewer's own draft, as its line shows it."""
    return _comment(review, text, line, is_mine=True)


def _visible_comments(
    sheet: InterviewReviews, path: str
) -> Iterable[tuple[int | None, LineComment]]:
    shown = sheet.visible.submitted
    if sheet.mine is not None and not sheet.mine.is_submitted:
        shown = [sheet.mine, *shown]
    for review in shown:
        for each in review.comments:
            named, line = place_of(each["where"]) or ("", None)
            if named == path:
                yield line, _comment(review, each["text"], line, is_mine=review is sheet.mine)


def _comment(review: Review, text: str, line: int | None, *, is_mine: bool) -> LineComment:
    anchor = "submitted-title" if review.is_submitted else "scorecard-title"
    return LineComment(
        text,
        line,
        review.reviewer_name,
        is_mine=is_mine,
        is_draft=not review.is_submitted,
        review_url=f"{reverse('dashboard:reviews', args=[review.interview_id])}#{anchor}",
    )


def _or_zero(line: int | None) -> int:
    return line or 0
