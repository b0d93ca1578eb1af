"""Permissions of staff, and the roles made of them.

One set for pages, API, event stream and admin: all of them ask `Actor.may`. A permission or a role
is added in this module: `groups.py` stores both after the next `migrate`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as N_


class Permission(StrEnum):
    """Codenames of Django permissions, on `dashboard.models.InterviewRecord`."""

    VIEW = "view_interviews"
    SEE_CREDENTIALS = "see_credentials"
    INVITE = "invite_candidates"
    MANAGE = "manage_interviews"
    REVIEW = "review_submissions"
    DECIDE = "decide_on_candidates"
    DELETE = "delete_interviews"
    EDIT_CHALLENGES = "edit_challenges"
    EDIT_EMAIL_TEXTS = "edit_email_texts"
    SEE_AUDIT = "see_audit_trail"
    ADMINISTER = "administer_platform"

    @property
    def full(self) -> str:
        """The permission as Django's `has_perm` expects it."""
        return f"dashboard.{self.value}"


# Stored in English, as the names of Django's permissions, and translated when they are shown.
TITLES = {
    Permission.VIEW: N_("See interviews, their progress, logs and saved files"),
    Permission.SEE_CREDENTIALS: N_("See candidates' links, workspace addresses and passwords"),
    Permission.INVITE: N_("Invite candidates and schedule interviews"),
    Permission.MANAGE: N_("Stop, withdraw, retry, extend and reopen interviews"),
    Permission.REVIEW: N_("Review submissions"),
    Permission.DECIDE: N_("Assign reviewers, see their reviews and decide on candidates"),
    Permission.DELETE: N_("Delete interviews with their files, export or delete candidates' data"),
    Permission.EDIT_CHALLENGES: N_("Create and edit challenges"),
    Permission.EDIT_EMAIL_TEXTS: N_("Edit the texts of emails to candidates"),
    Permission.SEE_AUDIT: N_("Read everyone's audit log"),
    Permission.ADMINISTER: N_("Manage people, branding, API tokens and webhooks"),
}

VIEWER = "Viewer"
REVIEWER = "Reviewer"
INTERVIEWER = "Interviewer"
ADMINISTRATOR = "Administrator"

ROLES: dict[str, frozenset[Permission]] = {
    VIEWER: frozenset({Permission.VIEW}),
    REVIEWER: frozenset({Permission.VIEW, Permission.REVIEW}),
    INTERVIEWER: frozenset(
        {
            Permission.VIEW,
            Permission.SEE_CREDENTIALS,
            Permission.INVITE,
            Permission.MANAGE,
            Permission.REVIEW,
            Permission.DECIDE,
            Permission.EDIT_CHALLENGES,
        }
    ),
    ADMINISTRATOR: frozenset(Permission),
}

# Stored and compared in English, and translated when they are shown.
_NAMES = {
    VIEWER: _("Viewer"),
    REVIEWER: _("Reviewer"),
    INTERVIEWER: _("Interviewer"),
    ADMINISTRATOR: _("Administrator"),
}
DESCRIPTIONS = {
    VIEWER: _("Follows interviews and reads saved files. Sees no links or passwords."),
    REVIEWER: _("Reviews submissions. Sees no links or passwords."),
    INTERVIEWER: _("Invites candidates, runs interviews, reviews, decides and edits challenges."),
    ADMINISTRATOR: _("Does everything, including people, branding, API tokens and webhooks."),
}


def role_name(role: str) -> Any:
    """The name of a role in the reader's language; a group of another name keeps it."""
    return _NAMES.get(role, role)


@dataclass(frozen=True)
class Actor:
    """The acting user: a person, or a machine with a token."""

    name: str
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    is_token: bool = False

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def actor_of(user: Any) -> Actor:
    """A signed-in user as an actor. Superusers have every permission."""
    granted = frozenset(p for p in Permission if user.has_perm(p.full))
    return Actor(user.get_username(), granted)
