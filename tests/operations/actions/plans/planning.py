"""What the tests of edits and moves have in common."""

from interviews.schemas.invitations import InvitationEdit
from operations import actions
from tests.conftest import fresh


def edit(interview, *, based_on=None, **fields):
    actions.edit_invitation(interview, InvitationEdit(**fields), by="recruiter", based_on=based_on)
    return fresh(interview)


def move(interview, **how):
    actions.reschedule(interview, by="recruiter", **how)
    return fresh(interview)
