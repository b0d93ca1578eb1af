"""What is allowed: candidates read it before the start, and confirm it with the start."""

from typing import Any

import pytest
from django.test import Client

from interviews import outbox
from interviews.challenges import library, versions
from interviews.challenges.models import Challenge
from interviews.challenges.policy import Policy, Stance
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations import actions, models
from operations.worker import runner
from tests.candidate_portal.actions import press
from tests.candidate_portal.test_activate import activate
from tests.conftest import fresh
from tests.fakes import FakeProvisioner

POLICY = Policy(Stance.NOT_ALLOWED, Stance.NOT_ALLOWED, Stance.ALLOWED, "Paper is fine.")
WITHOUT = "Please confirm what&#39;s allowed before you start."


def save(challenge: Challenge, policy: Policy) -> None:
    version = library.get_version(challenge.id, None)
    assert version is not None
    versions.put_challenge(
        challenge.id,
        name=version.name,
        description=version.description,
        language=version.language,
        duration_minutes=60,
        files=library.read_files(version),
        policy=policy,
    )


@pytest.fixture
def strict(challenge: Challenge) -> Challenge:
    save(challenge, POLICY)
    return challenge


@pytest.fixture
def test(strict: Challenge, take_home: Interview) -> Interview:
    return take_home


def page(client: Client, interview: Interview) -> str:
    kind = "take-home" if interview.is_take_home else "interview"
    return client.get(f"/{kind}/{interview.passcode}/").text


def start(client: Client, interview: Interview, policy: str | None):
    fields = {} if policy is None else {"policy": policy}
    path = f"/take-home/{interview.passcode}/start"
    return client.post(path, fields, headers={"HX-Request": "true"})


