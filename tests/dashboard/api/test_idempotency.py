"""The Idempotency-Key: a request that creates may be repeated."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from dashboard.api.idempotency import idempotency_args
from dashboard.api.schemas.interview_requests import LiveIn
from dashboard.auth import api_tokens
from dashboard.permissions.roles import INTERVIEWER
from interviews import local_time, queries
from interviews.challenges.models import Challenge
from interviews.dynamodb import now
from interviews.models import Interview, StaleWriteError
from interviews.pagination.history import Filters
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from interviews.search import lookup
from operations import actions
from operations.audit.models import AuditEntry
from operations.queue import enqueue
from tests.conftest import fresh
from tests.dashboard.http import iso

TAKE_HOME = {"candidateName": "Ada", "challenge": "word-count", "durationMinutes": 90}
LIVE = {"candidateName": "Grace", "challenge": "word-count"}
BOTH = pytest.mark.parametrize(
    ("path", "body", "tab"),
    [("/api/takehome", TAKE_HOME, "take-home"), ("/api/interviews", LIVE, "regular")],
)


def create(client: Client, path: str, body: Any, key: str, **headers: str) -> Any:
    return client.post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def created_id(answer: Any) -> str:
    assert answer.status_code == 201, answer.content
    return str(answer.json()["interview"]["id"])


@BOTH
def test_the_same_again_is_answered_by_what_it_made(
    staff_client: Client, challenge: Challenge, path: str, body: Any, tab: str
) -> None:
    first, second = (create(staff_client, path, body, "k1") for _ in range(2))
    assert created_id(first) == created_id(second)
    names = ("passcode", "password", "joinPath", "createdAt")
    told = [[one.json()["interview"][name] for name in names] for one in (first, second)]
    assert told[0] == told[1]
    assert [row.id for row in queries.list_page(tab).items] == [created_id(first)]
    assert AuditEntry.objects.filter(what__in=["invited", "scheduled"]).count() == 1


@BOTH
def test_another_key_makes_another_and_so_does_none(
    staff_client: Client, challenge: Challenge, path: str, body: Any, tab: str
) -> None:
    answers = [create(staff_client, path, body, key) for key in ("k1", "k2")]
    for _ in range(2):
        answers.append(staff_client.post(path, json.dumps(body), content_type="application/json"))
    assert len({created_id(answer) for answer in answers}) == 4


@BOTH
def test_a_used_key_with_another_body_is_a_conflict_and_makes_nothing(
    staff_client: Client, challenge: Challenge, path: str, body: Any, tab: str
) -> None:
    first = created_id(create(staff_client, path, body, "k1"))
    answer = create(staff_client, path, body | {"candidateName": "Somebody else"}, "k1")
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        {
            "code": "used_key",
            "message": "This Idempotency-Key was already used for a different request.",
            "field": "Idempotency-Key",
        },
    )
    assert [row.id for row in queries.list_page(tab).items] == [first]


def test_a_key_of_the_one_kind_is_used_for_the_other(
    staff_client: Client, challenge: Challenge
) -> None:
    created_id(create(staff_client, "/api/takehome", LIVE, "k1"))
    assert create(staff_client, "/api/interviews", LIVE, "k1").status_code == 409
    assert queries.list_page("regular").items == []


def test_what_is_said_in_other_words_is_the_same_request(
    staff_client: Client, challenge: Challenge
) -> None:
    first = create(staff_client, "/api/takehome", TAKE_HOME, "k1")
    same = {"durationMinutes": 90, "challenge": "word-count ", "validDays": 7} | TAKE_HOME
    assert created_id(create(staff_client, "/api/takehome", same, "k1")) == created_id(first)


def test_a_key_is_its_owners_alone(staff_client: Client, challenge: Challenge) -> None:
    _, text = api_tokens.create("ats", INTERVIEWER, by="admin")
    mine = created_id(create(staff_client, "/api/takehome", TAKE_HOME, "k1"))
    machine = Client()
    theirs = create(machine, "/api/takehome", TAKE_HOME, "k1", Authorization=f"Bearer {text}")
    assert created_id(theirs) != mine


def test_it_is_found_also_when_the_challenge_is_no_longer_on_offer(
    staff_client: Client, challenge: Challenge
) -> None:
    from interviews.challenges import library

    first = created_id(create(staff_client, "/api/takehome", TAKE_HOME, "k1"))
    library.set_active("word-count", False)
    assert created_id(create(staff_client, "/api/takehome", TAKE_HOME, "k1")) == first


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ключ", "a\x7f"])
def test_a_key_that_cannot_be_names_the_header(
    staff_client: Client, challenge: Challenge, key: str
) -> None:
    answer = create(staff_client, "/api/takehome", TAKE_HOME, key)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, "Idempotency-Key")
    assert error["message"] == "Enter 1 to 255 printable ASCII characters."
    assert queries.list_page("take-home").items == []


def test_a_crash_before_a_live_interview_was_started_is_made_good(
    staff_client: Client, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(enqueue, "queue_provisioning", crash)
        with pytest.raises(KeyboardInterrupt):
            create(staff_client, "/api/interviews", LIVE, "k1")
    (row,) = queries.list_page("regular").items
    answer = create(staff_client, "/api/interviews", LIVE, "k1")
    assert (created_id(answer), answer.json()["interview"]["status"]) == (row.id, "activated")


def test_one_that_was_called_off_is_not_started_by_the_same_again(
    staff_client: Client, challenge: Challenge
) -> None:
    soon = LIVE | {"scheduledAt": iso(now() + timedelta(hours=1))}
    first = created_id(create(staff_client, "/api/interviews", soon, "k1"))
    actions.revoke(fresh(Interview(id=first)), by="recruiter")
    answer = create(staff_client, "/api/interviews", soon, "k1")
    assert (created_id(answer), answer.json()["interview"]["status"]) == (first, "cancelled")


@pytest.mark.parametrize("name", ["Ada", "Grace"])
def test_who_comes_second_at_once_gets_the_firsts_and_leaves_no_trace(
    challenge: Challenge, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Both requests looked for the interview before either had created it."""
    first = actions.invite(
        TakeHomeInvitation(candidate_name="Ada", challenge="word-count"),
        by="recruiter",
        id_="api-1",
        request_digest="Ada",
    )
    real, looks = queries.get_interview, iter([None])
    monkeypatch.setattr(queries, "get_interview", lambda id_: next(looks, real(id_)))
    again = TakeHomeInvitation(candidate_name=name, challenge="word-count")
    if name == "Ada":
        same = actions.invite(again, by="recruiter", id_="api-1", request_digest=name)
        assert same.passcode == first.passcode
    else:
        with pytest.raises(actions.IdempotencyKeyReusedError):
            actions.invite(again, by="recruiter", id_="api-1", request_digest=name)
    monkeypatch.undo()
    assert [row.id for row in lookup.search_page("ada", Filters()).items] == ["api-1"]
    assert [row.id for row in lookup.search_page("grace", Filters()).items] == []


