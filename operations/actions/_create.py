"""Writing a new interview: of a challenge that is on offer, under a passcode that nobody has."""

import secrets
from typing import Any

from interviews import queries
from interviews.challenges import library, versions
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.legacy import lazy_migration, writes_old_table
from interviews.legacy.ids import derive_passcode
from interviews.models import DRY_RUN, Interview, StaleWriteError
from interviews.passcodes import new_passcode
from interviews.search.index import index_interview, unindex_interview
from operations.exceptions import IdempotencyKeyReusedError, InvalidInputError


def offered(challenge_id: str) -> Challenge:
    """The challenge, if candidates may be given it. InvalidInputError: they may not."""
    challenge = library.get_challenge(challenge_id)
    if challenge is None or challenge.is_active != "true":
        raise InvalidInputError("challenge", "There is no such challenge in the library.")
    return challenge


def create(
    type_: str,
    prefix: str,
    challenge: Challenge,
    *,
    by: str,
    id_: str | None = None,
    **fields: Any,
) -> Interview:
    """Write a new interview, on the version of the challenge that the library has now: later edits
    do not reach it. If somebody else wrote one of this id first, it is theirs that is returned."""
    number = challenge.number
    if number is None:
        # A row of before there were versions: what it holds now becomes the first.
        number = versions.create_first_version(challenge).number
    interview = Interview(
        id=id_ or f"{prefix}-{int(now().timestamp())}-{secrets.token_hex(5)}",
        type=type_,
        challenge=challenge.id,
        created_by=by,
        **{"challenge_version": number, "created_at": now(), **fields},
    )
    if type_ != DRY_RUN:
        # First, so that what exists can be found; a crash leaves a term that leads nowhere.
        index_interview(interview, challenge.name)
    try:
        _write(interview, by)
    except StaleWriteError:
        there = queries.get_interview(interview.id) if id_ else None
        if there is None:
            raise
        if type_ != DRY_RUN:
            _index_theirs(interview, there)
        return there
    if type_ != DRY_RUN:
        library.record_use(challenge.id)
    return interview


def _write(interview: Interview, by: str) -> None:
    """Where both portals are to have it, into the table that both read. Raises StaleWriteError."""
    if not interview.is_take_home or not writes_old_table():
        interview.create(by=by)
        return
    fields = dict(interview.attribute_values)
    interview.passcode = derive_passcode(interview.id)
    try:
        lazy_migration.create_takehome(interview)
    except StaleWriteError:
        if queries.get_interview(interview.id) is not None:
            raise
        # The passcode is somebody else's: this one is ours alone.
        interview.attribute_values = fields
        interview.create(by=by)


def require_same(interview: Interview, request_digest: str | None) -> None:
    """Raises IdempotencyKeyReusedError where another request made this interview."""
    if request_digest is not None and interview.request_digest != request_digest:
        raise IdempotencyKeyReusedError


def _index_theirs(ours: Interview, theirs: Interview) -> None:
    """Ours was made findable, and does not exist: theirs is found by its own words, once."""
    unindex_interview(ours)
    challenge = library.get_challenge(theirs.challenge)
    index_interview(theirs, challenge.name if challenge is not None else theirs.challenge)


def unused_passcode() -> str:
    """A passcode that no interview has."""
    while True:
        passcode = new_passcode()
        if queries.get_by_passcode(passcode) is None:
            return passcode
