"""What is edited is what candidates get; everything else is the product's text."""

import difflib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from interviews.dynamodb import now
from interviews.models import Interview, StaleWriteError
from interviews.schemas.invitations import InvitationEdit
from operations import actions
from operations.exceptions import InvalidInputError
from operations.mail import resend, sender
from operations.mail.previews import preview_text
from operations.mail.texts import changes
from operations.mail.texts.changes import reset_text, save_text, version_of
from operations.mail.texts.edited import complete_text
from operations.mail.texts.kinds import BY_KEY, KINDS, PLACEHOLDERS
from operations.mail.texts.models import MAX_BODY, EmailText
from operations.mail.texts.placeholders import names_in
from operations.mail.texts.standard import Text, standard_text
from tests.conftest import fresh
from tests.operations.mail.conftest import messages

pytestmark = pytest.mark.django_db

INVITATION = BY_KEY["test-invitation"]
BODY = "Hi {name},\n\nstart {test} by {deadline}:\n\n{link}\n\n- {time_limit}\n- 100 % you"


def save_mine(seen: str) -> None:
    save_text(INVITATION, "en", Text("Mine", BODY), based_on=seen)


def edit(key: str, subject: str = "", body: str = "", language: str = "en") -> None:
    """Save what is given, beside the standard text."""
    kind = BY_KEY[key]
    shown = complete_text(kind, language)
    text = Text(subject or shown.subject, body or shown.body)
    save_text(kind, language, text, based_on=version_of(kind, language))


def sent(interview: Interview, kind: str = "invitation") -> Any:
    sender.send_message(messages(interview, kind)[-1].pk)
    return mail.outbox[-1]


def html(email: Any) -> str:
    return next(str(each.content) for each in email.alternatives)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_standard_text_can_be_saved_as_it_is_shown_and_stores_nothing(
    kind: Any, language: str
) -> None:
    text = standard_text(kind, language)
    assert names_in(text.body) >= set(kind.required)
    # What is below the text is added to an edited one as well.
    assert "Any questions?" not in standard_text(kind, "en").body
    save_text(kind, language, text, based_on=version_of(kind, language))
    assert not EmailText.objects.exists()


@pytest.mark.parametrize("language", ["en", "de"])
def test_edited_text_is_sent_in_its_language(
    mailed: Callable[..., Interview], settings: Any, language: str
) -> None:
    edit("test-invitation", "Welcome, {name} ({company})", BODY, language)
    settings.LANGUAGE_CODE = language
    interview = mailed(duration_minutes=90)
    queued = messages(interview, "invitation")[-1]
    assert queued.subject == "Welcome, Ada (Takehome Platform)"
    email = sent(interview)
    link = f"https://tests.example.com/take-home/{interview.passcode}/"
    assert email.subject == "Welcome, Ada (Takehome Platform)"
    hours = {"en": "1 hour 30 minutes", "de": "1 Stunde 30 Minuten"}[language]
    assert email.body.startswith("Hi Ada,\n\nstart Word count by ")
    assert f":\n\n{link}\n\n- {hours}\n- 100 % you\n\n" in email.body
    closing = {"en": "The attached file adds the deadline", "de": "Die angehängte Datei"}[language]
    assert closing in email.body
    assert f'href="{link}"' in html(email)
    assert "<li" in html(email)
    settings.LANGUAGE_CODE = {"en": "de", "de": "en"}[language]
    resend.resend_invitation(interview, by="recruiter")
    assert "Word count" in sent(interview).subject


def test_only_the_subject_is_edited(mailed: Callable[..., Interview]) -> None:
    before = sent(mailed())
    edit("test-invitation", "Your task: {test}")
    assert EmailText.objects.get().body == ""
    after = sent(mailed())
    assert (before.subject, after.subject) == (
        "Your take-home test: Word count",
        "Your task: Word count",
    )
    assert after.body.splitlines()[:4] == before.body.splitlines()[:4]
    assert "What to expect</h2>" in html(after)


