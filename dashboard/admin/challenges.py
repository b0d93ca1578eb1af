"""Challenges in the admin: looked at, archived and restored. Their own pages change them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dashboard.admin.actions import RecordAction
from dashboard.admin.records import Listing, RecordAdmin
from dashboard.models import ChallengeRecord
from dashboard.permissions.roles import Permission
from dashboard.presenters.confirmations import Confirmation
from interviews.challenges import library
from interviews.challenges.models import Challenge
from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError

SIZE = 50
VERSIONS = 20


def _archiving(challenge: Challenge) -> Confirmation:
    text = "Nobody can be invited to it any more; what was begun goes on. It can be restored."
    return Confirmation("Archive this challenge?", text, "Archive", "It was archived.")


def _restoring(challenge: Challenge) -> Confirmation:
    text = "Candidates can be invited to it again."
    return Confirmation("Restore this challenge?", text, "Restore", "It was restored.")


def _set_active(challenge: Challenge, active: bool) -> str:
    library.set_active(challenge.id, active)
    return ""


DEEDS = (
    RecordAction(
        "archive",
        "Archive",
        "challenge_archived",
        Permission.EDIT_CHALLENGES,
        lambda challenge: not challenge.is_archived,
        _archiving,
        lambda challenge, by, values: _set_active(challenge, False),
    ),
    RecordAction(
        "restore",
        "Restore",
        "challenge_restored",
        Permission.EDIT_CHALLENGES,
        lambda challenge: challenge.is_archived,
        _restoring,
        lambda challenge, by, values: _set_active(challenge, True),
    ),
)


@admin.register(ChallengeRecord)
class ChallengeAdmin(RecordAdmin):
    deeds = DEEDS
    search_help_text = "Any part of the name, the id or the language."
    narrowed_by = {"shown": ("use", {"offered": "On offer", "archived": "Archived"})}

    def read(self, request: HttpRequest, asked: Mapping[str, str]) -> Listing:
        """The library is small enough to be read whole."""
        shown, text = asked.get("shown"), asked.get("q", "").strip().casefold()
        found = [] if shown == "archived" else library.active_challenges()
        found += [] if shown == "offered" else library.archived_challenges()
        found = [each for each in found if text in _text(each)]
        begin = _begin(asked.get("cursor"))
        more = len(found) > begin + SIZE
        return Listing(
            found[begin : begin + SIZE], cursors.encode_cursor(begin + SIZE) if more else None
        )

    def find(self, record_id: str) -> Challenge | None:
        return library.get_challenge(record_id)

    def name_of(self, record: Challenge) -> str:
        return str(record.name)

    def sheet(self, request: HttpRequest, record: Challenge) -> dict[str, Any]:
        versions = library.versions_page(record.id)
        return {"challenge": record, "versions": versions[:VERSIONS]}


def _text(challenge: Challenge) -> str:
    return f"{challenge.name} {challenge.id} {challenge.language}".casefold()


def _begin(cursor: str | None) -> int:
    """Raises InvalidCursorError."""
    begin = cursors.decode_cursor(cursor) if cursor else 0
    if not isinstance(begin, int) or isinstance(begin, bool) or begin < 0:
        raise InvalidCursorError(str(cursor)[:100])
    return begin