def test_many_at_once_make_one(real_tables: None, challenge: Challenge) -> None:
    def ask(number: int) -> str:
        if number % 2:
            invitation = TakeHomeInvitation(candidate_name="Ada", challenge="word-count")
            return actions.invite(invitation, by="ats", id_="api-1", request_digest="d").id
        live = LiveInvitation(candidate_name="Ada", challenge="word-count")
        return actions.schedule_live(live, by="ats", id_="api-2", request_digest="d").id

    with ThreadPoolExecutor(8) as pool:
        ids = sorted(set(pool.map(ask, range(16))))
    assert ids == ["api-1", "api-2"]
    assert len(queries.list_page("take-home").items) == len(queries.list_page("regular").items) == 1


@pytest.mark.django_db
def test_a_lost_race_without_a_key_is_still_told(
    staff: User, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(interview: Interview, *, by: str) -> None:
        raise StaleWriteError(interview.id)

    monkeypatch.setattr(Interview, "create", lose)
    with pytest.raises(StaleWriteError):
        actions.invite(
            TakeHomeInvitation(candidate_name="Ada", challenge="word-count"), by="recruiter"
        )


def test_the_same_again_is_answered_also_when_an_interviewers_account_is_gone(
    staff_client: Client, challenge: Challenge
) -> None:
    mary = User.objects.create_user("mary", email="mary@example.com")
    body = LIVE | {"scheduledAt": iso(now() + timedelta(days=1)), "interviewers": ["mary"]}
    first = create(staff_client, "/api/interviews", body, "k1")
    mary.delete()
    again = create(staff_client, "/api/interviews", body, "k1")
    assert created_id(again) == created_id(first)
    assert again.json()["interview"]["interviewers"] == ["mary@example.com"]


def test_a_request_without_newer_fields_has_the_digest_of_earlier_versions() -> None:
    request = RequestFactory().post("/api/interviews")
    request.user = User(username="ats")
    body = LiveIn(candidate_name="Grace", challenge="word-count")
    earlier = body.model_dump(
        mode="json", exclude={"scheduled_local", "confirm_offset", "interviewers"}
    )
    text = f"LiveIn\n{json.dumps(earlier, sort_keys=True)}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert idempotency_args(request, "k1", body)["request_digest"] == digest
    named = LiveIn(candidate_name="Grace", challenge="word-count", interviewers=["mary"])
    assert idempotency_args(request, "k1", named)["request_digest"] != digest
    local = local_time.utc_to_local(now() + timedelta(days=1), "UTC")
    said = LiveIn(candidate_name="Grace", challenge="word-count", scheduled_local=local)
    assert idempotency_args(request, "k1", said)["request_digest"] != digest