def test_email_that_waits_has_the_new_text(mailed: Callable[..., Interview]) -> None:
    interview = mailed()
    edit("test-invitation", "New: {test}", BODY)
    email = sent(interview)
    assert (email.subject, email.body[:7]) == ("New: Word count", "Hi Ada,")
    assert messages(interview, "invitation")[-1].subject == "New: Word count"


def test_standard_text_is_sent_again_after_it_is_reset(mailed: Callable[..., Interview]) -> None:
    edit("test-invitation", "New: {test}", BODY)
    reset_text(INVITATION, "en", based_on=version_of(INVITATION, "en"))
    assert not EmailText.objects.exists()
    email = sent(mailed())
    assert email.subject == "Your take-home test: Word count"
    assert email.body.startswith("Hello Ada,")


def test_braces_and_percents_of_values_stay(mailed: Callable[..., Interview]) -> None:
    name = "{link} %s %(name)s <b>"
    edit("test-invitation", "For {name}", BODY)
    interview = mailed(candidate_name=name)
    email = sent(interview)
    assert email.subject == f"For {name}"
    assert email.body.startswith(f"Hi {name},\n")
    assert "Hi <bdi>{link} %s %(name)s &lt;b&gt;</bdi>," in html(email)


def test_interview_that_starts_now_gets_the_standard_text(
    mail_on: None, schedule: Callable[..., Interview], engine: Any
) -> None:
    edit("interview-invitation", "On {day}", "Hi {name}, {start}: {link}")
    fields = {"send_email": True, "candidate_email": "ada@example.com"}
    planned = sent(schedule(**fields), "scheduled")
    assert planned.subject.startswith("On ")
    assert planned.body.startswith("Hi Rita, ")
    at_once = sent(schedule(**fields, scheduled_at=None), "scheduled")
    assert at_once.subject == "Your interview starts now"
    assert "Please open this page now." in at_once.body


def test_change_and_reminder_have_their_own_text(mailed: Callable[..., Interview]) -> None:
    edit("test-changed", "Update", "Hi, {change}. {link} {deadline}")
    edit("test-reminder", body="Still waiting, {name}: {link} {deadline}")
    interview = mailed()
    sent(interview)
    actions.edit_invitation(
        fresh(interview), InvitationEdit(valid_until=now() + timedelta(days=9)), by="recruiter"
    )
    changed = sent(interview, "changed")
    assert changed.subject == "Update"
    sentence = "Hi, The deadline to start your take-home test has changed. https://"
    assert changed.body.startswith(sentence)
    messages(interview, "reminder")
    reminder = messages(interview, "reminder")[-1]
    type(reminder).objects.filter(pk=reminder.pk).update(send_at=now())
    assert sent(interview, "reminder").body.startswith("Still waiting, Ada: https://")


def test_new_address_gets_the_text_of_an_invitation(mailed: Callable[..., Interview]) -> None:
    edit("test-invitation", "Welcome, {name}", BODY)
    edit("test-changed", "Update", "Hi, {change}. {link} {deadline}")
    interview = mailed()
    sent(interview)
    edit_ = InvitationEdit(candidate_email="ada@other.example")
    actions.edit_invitation(fresh(interview), edit_, by="recruiter")
    email = sent(interview, "changed")
    assert (email.to, email.subject) == (["ada@other.example"], "Welcome, Ada")
    assert email.body.startswith("Hi Ada,")


