"""Reviews that are waited for, and the reminders of them."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviews.dynamodb import now
from operations.mail import outbox
from operations.mail.subjects import mail_language
from operations.reviews.access import is_reviewer
from operations.reviews.decisions import CLOSING
from operations.reviews.models import Decision, Review, ReviewState

logger = structlog.get_logger(__name__)

# No user has it.
ANY_USER = -1


def waiting_reviews() -> QuerySet[Review]:
    """The assigned reviews that can be written and are not submitted, the oldest first.

    After *advance* or *reject* no review is waited for.
    """
    newer = Decision.objects.filter(
        interview_id=OuterRef("interview_id"), number__gt=OuterRef("number")
    )
    closed = Decision.objects.filter(
        ~Exists(newer), interview_id=OuterRef("interview_id"), outcome__in=CLOSING
    )
    return (
        Review.objects.filter(~Exists(closed), is_assigned=True, waiting_since__isnull=False)
        .exclude(state=ReviewState.SUBMITTED)
        .select_related("reviewer")
        .order_by("waiting_since", "pk")
    )


def waiting_for(user: User) -> QuerySet[Review]:
    return waiting_reviews().filter(reviewer=user)


def count_waiting_for(user: User) -> int:
    """How many reviews are waited for from this person: every page of staff says it."""
    sql, parameters = _count_statement()
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk if each == ANY_USER else each for each in parameters])
        (count,) = cursor.fetchone()
    return int(count)


@cache
def _count_statement() -> tuple[str, tuple[Any, ...]]:
    """The statement that counts them, with ANY_USER among its parameters.

    Django takes twenty times as long to put the query into SQL as the database to answer it.
    """
    waiting = waiting_reviews().filter(reviewer_id=ANY_USER).order_by().values("pk")
    sql, parameters = waiting.query.sql_with_params()
    return f"SELECT COUNT(*) FROM ({sql}) AS waiting", parameters  # noqa: S608


def remind_reviewers() -> None:
    """E-mail each reviewer whose reviews have waited long, once in REVIEW_REMINDER_DAYS."""
    if not settings.REVIEW_REMINDER_DAYS or not settings.MAIL_IS_ON:
        return
    for user in _late_reviewers():
        try:
            _remind(user)
        except Exception:
            logger.exception("reviewer_not_reminded", user=user.pk)


def _late() -> QuerySet[Review]:
    before = now() - timedelta(days=settings.REVIEW_REMINDER_DAYS)
    not_reminded = Q(reminded_at=None) | Q(reminded_at__lte=before)
    return waiting_reviews().filter(not_reminded, waiting_since__lte=before)


def _late_reviewers() -> Iterator[User]:
    ids = set(_late().values_list("reviewer_id", flat=True))
    for user in User.objects.filter(pk__in=ids).exclude(email=""):
        if is_reviewer(user):
            yield user


def _remind(user: User) -> None:
    """Mark the reviews and queue the e-mail in one transaction, so that neither is there alone.

    The e-mail is stored as it is, so it names no candidate.
    """
    with transaction.atomic():
        ids = list(_late().filter(reviewer=user).values_list("pk", flat=True))
        before = now() - timedelta(days=settings.REVIEW_REMINDER_DAYS)
        # Of two processes that remind at once, one finds them marked.
        rows = Review.objects.filter(pk__in=ids).exclude(reminded_at__gt=before)
        count = rows.update(reminded_at=now())
        if not count:
            return
        oldest = waiting_for(user).values_list("waiting_since", flat=True).first()
        days = (now() - oldest).days if oldest is not None else settings.REVIEW_REMINDER_DAYS
        waiting = waiting_for(user).count()
        with mail_language():
            title = ngettext("%(n)s review is waiting", "%(n)s reviews are waiting", waiting)
            text = ngettext(
                "The oldest has waited for %(days)s day.",
                "The oldest has waited for %(days)s days.",
                days,
            )
            url = f"{settings.SITE_URL}{reverse('dashboard:to-review')}"
            body = f"{text % {'days': days}}\n\n{_('Your reviews:')}\n{url}\n"
            outbox.notify([user.email], title % {"n": waiting}, body)
