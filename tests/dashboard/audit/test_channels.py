"""Each action of staff writes one audit entry, whether a page, the API or the admin calls it."""

import ast
import asyncio
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory

import dashboard
from dashboard.auth import api_tokens
from dashboard.models import ApiToken
from dashboard.people import actions as people
from dashboard.people import profile
from dashboard.permissions.decorators import require
from dashboard.permissions.roles import ADMINISTRATOR, Permission
from dashboard.second_factor import actions as second_factor
from interviews.challenges.models import Challenge
from interviews.models import Interview, StaleWriteError
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from operations import actions, audit, retention
from operations.audit import AuditAction, Channel, Origin
from operations.audit.models import AuditEntry
from operations.branding import changes as branding
from operations.bulk_import import service
from operations.bulk_import.models import Batch
from operations.candidate_data import deletion, export
from operations.checks import actions as check_actions
from operations.mail import outbox, resend
from operations.mail.texts import changes as email_texts
from operations.notices import actions as notices
from operations.reaper import actions as orphan_actions
from operations.reviews import decisions, reviewers, scorecards
from operations.webhooks import actions as webhook_actions
from operations.webhooks.models import Webhook
from tests.conftest import fresh, member
from tests.dashboard.audit.cases import CASES, NOT_ACTIONS, SHOWN, A, Case, Entry, end_interview
from tests.dashboard.audit.cases.without_entry import WITHOUT_ENTRY

pytestmark = pytest.mark.django_db


def entries() -> list[tuple[Entry, str, str, str]]:
    rows = AuditEntry.objects.order_by("pk").exclude(what=AuditAction.SAW_CREDENTIALS.value)
    return [
        (
            Entry(AuditAction(row.what), row.interview_id, row.target, row.detail),
            row.actor,
            row.via,
            row.address,
        )
        for row in rows
    ]


def case_id(case: Case) -> str:
    return f"{case.action}-{case.function.__name__}"


