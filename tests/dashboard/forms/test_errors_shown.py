"""No form swallows an error: each is shown at its field, or at the top if that is hidden."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.forms import BaseForm
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from dashboard import forms as package
from dashboard.forms.api_tokens import TokenForm
from dashboard.forms.branding import BrandForm
from dashboard.forms.bulk_invitations import UploadForm
from dashboard.forms.candidate_data import CandidateForm
from dashboard.forms.challenges import ChallengeForm, NewChallengeForm
from dashboard.forms.email_texts import EmailTextForm
from dashboard.forms.invitations import InviteForm
from dashboard.forms.live_interviews import LiveForm
from dashboard.forms.login import CodeForm, SignInForm
from dashboard.forms.people import PersonForm, RoleForm
from dashboard.forms.plans import EditForm, RescheduleForm
from dashboard.forms.profile import (
    CodeAndPasswordForm,
    CurrentPasswordForm,
    NewPasswordForm,
    NoticesForm,
    OwnPasswordForm,
    ProfileForm,
    SetUpForm,
)
from dashboard.forms.webhooks import WebhookForm
from dashboard.permissions.roles import VIEWER, Actor
from interviews.attributes import TAKE_HOME
from interviews.dynamodb import now
from interviews.models import Interview
from operations.branding.models import BrandRecord
from operations.mail.texts.kinds import KINDS
from operations.mail.texts.standard import Text
from operations.notices.models import NoticePreference
from tests.conftest import member
from tests.dashboard.html import soup

# Each form as its page builds it, and the template that shows it.
SHOWN: dict[type[BaseForm], str] = {
    BrandForm: "dashboard/branding/page.html",
    EmailTextForm: "dashboard/email_texts/page.html",
    PersonForm: "dashboard/people/list.html",
    RoleForm: "dashboard/people/_role_form.html",
    ProfileForm: "dashboard/forms/_fields.html",
    NoticesForm: "dashboard/profile/_notices_form.html",
    NewPasswordForm: "dashboard/forms/_fields.html",
    OwnPasswordForm: "dashboard/forms/_fields.html",
    TokenForm: "dashboard/api_tokens/list.html",
    UploadForm: "dashboard/bulk_invitations/list.html",
    CandidateForm: "dashboard/candidate_data/page.html",
    ChallengeForm: "dashboard/challenge_editor/_form.html",
    NewChallengeForm: "dashboard/challenge_editor/_form.html",
    InviteForm: "dashboard/take_homes/_invite_form.html",
    LiveForm: "dashboard/live_interviews/_create_form.html",
    EditForm: "dashboard/interviews/_edit.html",
    RescheduleForm: "dashboard/interviews/_reschedule.html",
    SignInForm: "dashboard/auth/sign_in.html",
    CodeForm: "dashboard/auth/code.html",
    CurrentPasswordForm: "dashboard/forms/_fields.html",
    CodeAndPasswordForm: "dashboard/forms/_fields.html",
    SetUpForm: "dashboard/forms/_fields.html",
    WebhookForm: "dashboard/webhooks/form.html",
}
# Shown only if the server asks for them, together with their error.
ASKED = {"is_repeated": "second", "is_disputed": "reading"}

PLANNED = Interview(
    id="int-1",
    type=TAKE_HOME,
    status="available",
    challenge="word-count",
    duration_minutes=60,
    valid_until=now(),
    scheduled_at=now(),
)


def build(form: type[BaseForm]) -> BaseForm:
    data = QueryDict("")
    if form is BrandForm:
        return BrandForm(BrandRecord(logo_name="logo.png"), {}, data)
    if form is EmailTextForm:
        return EmailTextForm(KINDS[0], Text(), "", data)
    if form is PersonForm:
        return PersonForm([VIEWER], mail_is_on=True, data=data)
    if form is RoleForm:
        return RoleForm([VIEWER], "", data)
    if form is ProfileForm:
        return ProfileForm(member("grace", VIEWER), "", data)
    if form is NoticesForm:
        return NoticesForm(NoticePreference(), data)
    if form in (NewPasswordForm, OwnPasswordForm, CurrentPasswordForm, CodeAndPasswordForm):
        return form(member("grace", VIEWER), data)
    if form is TokenForm:
        return TokenForm(Actor("recruiter", frozenset()), data)
    if form is SignInForm:
        return SignInForm(RequestFactory().post("/login/"), data)
    if form in (UploadForm, InviteForm, LiveForm):
        return form([], data)
    if form in (EditForm, RescheduleForm):
        if form is EditForm:
            return EditForm(PLANNED, [], "UTC", data)
        return RescheduleForm(PLANNED, data)
    return form(data)


def all_forms() -> Iterator[type[BaseForm]]:
    """Every form of the dashboard that is not a base of others."""
    for module in pkgutil.iter_modules(package.__path__):
        for each in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
            if (
                isinstance(each, type)
                and issubclass(each, BaseForm)
                and each.__module__.startswith(package.__name__)
            ):
                yield each


def test_every_form_is_tested() -> None:
    bases = {"InvitationForm", "LocalTimeForm", "PlanForm"}
    assert {each.__name__ for each in all_forms()} - bases == {each.__name__ for each in SHOWN}


@pytest.mark.django_db
@pytest.mark.parametrize("mail_is_on", [True, False])
@pytest.mark.parametrize("form", SHOWN, ids=lambda form: form.__name__)
def test_each_error_is_shown(form: type[BaseForm], mail_is_on: bool, settings: Any) -> None:
    settings.MAIL_IS_ON = mail_is_on
    made: Any = build(form)
    made.full_clean()
    expected = set()
    for name in [None, *made.fields]:
        made._errors.pop(name or "__all__", None)
        made.add_error(name, f"Wrong: {name}!")
        expected.add(f"Wrong: {name}!")
    for flag in ASKED:
        setattr(made, flag, True)
    request = RequestFactory().get("/")
    request.user = member("recruiter", VIEWER)
    html = render_to_string(
        SHOWN[form],
        {
            "form": made,
            "kind": KINDS[0],
            "language": {"code": "en"},
            "interview": PLANNED,
            "mail_is_on": mail_is_on,
            "tokens": [],
        },
        request,
    )
    page = BeautifulSoup(html, "html.parser")
    shown = {each.get_text() for each in page.select(".field-error, .message-bad")}
    labels = {f"{field.label}: " for field in made}
    stripped = {text.removeprefix(label) for text in shown for label in ["", *labels]}
    assert expected - stripped == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        *(("/history/", name, "nonsense") for name in ("type", "status", "from", "to", "zone")),
        ("/history/", "q", "x" * 301),
        *(("/audit/", name, "nonsense") for name in ("from", "to", "zone")),
        ("/audit/", "person", "x" * 151),
        ("/audit/", "what", "x" * 101),
        ("/audit/", "interview", "x" * 101),
    ],
)
def test_each_error_of_a_filter_is_shown(
    admin_client: Client, path: str, field: str, value: str
) -> None:
    response = admin_client.get(path, {field: value})
    assert response.status_code == 422
    shown = soup(response).select("form.search :is(.field-error, .message-bad)")
    assert len(shown) == 1
    if field == "zone":
        # Of a hidden field: the first thing in the form.
        assert shown[0].find_previous_sibling() is None