def test_the_page_shows_it_before_the_start_with_the_box(client: Client, test: Interview) -> None:
    text = page(client, test)
    for part in (
        "AI assistants: not allowed", "Internet: not allowed", "Libraries: allowed",
        "Paper is fine.", f'name="policy" value="{POLICY.id}" required',
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("policy", [None, "", "something-else"])
def test_a_start_without_it_is_refused_and_starts_nothing(
    client: Client, test: Interview, policy: str | None
) -> None:
    answer = start(client, test, policy)
    assert answer.status_code == 422
    assert (WITHOUT in answer.text) is (policy != "something-else")
    assert fresh(test).state is Status.AVAILABLE
    assert (len(fresh(test).timeline), models.list_operations(test.id)) == (1, [])


def test_a_start_with_it_keeps_what_was_confirmed_and_when(client: Client, test: Interview) -> None:
    assert start(client, test, POLICY.id).status_code == 200
    row = fresh(test)
    assert row.state is Status.ACTIVATED
    assert Policy.from_stored(row.confirmed_policy) == POLICY
    assert row.policy_confirmed_at == row.activated_at
    assert [(event.status, event.what, event.by) for event in row.timeline[1:]] == [
        ("available", TimelineEvent.POLICY_CONFIRMED, "candidate"),
        ("activated", None, "candidate"),
    ]


def test_pressed_again_it_answers_the_same_without_the_box(client: Client, test: Interview) -> None:
    start(client, test, POLICY.id)
    assert start(client, test, None).status_code == 200
    assert len(models.list_operations(test.id)) == 1
    assert len(fresh(test).timeline) == 3


def test_what_changed_since_it_was_read_is_confirmed_anew(
    client: Client, test: Interview, strict: Challenge
) -> None:
    save(strict, Policy(note="Nothing at all."))
    number = library.get_version(strict.id, None).number
    # As staff gives the invitation another version of its challenge.
    test.change(challenge_version=number)
    answer = start(client, test, POLICY.id)
    assert answer.status_code == 422
    assert "What&#39;s allowed has changed." in answer.text
    assert "Nothing at all." in answer.text


def test_a_later_version_does_not_change_what_was_confirmed(
    client: Client, test: Interview, strict: Challenge
) -> None:
    start(client, test, POLICY.id)
    save(strict, Policy(ai_assistants=Stance.ALLOWED))
    test = fresh(test)
    test.change(challenge_version=library.get_version(strict.id, None).number)
    assert "AI assistants: not allowed" in page(client, test)


def test_confirming_is_told_to_nobody_as_a_change(client: Client, test: Interview) -> None:
    start(client, test, POLICY.id)
    changes = outbox.pending_changes(fresh(test))
    assert [(each.moment, each.status) for each in changes] == [(0, "available"), (2, "activated")]


def test_the_running_page_shows_it(
    client: Client, test: Interview, engine: FakeProvisioner
) -> None:
    start(client, test, POLICY.id)
    runner.run_operation(fresh(test).operation_id)
    assert fresh(test).state is Status.ACTIVE
    text = page(client, test)
    assert "AI assistants: not allowed" in text
    # The local engine cannot.
    assert "Your workspace has no internet access." not in text
    fresh(test).change(provisioner="docker")
    assert "Your workspace has no internet access." in page(client, test)


OUTSIDE = "Your workspace has no internet access. You may use the internet outside of it."


def test_internet_that_the_engine_does_not_give_is_only_outside_of_the_workspace(
    client: Client, challenge: Challenge, take_home: Interview, settings: Any
) -> None:
    save(challenge, Policy(internet=Stance.ALLOWED))
    take_home.change(challenge_version=library.get_version(challenge.id, None).number)
    settings.PROVISIONER = "docker"
    assert "Your workspace has no internet" not in page(client, take_home)
    settings.DOCKER_INTERNET = "false"
    text = page(client, take_home)
    # In what is confirmed, and below the task.
    assert "Internet: allowed" in text
    assert text.count(OUTSIDE) >= 2
    # The local engine's workspaces have what their machine has.
    settings.PROVISIONER = "local"
    assert "Your workspace has no internet" not in page(client, take_home)


def test_what_the_engine_does_not_give_is_said_before_the_start_without_a_policy(
    client: Client, take_home: Interview, settings: Any
) -> None:
    settings.PROVISIONER, settings.DOCKER_INTERNET = "docker", "false"
    assert "Your workspace has no internet access." in page(client, take_home)


def test_the_workspace_is_made_by_it(
    client: Client, test: Interview, engine: FakeProvisioner
) -> None:
    start(client, test, POLICY.id)
    runner.run_operation(fresh(test).operation_id)
    spec = engine.specs[-1]
    assert (spec.internet, spec.features.ai, spec.features.extensions) == (False, False, False)


def test_without_a_policy_the_workspace_is_as_before(
    running: Interview, engine: FakeProvisioner
) -> None:
    spec = engine.specs[-1]
    assert (spec.internet, spec.features.ai, spec.features.extensions) == (True, False, True)


def test_a_start_reads_its_version_once(
    client: Client, take_home: Interview, engine: FakeProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(client, take_home, None)
    monkeypatch.setattr(library, "get_policy", lambda *_: pytest.fail("it was read again"))
    runner.run_operation(fresh(take_home).operation_id)
    assert engine.specs[-1].internet


def test_ai_assistants_that_are_allowed_are_in_the_editor(
    client: Client, challenge: Challenge, take_home: Interview, engine: FakeProvisioner
) -> None:
    save(challenge, Policy(ai_assistants=Stance.ALLOWED))
    take_home.change(challenge_version=library.get_version(challenge.id, None).number)
    runner.run_operation(actions.activate(take_home, by="recruiter"))
    features = engine.specs[-1].features
    assert (features.ai, features.extensions) == (True, True)


def test_staff_starts_without_a_confirmation(test: Interview) -> None:
    actions.activate(test, by="recruiter")
    row = fresh(test)
    assert row.state is Status.ACTIVATED
    assert (row.confirmed_policy, row.policy_confirmed_at) == (None, None)


def test_a_challenge_that_says_nothing_asks_nothing(client: Client, take_home: Interview) -> None:
    assert 'name="policy"' not in page(client, take_home)
    assert press(client, "start", take_home).status_code == 200
    row = fresh(take_home)
    assert (row.confirmed_policy, row.policy_confirmed_at, len(row.timeline)) == (None, None, 2)


def test_a_live_interview_shows_it_and_asks_nothing(client: Client, strict, schedule) -> None:
    text = page(client, schedule())
    assert "Internet: not allowed" in text
    assert 'name="policy"' not in text


def test_the_api_shows_it_and_takes_the_confirmation(client: Client, test: Interview) -> None:
    shown = client.get(f"/api/interviews/by-passcode/{test.passcode}").json()
    assert shown["policy"] == {
        "id": POLICY.id,
        "aiAssistants": "not_allowed",
        "internet": "not_allowed",
        "libraries": "allowed",
        "note": "Paper is fine.",
    }
    refused = activate(client, test, {"passcode": test.passcode})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "confirmedPolicy")
    body = {"passcode": test.passcode, "confirmedPolicy": shown["policy"]["id"]}
    assert activate(client, test, body).status_code == 202
    assert activate(client, test, {"passcode": test.passcode}).status_code == 202
    shown = client.get(f"/api/interviews/by-passcode/{test.passcode}").json()
    assert shown["policyConfirmedAt"] is not None
