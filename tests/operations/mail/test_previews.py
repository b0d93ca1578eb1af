"""A preview is the email that the action sends, but for the candidate's link."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail

from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.invitations import InvitationEdit, LiveInvitation, TakeHomeInvitation
from operations import actions
from operations.actions import email_previews
from operations.exceptions import InvalidInputError, WrongStateError
from operations.mail import resend, sender
from operations.mail.messages import HIDDEN
from operations.mail.models import Message
from operations.mail.previews import EmailPreview
from tests.conftest import fresh
from tests.operations.mail.conftest import ADDRESS

BY = "recruiter"
LATER = timedelta(days=3)


@pytest.fixture(autouse=True)
def _one_moment(mail_on: None) -> Iterator[None]:
    """Deadlines count from the moment of the invitation."""
    with time_machine.travel("2026-12-01 09:00:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def _named_inviter(staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(email="grace@example.com", first_name="Grace")


def send_all(interview: Interview) -> None:
    for message in Message.objects.filter(interview_id=interview.id, state="queued"):
        sender.send_message(message.pk)


def sent(interview: Interview) -> EmailPreview:
    """The newest email to the candidate, as a preview has it."""
    send_all(interview)
    email: Any = mail.outbox[-1]
    return EmailPreview(
        subject=email.subject,
        sender=email.from_email,
        reply_to=", ".join(email.reply_to),
        to=", ".join(email.to),
        text=email.body.replace(interview.passcode, HIDDEN),
        language="en",
        has_attachment=bool(email.attachments),
    )


def invitation(**fields: Any) -> TakeHomeInvitation:
    return TakeHomeInvitation(
        candidate_name="Ada",
        challenge="word-count",
        duration_minutes=60,
        send_email=True,
        candidate_email=ADDRESS,
        time_zone="Europe/Berlin",
        **fields,
    )


def live(at: datetime | None) -> LiveInvitation:
    return LiveInvitation(
        candidate_name="Ada",
        challenge="word-count",
        scheduled_at=at,
        send_email=True,
        candidate_email=ADDRESS,
        time_zone="America/New_York",
    )


def test_of_a_test(challenge: Any, staff: User) -> None:
    drawn = email_previews.preview_invitation(invitation(allowance_percent=50), by=BY)
    assert Message.objects.count() == 0
    assert list(Interview.scan()) == []
    interview = actions.invite(invitation(allowance_percent=50), by=BY)
    assert drawn == sent(interview)
    assert f"/take-home/{HIDDEN}/" in drawn.text
    assert (drawn.reply_to, drawn.has_attachment) == ("grace@example.com", True)


@pytest.mark.parametrize("is_planned", [True, False])
def test_of_a_live_interview(challenge: Any, engine: Any, is_planned: bool) -> None:
    plan = live(now() + LATER if is_planned else None)
    drawn = email_previews.preview_invitation(plan, by=BY)
    assert drawn == sent(actions.schedule_live(plan, by=BY))
    assert f"/interview/{HIDDEN}/" in drawn.text


def test_sent_again_to_another_address(challenge: Any) -> None:
    interview = actions.invite(invitation(), by=BY)
    send_all(interview)
    other = "ada@other.example"
    drawn = email_previews.preview_resend(interview, by=BY, to=other)
    assert fresh(interview).candidate_email == ADDRESS
    resend.resend_invitation(interview, by=BY, to=other)
    assert drawn == sent(interview)
    assert drawn.to == other


Act = Callable[[Interview], Any]
EDIT = InvitationEdit(candidate_name="Ada", valid_until=datetime.fromisoformat("2026-12-20 09:00Z"))
LONGER = InvitationEdit(duration_minutes=90)
ABROAD: dict[str, Any] = {"local": "2026-12-15T10:00", "zone": "Asia/Tokyo"}
ELSEWHERE = InvitationEdit(candidate_email="ada@other.example")


@pytest.mark.parametrize(
    ("draw", "act"),
    [
        *(
            (
                lambda it, edit=edit: email_previews.preview_edit(it, edit, by=BY),
                lambda it, edit=edit: actions.edit_invitation(it, edit, by=BY),
            )
            for edit in (EDIT, LONGER, ELSEWHERE)
        ),
        (
            lambda it: email_previews.preview_extension(it, 15, by=BY),
            lambda it: actions.extend(it, 15, by=BY),
        ),
        (
            lambda it: email_previews.preview_withdrawal(it, by=BY),
            lambda it: actions.revoke(it, by=BY),
        ),
    ],
    ids=["deadline", "length", "address", "extension", "withdrawal"],
)
@pytest.mark.parametrize("is_written", [True, False])
def test_of_a_change_of_a_test(
    challenge: Any, draw: Callable[[Interview], EmailPreview], act: Act, is_written: bool
) -> None:
    """An invitation that still waits has the change in it, or is no longer sent."""
    interview = actions.invite(invitation(), by=BY)
    if is_written:
        send_all(interview)
    before = interview.serialize()
    try:
        drawn: EmailPreview | None = draw(interview)
    except WrongStateError:
        drawn = None
    assert interview.serialize() == fresh(interview).serialize() == before
    mail.outbox.clear()
    act(interview)
    send_all(fresh(interview))
    assert [drawn] == ([sent(interview)] if mail.outbox else [None])
    assert (drawn is not None) or not is_written


def test_what_a_new_address_gets_is_an_invitation(challenge: Any) -> None:
    interview = actions.invite(invitation(), by=BY)
    send_all(interview)
    actions.edit_invitation(interview, ELSEWHERE, by=BY)
    assert sent(fresh(interview)).subject == "Your take-home test: Word count"


@pytest.mark.parametrize(
    ("draw", "act"),
    [
        (
            lambda it: email_previews.preview_reschedule(it, by=BY, at=now() + 2 * LATER),
            lambda it: actions.reschedule(it, by=BY, at=now() + 2 * LATER),
        ),
        (
            lambda it: email_previews.preview_reschedule(it, by=BY, **ABROAD),
            lambda it: actions.reschedule(it, by=BY, **ABROAD),
        ),
        (
            lambda it: email_previews.preview_reschedule(it, by=BY, minutes=90),
            lambda it: actions.reschedule(it, by=BY, minutes=90),
        ),
        (
            lambda it: email_previews.preview_withdrawal(it, by=BY),
            lambda it: actions.revoke(it, by=BY),
        ),
    ],
    ids=["time", "zone", "length", "cancellation"],
)
def test_of_a_change_of_an_interview(
    challenge: Any, draw: Callable[[Interview], EmailPreview], act: Act
) -> None:
    interview = actions.schedule_live(live(now() + LATER), by=BY)
    send_all(interview)
    drawn = draw(interview)
    act(interview)
    assert drawn == sent(fresh(interview))


def test_what_changes_nothing_that_is_told_has_none(challenge: Any) -> None:
    interview = actions.invite(invitation(), by=BY)
    send_all(interview)
    for edit, sentence in (
        (InvitationEdit(custom_instructions="Hello"), "gets no email about this"),
        (InvitationEdit(candidate_name="Ada"), "Nothing was changed yet"),
    ):
        with pytest.raises(WrongStateError, match=sentence):
            email_previews.preview_edit(interview, edit, by=BY)


def test_whoever_had_no_email_gets_none(challenge: Any) -> None:
    quiet = invitation().model_copy(update={"send_email": False})
    with pytest.raises(WrongStateError, match="gets no email\\. Tick"):
        email_previews.preview_invitation(quiet, by=BY)
    interview = actions.invite(quiet, by=BY)
    with pytest.raises(WrongStateError, match="gets no email about this"):
        email_previews.preview_withdrawal(interview, by=BY)


def test_each_checks_as_its_action_does(challenge: Any, settings: Any) -> None:
    interview = actions.invite(invitation(), by=BY)
    with pytest.raises(InvalidInputError, match="less than a minute"):
        email_previews.preview_extension(interview, -60, by=BY)
    with pytest.raises(InvalidInputError, match="isn't available"):
        email_previews.preview_edit(interview, InvitationEdit(challenge="none"), by=BY)
    with pytest.raises(WrongStateError, match="Only a live interview"):
        email_previews.preview_reschedule(interview, by=BY, minutes=60)
    actions.revoke(interview, by=BY)
    with pytest.raises(WrongStateError, match="can't be withdrawn"):
        email_previews.preview_withdrawal(fresh(interview), by=BY)
    settings.MAIL_IS_ON = False
    with pytest.raises(InvalidInputError, match="isn't set up"):
        email_previews.preview_invitation(invitation(), by=BY)
