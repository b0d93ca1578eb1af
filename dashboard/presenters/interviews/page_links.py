"""The pages of one interview, for the navigation that they have in common."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboard.presenters.checks import has_checks
from dashboard.presenters.reviews.page import InterviewReviews
from interviews.models import Interview
from operations.progress.models import ProgressState
from operations.submissions.service import archive_keys

OVERVIEW, SUBMISSION, CHECKS, PROGRESS, REVIEW = PAGES = (
    "interview",
    "submission",
    "checks",
    "progress",
    "reviews",
)


@dataclass(frozen=True)
class PageLink:
    """A page of an interview, by the name of its URL."""

    name: str
    title: str
    url: str


def page_links(interview: Interview, current: str, reviews: InterviewReviews) -> list[PageLink]:
    """The overview, the current page, and each page on which this person finds something.

    `reviews` are those that this person may see.
    """
    titles = {
        OVERVIEW: _("Overview"),
        SUBMISSION: _("Submission"),
        CHECKS: _("Checks"),
        PROGRESS: _("Progress"),
        REVIEW: pgettext("page", "Review"),
    }
    is_there = {
        OVERVIEW: True,
        SUBMISSION: bool(archive_keys(interview)),
        CHECKS: has_checks(interview),
        PROGRESS: ProgressState.objects.filter(interview_id=interview.id).exists(),
        REVIEW: reviews.viewer.may_review and reviews.has_something,
    }
    return [
        PageLink(name, titles[name], reverse(f"dashboard:{name}", args=[interview.id]))
        for name in PAGES
        if is_there[name] or name == current
    ]
