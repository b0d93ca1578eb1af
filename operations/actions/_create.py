"""Create an interview row, with an unused passcode."""

import secrets
from typing import Any

from django.utils.translation import gettext as _

from interviews import queries
from interviews.attributes import DRY_RUN
from interviews.challenges import library, versions
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.legacy import lazy_migration, writes_old_table
from interviews.legacy.ids import derive_passcode
from interviews.models import Interview, StaleWriteError
from interviews.passcodes import new_passcode
from interviews.search.index import index_interview, unindex_interview
from operations.exceptions import IdempotencyKeyReusedError, InvalidInputError


def get_offered_challenge(challenge_id: str) -> Challenge:
    """The challenge.

    Raises:
        InvalidInputError: if there is no such challenge, or it is not active.
    """
    challenge = library.get_challenge(challenge_id)
    if challenge is None or challenge.is_active != "true":
        raise InvalidInputError(
            "challenge", _("This challenge isn't available. Choose another one.")
        )
    return challenge


def current_version(challenge: Challenge) -> int:
    """The number of the challenge's current version, for an interview that keeps it."""
    number = challenge.number
    if number is None:
        # The row is older than versions: its current content becomes the first version.
        number = versions.create_first_version(challenge).number
    return int(number)


def create_interview(
    type_: str,
    prefix: str,
    challenge: Challenge,
    *,
    by: str,
    id_: str | None = None,
    **fields: Any,
) -> Interview:
    """Write a new interview on the current version of the challenge, so that later edits do not
    change it.

    Returns the existing interview if another process wrote one with this id first.
    """
    interview = Interview(
        id=id_ or f"{prefix}-{int(now().timestamp())}-{secrets.token_hex(5)}",
        type=type_,
        challenge=challenge.id,
        created_by=by,
        **{"challenge_version": current_version(challenge), "created_at": now(), **fields},
    )
    if type_ != DRY_RUN:
        # Before the row, so that every row can be found. A crash leaves a term without a row.
        index_interview(interview, challenge.name)
    try:
        _save_interview(interview, by)
    except StaleWriteError:
        existing = queries.get_interview(interview.id) if id_ else None
        if existing is None:
            raise
        if type_ != DRY_RUN:
            _index_existing(interview, existing)
        return existing
    if type_ != DRY_RUN:
        library.record_use(challenge.id)
    return interview


def _save_interview(interview: Interview, by: str) -> None:
    """Write the row, into the old portal's table if both portals must see it.

    Raises:
        StaleWriteError: if there is a row with this id already.
    """
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
        # Another interview has this passcode in the old table: write to the own table alone.
        interview.attribute_values = fields
        interview.create(by=by)


def require_same_request(interview: Interview, request_digest: str | None) -> None:
    """Check that this request created the interview.

    Raises:
        IdempotencyKeyReusedError: if another request did.
    """
    if request_digest is not None and interview.request_digest != request_digest:
        raise IdempotencyKeyReusedError


def _index_existing(discarded: Interview, existing: Interview) -> None:
    """Replace the search terms of the discarded interview by those of the existing one."""
    unindex_interview(discarded)
    index_interview(existing, library.challenge_name(existing.challenge))


def unused_passcode() -> str:
    """A new passcode that no interview has."""
    while True:
        passcode = new_passcode()
        if queries.get_by_passcode(passcode) is None:
            return passcode
