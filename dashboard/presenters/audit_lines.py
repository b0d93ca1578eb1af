"""The entries of the audit log as its page shows them: people and targets by their names."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse

from interviews import queries
from interviews.challenges import library
from interviews.models import Interview
from operations.audit import AuditAction
from operations.audit.models import AuditEntry

# Their target is a challenge's id.
CHALLENGE_ACTIONS = {
    AuditAction.CHALLENGE_CREATED,
    AuditAction.CHALLENGE_CHANGED,
    AuditAction.CHALLENGE_ARCHIVED,
    AuditAction.CHALLENGE_RESTORED,
    AuditAction.DRY_RUN,
}


@dataclass(frozen=True)
class AuditLine:
    """An entry, with who did it and what it is about.

    `full_name` is "" if the actor is no person or has none. `target` is the name of what it is
    about, or its id if that is gone; `note` says more about it, and `url` is its page, or "".
    """

    entry: AuditEntry
    full_name: str
    target: str
    note: str
    url: str


def audit_lines(entries: Iterable[AuditEntry]) -> list[AuditLine]:
    """The lines of a page of entries, with the names as they are now."""
    shown = list(entries)
    names = _full_names({entry.actor for entry in shown})
    ids = {entry.interview_id for entry in shown if queries.is_valid_id(entry.interview_id)}
    interviews = queries.get_interviews(ids)
    challenge_ids = {entry.target for entry in shown if entry.what in CHALLENGE_ACTIONS}
    challenge_ids |= {interview.challenge for interview in interviews.values()}
    challenges = {id_: library.challenge_name(id_) for id_ in challenge_ids if id_}
    return [
        AuditLine(
            entry,
            names.get(entry.actor, ""),
            *_target(entry, interviews.get(entry.interview_id), challenges),
        )
        for entry in shown
    ]


def _full_names(usernames: set[str]) -> dict[str, str]:
    users = User.objects.filter(username__in=usernames)
    return {user.username: user.get_full_name() for user in users}


def _target(
    entry: AuditEntry, interview: Interview | None, challenges: dict[str, str]
) -> tuple[str, str, str]:
    if interview is not None:
        name = interview.candidate_name or challenges.get(interview.challenge, "")
        note = challenges.get(interview.challenge, "") if interview.candidate_name else ""
        return name or interview.id, note, _url("interview", interview.id)
    if entry.interview_id:
        return entry.interview_id, "", _url("interview", entry.interview_id)
    if entry.what in CHALLENGE_ACTIONS:
        return challenges.get(entry.target, entry.target), "", _url("challenge", entry.target)
    return entry.target, "", ""


def _url(view: str, id_: str) -> str:
    """The page of it, or "" if an id of another version cannot be in a URL."""
    try:
        return reverse(f"dashboard:{view}", args=[id_])
    except NoReverseMatch:
        return ""
