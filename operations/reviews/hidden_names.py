"""Whose names a reviewer does not see until they have scored, if the challenge says so.

It is about those who review and do not decide: who assigns reviewers has to know whom they are for.
"""

import copy
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from interviews.models import Interview
from operations.reviews.access import DECIDE, REVIEW, Viewer
from operations.reviews.models import Review, ReviewSettings, ReviewState

CODE_LENGTH = 6


def hidden_from(viewer: Viewer, interviews: Iterable[Interview]) -> frozenset[str]:
    """The ids of those whose candidate's name the viewer does not see, in two queries at most."""
    if not _scores_first(viewer):
        return frozenset()
    challenges = {each.id: str(each.challenge) for each in interviews if not each.is_dry_run}
    hiding = set(
        ReviewSettings.objects.filter(
            pk__in=set(challenges.values()), hides_names=True
        ).values_list("pk", flat=True)
    )
    hidden = {id_ for id_, challenge in challenges.items() if challenge in hiding}
    if hidden and viewer.user_id is not None:
        scored = Review.objects.filter(
            reviewer_id=viewer.user_id, state=ReviewState.SUBMITTED, interview_id__in=hidden
        )
        hidden -= set(scored.values_list("interview_id", flat=True))
    return frozenset(hidden)


def is_any_hidden_from(viewer: Viewer) -> bool:
    """True if there is a challenge of which the viewer may not see names."""
    return _scores_first(viewer) and ReviewSettings.objects.filter(hides_names=True).exists()


def _scores_first(viewer: Viewer) -> bool:
    return viewer.may_review and not viewer.may_decide


def shown_to(viewer: Viewer, interviews: Sequence[Interview]) -> list[Interview]:
    """The interviews as the viewer may see them: some as copies without name and address."""
    hidden = hidden_from(viewer, interviews)
    return [_without_name(each) if each.id in hidden else each for each in interviews]


def shown_to_person(user: Any, interview: Interview) -> Interview:
    """The same for a person who is written to."""
    viewer = Viewer(user.pk, may_review=user.has_perm(REVIEW), may_decide=user.has_perm(DECIDE))
    return shown_to(viewer, [interview])[0]


def pseudonym(interview_id: str) -> str:
    """What stands in place of a name, the same for everybody: "Candidate 4F09AC"."""
    code = hashlib.sha256(interview_id.encode()).hexdigest()[:CODE_LENGTH].upper()
    return _("Candidate %(code)s") % {"code": code}


def _without_name(interview: Interview) -> Interview:
    """A copy to show. Writing it is refused, as the name would be lost."""
    shown = copy.copy(interview)
    shown.attribute_values = dict(interview.attribute_values)
    shown.candidate_name = pseudonym(str(interview.id))
    shown.candidate_email = None
    shown.on_first_write = _refuse_write
    return shown


def _refuse_write(interview: Interview) -> None:
    raise AssertionError(f"{interview.id} without its name is only to be shown.")
