"""What somebody may do with an interview now."""

from functools import cached_property

from django.conf import settings

from dashboard.permissions.roles import Actor, Permission
from interviews.attributes import LIVE
from interviews.lifecycle import FINAL, NOT_STARTED, PROVISIONING, Status
from interviews.models import Interview


class Permitted:
    """Each `can_` is about the interview as it is, and its `actor`."""

    interview: Interview
    actor: Actor
    # Its place in line for a workspace, from 1.
    place: int | None
    # Staff made it the next in line.
    is_moved_to_front: bool

    @cached_property
    def state(self) -> Status:
        return self.interview.state

    @property
    def is_live(self) -> bool:
        return self.interview.type == LIVE

    @cached_property
    def may_manage(self) -> bool:
        return self.actor.may(Permission.MANAGE)

    @property
    def can_end(self) -> bool:
        """True if staff may end it, or close it here while another portal's ending is stuck."""
        is_theirs = self.state is Status.DESTROYING and not self.interview.operation_id
        return self.may_manage and (self.state is Status.ACTIVE or is_theirs)

    @property
    def can_retry(self) -> bool:
        return self.may_manage and self.state is Status.ERROR

    @property
    def can_give_up_files(self) -> bool:
        """Staff may give up on the files once saving them has failed."""
        return (
            self.may_manage
            and self.state is Status.DESTROYING
            and self.interview.failed_step == "save"
            and bool(self.interview.save_files)
        )

    @property
    def can_revoke(self) -> bool:
        """An ending interview cannot be revoked. A running live interview is ended instead."""
        if not self.may_manage or (self.is_live and self.state is Status.ACTIVE):
            return False
        return self.state not in FINAL and self.state is not Status.DESTROYING

    @property
    def can_move_up(self) -> bool:
        """True if it is in line for a workspace, and not the next one by staff's choice already.

        The first in line may wait as well, for a place that is kept for an interview.
        """
        return self.may_manage and self.place is not None and not self.is_moved_to_front

    @property
    def can_extend(self) -> bool:
        open_to_it = (Status.AVAILABLE, Status.SCHEDULED, Status.ERROR, Status.ACTIVE)
        return self.may_manage and self.state in {*open_to_it, *PROVISIONING}

    @property
    def can_select(self) -> bool:
        """True if it can be one of many that are reminded, extended or withdrawn together."""
        return self.may_manage and self.state is Status.AVAILABLE

    @property
    def can_remind(self) -> bool:
        """True if the candidate can be sent the link again; `selection` has the action."""
        may_invite = self.actor.may(Permission.INVITE)
        is_invited = self.interview.is_take_home and self.state is Status.AVAILABLE
        return may_invite and is_invited and settings.MAIL_IS_ON

    @property
    def can_edit(self) -> bool:
        """True if the invitation may be edited; of an expired one only the deadline."""
        if not self.may_manage or self.interview.is_dry_run:
            return False
        is_expired = self.state is Status.EXPIRED and self.interview.is_take_home
        return self.state in NOT_STARTED or is_expired

    @property
    def can_reschedule(self) -> bool:
        is_planned = self.state is Status.SCHEDULED and bool(self.interview.scheduled_at)
        return self.may_manage and self.is_live and is_planned

    @property
    def can_delete(self) -> bool:
        return self.state in FINAL and self.actor.may(Permission.DELETE)

    @property
    def can_handle_data(self) -> bool:
        """True if staff may export or delete everything that is stored about the candidate."""
        return not self.interview.is_dry_run and self.actor.may(Permission.DELETE)

    @property
    def can_reopen(self) -> bool:
        is_saved = self.state is Status.COMPLETED and bool(self.interview.history_s3_key)
        return self.may_manage and is_saved and not self.interview.is_dry_run