def subject_of(case: Case, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(case.subject) if case.subject else None


@pytest.mark.parametrize(
    ("case", "channel"),
    [
        pytest.param(case, channel, id=f"{case_id(case)}-{channel}")
        for case in CASES
        for channel in case.channels
    ],
)
def test_each_channel_writes_one_entry(
    case: Case,
    channel: Channel,
    staff_client: Client,
    known_hosts: None,
    engine: Any,
    request: pytest.FixtureRequest,
) -> None:
    subject = subject_of(case, request)
    assert entries() == []
    response = case.channels[channel](staff_client, subject)
    assert response.status_code < 400, response.content.decode()
    assert entries() == [(case.entry(subject), "recruiter", channel.value, "127.0.0.1")]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_face_that_only_calls_the_action_gets_the_entry(
    case: Case, db: None, known_hosts: None, engine: Any, request: pytest.FixtureRequest
) -> None:
    subject = subject_of(case, request)
    with audit.acting_as(Origin("ada", Channel.COMMAND, "192.0.2.1")):
        case.call(subject)
    assert entries() == [(case.entry(subject), "ada", "command", "192.0.2.1")]


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_candidates_schedule_and_workers_write_none(
    case: Case, db: None, known_hosts: None, engine: Any, request: pytest.FixtureRequest
) -> None:
    case.call(subject_of(case, request))
    assert entries() == []


def test_a_new_page_that_only_calls_the_action_gets_the_entry(
    running: Interview, staff: Any
) -> None:
    @require(Permission.MANAGE)
    def give_time(request: HttpRequest) -> HttpResponse:
        actions.extend(running, 5, by="recruiter")
        return HttpResponse()

    request = RequestFactory().post("/a-new-page/", REMOTE_ADDR="192.0.2.1")
    request.user = staff
    give_time(request)
    entry = Entry(A.EXTENDED, running.id, detail="5 minutes")
    assert entries() == [(entry, "recruiter", "page", "192.0.2.1")]
    # Nothing is attributed to the request once it is answered.
    actions.extend(fresh(running), 5, by="recruiter")
    assert len(entries()) == 1


def test_a_candidates_page_writes_none_for_staff_who_is_signed_in(
    staff_client: Client, take_home: Interview
) -> None:
    staff_client.post(f"/take-home/{take_home.passcode}/start")
    assert fresh(take_home).timeline[-1].by == "candidate"
    assert entries() == []


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_told_apart(staff: User, webhook: Webhook) -> None:
    """Through ASGI, where a request's view runs in another thread than its middleware."""
    people = [staff, member("grace", ADMINISTRATOR), member("edith", ADMINISTRATOR)]

    async def press() -> None:
        clients = [AsyncClient() for _ in people]
        for client, person in zip(clients, people, strict=True):
            await client.aforce_login(person)
        path = f"/webhooks/{webhook.pk}/off/"
        await asyncio.gather(*(client.post(path) for client in clients))

    async_to_sync(press)()
    assert sorted(actor for _, actor, *_ in entries()) == ["edith", "grace", "recruiter"]


# -- refused, lost and repeated --------------------------------------------------------------------


@pytest.mark.parametrize(
    "refused",
    [
        lambda it: actions.retry(it, by="ada"),
        lambda it: actions.extend(it, 0, by="ada"),
        lambda it: actions.reopen(it, 30, by="ada"),
        lambda it: end_interview(it),
        lambda it: retention.delete_interview(it, by="ada"),
        lambda it: resend.resend_invitation(it, by="ada"),
    ],
)
def test_what_is_refused_writes_none(take_home: Interview, refused: Any) -> None:
    with (
        audit.acting_as(Origin("ada", Channel.PAGE)),
        pytest.raises((actions.WrongStateError, actions.InvalidInputError)),
    ):
        refused(take_home)
    assert entries() == []


def test_a_lost_race_writes_none(ended: Interview, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_delete_files", lambda interview: fresh(ended).change_time())
    with audit.acting_as(Origin("ada", Channel.PAGE)), pytest.raises(StaleWriteError):
        retention.delete_interview(ended, by="ada")
    assert entries() == []


def test_a_token_that_two_revoke_is_revoked_once(token: ApiToken) -> None:
    with audit.acting_as(Origin("ada", Channel.PAGE)):
        for read in (ApiToken.objects.get(), ApiToken.objects.get()):
            api_tokens.revoke(read)
    assert len(entries()) == 1


def test_rows_that_were_chosen_before_write_none(batch: Batch) -> None:
    with audit.acting_as(Origin("ada", Channel.API)):
        assert [service.queue_rows(batch, by="ada") for _ in range(2)] == [1, 0]
    assert len(entries()) == 1


def test_an_invitation_that_is_sent_again_writes_one(challenge: Challenge) -> None:
    take_home = TakeHomeInvitation(candidate_name="Ada", challenge="word-count")
    live = LiveInvitation(candidate_name="Ada", challenge="word-count", scheduled_at=None)
    with audit.acting_as(Origin("ada", Channel.API)):
        for _ in range(2):
            actions.invite(take_home, by="ada", id_="api-1")
            actions.schedule_live(live, by="ada", id_="api-2")
    assert [entry.interview_id for entry, *_ in entries()] == ["api-1", "api-2"]


# -- nothing is left out ---------------------------------------------------------------------------


def functions_of(module: ModuleType) -> set[Any]:
    """The public functions that a module offers; a package offers those in `__all__`."""
    offered = getattr(module, "__all__", None)
    return {
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and (name in offered if offered else function.__module__ == module.__name__)
    }


def test_every_public_function_of_the_action_modules_has_a_case() -> None:
    modules = (
        *(actions, retention, webhook_actions, orphan_actions, service, outbox, resend, api_tokens),
        *(deletion, export, branding, people, profile, notices, second_factor),
        *(scorecards, decisions, email_texts, reviewers, check_actions),
    )
    found = set().union(*(functions_of(module) for module in modules))
    assert found == {case.function for case in CASES} | WITHOUT_ENTRY


def test_every_code_has_a_case() -> None:
    assert {case.action for case in CASES} | NOT_ACTIONS | SHOWN == set(AuditAction)


def test_faces_write_only_what_they_show() -> None:
    """An entry for an action, written beside it, would be a second one."""
    package = Path(dashboard.__file__).parent
    files = [path for face in ("views", "api", "admin") for path in (package / face).rglob("*.py")]
    used = {
        AuditAction[node.attr]
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "AuditAction"
    }
    assert used == SHOWN
    # No code is written as a plain string either.
    source = "".join(path.read_text() for path in files)
    assert re.findall(r'audit\.record\w*\(\s*"', source) == []
