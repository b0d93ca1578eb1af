"""When an interview can be reviewed, and by which criteria."""

from collections.abc import Iterable
from dataclasses import asdict

from interviews.attributes import DRY_RUN
from interviews.challenges import library
from interviews.challenges.criteria import Criterion
from interviews.challenges.models import Version
from interviews.lifecycle import FINAL
from interviews.models import Interview
from operations.reviews.models import ReviewCase


def is_reviewable(interview: Interview) -> bool:
    """True for what is over and was begun: the candidate had a workspace."""
    was_begun = interview.ready_at is not None or bool(interview.sittings)
    return interview.state in FINAL and was_begun and interview.type != DRY_RUN


def lock_case(interview_id: str) -> None:
    """Let one transaction at a time change whether the interview's reviews are final."""
    ReviewCase.objects.get_or_create(pk=interview_id)
    ReviewCase.objects.select_for_update().filter(pk=interview_id).first()


def criteria_of(
    interview: Interview, seen: int | None = None
) -> tuple[tuple[Criterion, ...], int | None]:
    """The criteria of the interview's reviews, and the version of the challenge they are from.

    Until a first draft is saved, they are those of the version `seen`, or of the current one.
    """
    case = ReviewCase.objects.filter(pk=interview.id).first()
    if case is not None and case.criteria is not None:
        return stored_criteria(case.criteria), case.challenge_version
    version = _version_seen(interview, seen)
    if version is None:
        return (), None
    return version.about.criteria, None if version.number is None else int(version.number)


def pinned_criteria_of(interview_ids: Iterable[str]) -> dict[str, tuple[Criterion, ...]]:
    """The criteria that the interviews keep since their first drafts, by id, in one query."""
    cases = ReviewCase.objects.filter(pk__in=list(interview_ids), criteria__isnull=False)
    return {each.pk: stored_criteria(each.criteria or ()) for each in cases}


def pin_criteria(interview: Interview, seen: int | None) -> tuple[Criterion, ...]:
    """Keep the criteria that the first reviewer saw, of that version; return those that are kept.

    Call it in the transaction that saves the first draft.
    """
    case, _is_new = ReviewCase.objects.get_or_create(pk=interview.id)
    if case.criteria is None:
        version = _version_seen(interview, seen)
        criteria = version.about.criteria if version is not None else ()
        number = None if version is None or version.number is None else int(version.number)
        # Of two first drafts at once, one wins.
        ReviewCase.objects.filter(pk=interview.id, criteria__isnull=True).update(
            criteria=[asdict(each) for each in criteria], challenge_version=number
        )
        case.refresh_from_db()
    return stored_criteria(case.criteria or ())


def _version_seen(interview: Interview, seen: int | None) -> Version | None:
    """The version of the challenge that a reviewer saw, or the current one if there is no such."""
    version = library.get_version(interview.challenge, seen) if seen is not None else None
    return version or library.get_version(interview.challenge, None)


def stored_criteria(rows: Iterable[dict[str, object]]) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(str(row["name"]), str(row["good"]), int(str(row["weight"]))) for row in rows
    )
