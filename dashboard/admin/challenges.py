"""Challenges in the admin: view, archive and restore. Their own pages edit them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.admin.actions import RecordAction
from dashboard.admin.records import Listing, RecordAdmin
from dashboard.models import ChallengeRecord
from dashboard.permissions.roles import Permission
from dashboard.presenters.interviews.confirmation import Confirmation
from interviews.challenges import library
from interviews.challenges.models import Challenge
from interviews.pagination import cursors
from interviews.pagination.cursors import InvalidCursorError
from operations import actions

PAGE_SIZE = 50
VERSIONS = 20


def _confirm_archive(challenge: Challenge) -> Confirmation:
    return Confirmation(
        _("Archive this challenge?"),
        _(
            "No one can be invited to it. Existing interviews continue, and you can restore it at "
            "any time."
        ),
        _("Archive"),
        _("Archived."),
    )


def _confirm_restore(challenge: Challenge) -> Confirmation:
    return Confirmation(
        _("Restore this challenge?"),
        _("Candidates can be invited to it again."),
        _("Restore"),
        _("Restored."),
    )


def _archive(challenge: Challenge, by: str, values: dict[str, Any]) -> str:
    actions.archive_challenge(challenge.id)
    return ""


def _restore(challenge: Challenge, by: str, values: dict[str, Any]) -> str:
    actions.restore_challenge(challenge.id)
    return ""


RECORD_ACTIONS = (
    RecordAction(
        "archive",
        gettext_lazy("Archive"),
        Permission.EDIT_CHALLENGES,
        lambda challenge: not challenge.is_archived,
        _confirm_archive,
        _archive,
    ),
    RecordAction(
        "restore",
        gettext_lazy("Restore"),
        Permission.EDIT_CHALLENGES,
        lambda challenge: challenge.is_archived,
        _confirm_restore,
        _restore,
    ),
)


@admin.register(ChallengeRecord)
class ChallengeAdmin(RecordAdmin):
    record_actions = RECORD_ACTIONS
    search_help_text = gettext_lazy("Any part of the name, ID or language.")
    sidebar_filters = {
        "shown": (
            gettext_lazy("status"),
            {"offered": gettext_lazy("Active"), "archived": gettext_lazy("Archived")},
        )
    }

    def list_records(self, request: HttpRequest, params: Mapping[str, str]) -> Listing:
        """SourcePage the whole library and page in memory: it is small."""
        use, text = params.get("shown"), params.get("q", "").strip().casefold()
        challenges = [] if use == "archived" else library.active_challenges()
        challenges += [] if use == "offered" else library.archived_challenges()
        challenges = [each for each in challenges if text in _text(each)]
        offset = _offset(params.get("cursor"))
        has_next = len(challenges) > offset + PAGE_SIZE
        return Listing(
            challenges[offset : offset + PAGE_SIZE],
            cursors.encode_cursor(offset + PAGE_SIZE) if has_next else None,
        )

    def get_record(self, record_id: str) -> Challenge | None:
        return library.get_challenge(record_id)

    def display_name(self, record: Challenge) -> str:
        return str(record.name)

    def detail_context(self, request: HttpRequest, record: Challenge) -> dict[str, Any]:
        versions = library.versions_page(record.id)
        return {"challenge": record, "versions": versions[:VERSIONS]}


def _text(challenge: Challenge) -> str:
    return f"{challenge.name} {challenge.id} {challenge.language}".casefold()


def _offset(cursor: str | None) -> int:
    """The offset of the page.

    Raises:
        InvalidCursorError: if the cursor holds no offset.
    """
    offset = cursors.decode_cursor(cursor) if cursor else 0
    if not isinstance(offset, int) or isinstance(offset, bool) or offset < 0:
        raise InvalidCursorError(str(cursor)[:100])
    return offset
