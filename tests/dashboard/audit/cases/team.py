"""People, their profiles, and what a team sets."""

from django.contrib.auth.models import User

from dashboard.people import actions as people
from dashboard.people import profile
from dashboard.permissions.roles import VIEWER
from dashboard.second_factor import actions as second_factor
from operations.branding import changes
from operations.mail.texts import changes as email_texts
from operations.mail.texts.kinds import BY_KEY
from operations.mail.texts.models import EmailText
from operations.mail.texts.standard import Text, standard_text
from operations.notices import actions as notices
from tests.dashboard.audit.cases.case import (
    PAGE,
    A,
    Case,
    of_target,
    page,
)
from tests.second_factor import code_of

NEW_PERSON = people.PersonInput("Grace Hopper", "grace@example.com", VIEWER)
TEXT_KIND = BY_KEY["test-withdrawn"]
WITHDRAWN = standard_text(TEXT_KIND, "en")
UNEDITED = EmailText().version

CASES = [
    Case(
        A.PERSON_INVITED,
        "boss",
        {},
        people.invite_person,
        lambda it: people.invite_person(it, NEW_PERSON),
        of_target(A.PERSON_INVITED, "grace@example.com", VIEWER),
    ),
    Case(
        A.PERSON_LINK_MADE,
        "colleague",
        {PAGE: page("/people/{it.pk}/link/")},
        people.make_password_link,
        lambda it: people.make_password_link(it, it),
        of_target(A.PERSON_LINK_MADE, "colleague"),
    ),
    Case(
        A.PERSON_LINK_MADE,
        "colleague",
        {PAGE: page("/people/{it.pk}/link/", send_email="1")},
        people.email_password_link,
        lambda it: people.email_password_link(it, it),
        of_target(A.PERSON_LINK_MADE, "colleague"),
    ),
    Case(
        A.ROLE_CHANGED,
        "colleague",
        {PAGE: page("/people/{it.pk}/role/", role=VIEWER)},
        people.change_role,
        lambda it: people.change_role(it, it, VIEWER),
        of_target(A.ROLE_CHANGED, "colleague", "Administrator to Viewer"),
    ),
    Case(
        A.PERSON_DEACTIVATED,
        "colleague",
        {PAGE: page("/people/{it.pk}/deactivate/")},
        people.deactivate_person,
        lambda it: people.deactivate_person(User.objects.get(username="boss"), it),
        of_target(A.PERSON_DEACTIVATED, "colleague"),
    ),
    Case(
        A.PERSON_REACTIVATED,
        "former_colleague",
        {PAGE: page("/people/{it.pk}/reactivate/")},
        people.reactivate_person,
        lambda it: people.reactivate_person(User.objects.get(username="boss"), it),
        of_target(A.PERSON_REACTIVATED, "colleague"),
    ),
    Case(
        A.PERSON_SIGNED_OUT,
        "colleague",
        {PAGE: page("/people/{it.pk}/end-sessions/")},
        people.end_sessions,
        lambda it: people.end_sessions(it, it),
        of_target(A.PERSON_SIGNED_OUT, "colleague"),
    ),
    Case(
        A.PROFILE_CHANGED,
        "boss",
        {},
        profile.change_profile,
        lambda it: profile.change_profile(it, name="The Boss", email="", time_zone=""),
        of_target(A.PROFILE_CHANGED, "boss", "first name, last name"),
    ),
    Case(
        A.PROFILE_CHANGED,
        "boss",
        {},
        notices.change_notices,
        lambda it: notices.change_notices(it, ["expired", "finished"], only_own=False),
        of_target(A.PROFILE_CHANGED, "boss", "notices: finished, expired"),
    ),
    Case(
        A.SECOND_FACTOR_ON,
        "in_set_up",
        {},
        second_factor.turn_on,
        lambda it: second_factor.turn_on(it, code_of(it), keep=None),
        of_target(A.SECOND_FACTOR_ON, "boss"),
    ),
    Case(
        A.SECOND_FACTOR_RESET,
        "with_second_factor",
        {PAGE: page("/people/{it.pk}/reset-two-step/")},
        second_factor.reset,
        lambda it: second_factor.reset(User.objects.get(username="boss"), it),
        of_target(A.SECOND_FACTOR_RESET, "colleague"),
    ),
    Case(
        A.BRANDING_CHANGED,
        None,
        {PAGE: page("/branding/", company_name="Acme")},
        changes.change_brand,
        lambda it: changes.change_brand(changes.BrandInput("Acme")),
        of_target(A.BRANDING_CHANGED, "Acme", "company name"),
    ),
    Case(
        A.EMAIL_TEXT_CHANGED,
        None,
        {
            PAGE: lambda client, it: client.post(
                "/email-texts/test-withdrawn/en/",
                {"subject": "Sorry, {name}", "body": WITHDRAWN.body, "version": UNEDITED},
            )
        },
        email_texts.save_text,
        lambda it: email_texts.save_text(
            TEXT_KIND, "en", Text("Sorry, {name}", WITHDRAWN.body), based_on=UNEDITED
        ),
        of_target(
            A.EMAIL_TEXT_CHANGED,
            "test-withdrawn (en)",
            "- Withdrawn: your take-home test: {test} + Sorry, {name}",
        ),
    ),
    Case(
        A.EMAIL_TEXT_RESET,
        "edited_text",
        {
            PAGE: lambda client, it: client.post(
                "/email-texts/test-withdrawn/en/reset/", {"version": it.version}
            )
        },
        email_texts.reset_text,
        lambda it: email_texts.reset_text(TEXT_KIND, "en", based_on=it.version),
        of_target(
            A.EMAIL_TEXT_RESET,
            "test-withdrawn (en)",
            "- Sorry, {name} + Withdrawn: your take-home test: {test}",
        ),
    ),
]