def test_preview_of_a_text_is_rendered_as_it_is_sent(mailed: Callable[..., Interview]) -> None:
    drawn = preview_text(INVITATION, "en", Text("For {name}", BODY), by="recruiter")
    edit("test-invitation", "For {name}", BODY)
    email = sent(mailed(candidate_name="Ada Lovelace", valid_days=7, duration_minutes=90))
    assert drawn.subject == email.subject == "For Ada Lovelace"
    assert drawn.text.splitlines()[:2] == email.body.splitlines()[:2]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_sample_has_a_value_for_each_placeholder(challenge: Any, kind: Any, language: str) -> None:
    """Otherwise the preview would show the standard text."""
    body = " ".join(f"<{{{name}}}>" for name in kind.placeholders)
    drawn = preview_text(kind, language, Text(f"Re {{name}} {language}", body), by="recruiter")
    assert drawn.subject == f"Re Ada Lovelace {language}"
    assert drawn.text.startswith("<Ada Lovelace> <")
    assert "<>" not in drawn.text
    assert not names_in(drawn.text) & set(PLACEHOLDERS)


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        ("", BODY, "subject", "Enter a subject."),
        ("x" * 201, BODY, "subject", "Use 200 characters or fewer."),
        ("a\r\nBcc: x@example.com", BODY, "subject", "Use visible characters on one line."),
        ("a\u2028b", BODY, "subject", "Use visible characters on one line."),
        ("Hi {link}", BODY, "subject", "There's no placeholder {link} here."),
        ("Hi {day}", BODY, "subject", "There's no placeholder {day} here."),
        ("Hi", " \n ", "body", "Enter the text."),
        ("Hi", BODY + "x" * MAX_BODY, "body", "Use 5000 characters or fewer."),
        ("Hi", BODY + "\x00", "body", "The text has an invisible character. Remove it."),
        ("Hi", BODY + "{password}", "body", "There's no placeholder {password} here."),
        ("Hi", BODY + " www.a.example/{name}", "body", "A placeholder can't be part of a web"),
        ("Hi", "{deadline}", "body", "Put in {link}: candidates need it."),
        ("Hi", "{name}", "body", "Put in {link}, {deadline}: candidates need it."),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field(
    subject: str, body: str, field: str, said: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        save_text(INVITATION, "en", Text(subject, body), based_on=version_of(INVITATION, "en"))
    assert refused.value.field == field
    assert refused.value.message.startswith(said)
    assert not EmailText.objects.exists()


def test_any_script_and_emoji_can_be_sent() -> None:
    text = Text("مرحبا {name}\u200f", BODY + " 👩\u200d💻 שלום\u200f")
    save_text(INVITATION, "en", text, based_on=version_of(INVITATION, "en"))
    assert EmailText.objects.get().subject == text.subject


def test_second_of_two_is_told_and_overwrites_nothing() -> None:
    seen = version_of(INVITATION, "en")
    save_text(INVITATION, "en", Text("First", BODY), based_on=seen)
    for act in (
        lambda: save_text(INVITATION, "en", Text("Second", BODY), based_on=seen),
        lambda: reset_text(INVITATION, "en", based_on=seen),
    ):
        with pytest.raises(StaleWriteError):
            act()
    assert EmailText.objects.get().subject == "First"


@pytest.mark.parametrize(
    ("stored", "act"),
    [
        ("", save_mine),
        ("First", save_mine),
        ("First", lambda seen: reset_text(INVITATION, "en", based_on=seen)),
    ],
    ids=["first", "second", "reset"],
)
def test_write_between_reading_and_writing_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch, stored: str, act: Callable[[str], None]
) -> None:
    if stored:
        save_text(INVITATION, "en", Text(stored, BODY), based_on=version_of(INVITATION, "en"))
    seen = version_of(INVITATION, "en")
    read = changes._stored

    def read_before_another_writes(*args: Any) -> EmailText:
        row = read(*args)
        EmailText.objects.update_or_create(
            key=INVITATION.key, language="en", defaults={"subject": "Theirs"}
        )
        return row

    monkeypatch.setattr(changes, "_stored", read_before_another_writes)
    with pytest.raises(StaleWriteError):
        act(seen)


def test_difference_has_the_changed_lines_alone() -> None:
    before, after = Text("Same", "One\n-- two\nThree\n"), Text("Same", "One\n++ two\n\nThree\nFour")
    assert changes._difference(before, after) == "- -- two + ++ two + Four"
    assert changes._difference(Text("A", "B"), Text("C", "B")) == "- A + C"


def test_difference_compares_no_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many short lines that are alike would take minutes, in the transaction that saves them."""

    def refuse(matcher: difflib.SequenceMatcher[str]) -> float:
        raise AssertionError("two lines were compared")

    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", refuse)
    before = Text("A", "\n".join(f"line {n}" for n in range(20)))
    after = Text("A", "\n".join(f"lime {n}" for n in range(20)))
    assert changes._difference(before, after).startswith("- line 0 + lime 0 - line 1 ")
