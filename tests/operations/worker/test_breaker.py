"""Starts that fail one after the other are refused for a while, on a real Redis."""

import pytest

from interviews.challenges import versions
from interviews.lifecycle import Status
from operations import actions, operation_log, practice
from operations.lifecycle import OperationStatus
from operations.queue import enqueue
from operations.worker import breaker, heartbeat
from tests.conftest import fresh, operation_of, run_until_idle
from tests.fakes import Broken, FakeProvisioner


@pytest.fixture
def broken(redis, use_engine):
    return use_engine(Broken())


@pytest.fixture
def other_challenge(challenge):
    files = {"README.md": b"# Other\n"}
    versions.put_challenge(
        "other", name="Other", description="", language="", duration_minutes=60, files=files
    )
    return "other"


def start(interview, by="candidate"):
    actions.activate(interview, by=by)
    return run_until_idle(interview)


def fail_starts(invite, count, **fields):
    for _ in range(count):
        assert start(invite(**fields)).state is Status.ERROR


def end_pause(redis):
    for key in redis.keys("breaker:trial:*"):
        redis.delete(key)


def names():
    return [(each.kind, each.name) for each in breaker.open_breakers()]


def test_start_is_refused_after_three_failures(invite, broken, redis):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    tried = list(broken.destroyed)
    row = start(invite())
    assert (row.state, row.failed_step) == (Status.ERROR, "provision")
    assert row.problem == (
        "Not tried, because the last 3 starts of the challenge word-count, version 1 failed: "
        "No room for •••. Staff can retry now; otherwise one start is tried every 3 minutes."
    )
    assert broken.destroyed == tried
    assert [each.failures for each in breaker.open_breakers()] == [3]
    assert operation_of(row).status == OperationStatus.FAILED
    assert [line.message for line in operation_log.read_lines(row.operation_id)] == [
        f"Failed at provision: {row.problem}"
    ]


def test_two_failures_refuse_nothing(invite, broken):
    fail_starts(invite, breaker.FAILURES_TO_OPEN - 1)
    assert breaker.open_breakers() == []
    assert "Not tried" not in start(invite()).problem


def test_success_in_between_starts_the_count_anew(invite, broken, use_engine):
    fail_starts(invite, 2)
    use_engine(FakeProvisioner())
    assert start(invite()).state is Status.ACTIVE
    use_engine(broken)
    fail_starts(invite, 2)
    assert breaker.open_breakers() == []


def test_refused_start_is_none_of_the_candidates_attempts(invite, broken):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    interview = invite()
    start(interview)
    for _ in range(5):
        actions.retry(fresh(interview), by="candidate")
        row = run_until_idle(interview)
        assert "Not tried" in row.problem
    assert actions.candidate_may_retry(row)
    assert row.ready_at is None


def test_after_the_pause_one_start_is_tried(invite, broken, redis):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    assert (
        0
        < redis.ttl("breaker:trial:challenge:word-count, version 1")
        <= (breaker.TRIAL_INTERVAL.total_seconds())
    )
    end_pause(redis)
    assert "Not tried" not in start(invite()).problem
    assert "the last 4 starts" in start(invite()).problem


def test_trial_that_succeeds_closes_the_breaker(invite, broken, redis, use_engine):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    use_engine(FakeProvisioner())
    assert start(invite()).state is Status.ERROR
    end_pause(redis)
    assert start(invite()).state is Status.ACTIVE
    assert breaker.open_breakers() == []
    assert start(invite()).state is Status.ACTIVE


def test_start_that_staff_asks_for_is_the_trial(invite, broken, use_engine):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    refused = invite()
    start(refused)
    use_engine(FakeProvisioner())
    actions.retry(fresh(refused), by="recruiter")
    assert run_until_idle(refused).state is Status.ACTIVE
    assert start(invite()).state is Status.ACTIVE


def test_one_challenge_that_fails_does_not_stop_the_others(
    invite, broken, other_challenge, use_engine
):
    fail_starts(invite, 5)
    assert names() == [("challenge", "word-count, version 1")]
    use_engine(FakeProvisioner())
    assert start(invite(challenge=other_challenge)).state is Status.ACTIVE
    assert start(invite()).state is Status.ERROR


def test_engine_on_which_several_challenges_fail_is_paused(invite, broken, other_challenge):
    fail_starts(invite, 2)
    fail_starts(invite, 1, challenge=other_challenge)
    assert names() == [("engine", "fake")]
    assert "on the engine fake" in start(invite(challenge=other_challenge)).problem


def test_failed_dry_runs_do_not_pause_the_engine(broken, challenge, other_challenge):
    for challenge_id in (challenge.id, challenge.id, other_challenge):
        dry_run = actions.start_dry_run(challenge_id, None, by="recruiter")
        run_until_idle(dry_run)
    assert breaker.open_breakers() == []


def test_engine_is_named_with_its_image(take_home, settings):
    take_home.provisioner = "docker"
    settings.DOCKER_IMAGE = "registry/editor:2"
    assert [subject.name for subject in breaker._subjects(take_home)] == [
        "word-count, version 1",
        "docker (registry/editor:2)",
    ]


def test_failures_are_forgotten_after_a_while(invite, broken, redis):
    fail_starts(invite, 2)
    for key in redis.keys("breaker:failures:*"):
        assert 0 < redis.ttl(key) <= breaker.FAILURE_MEMORY.total_seconds()
        redis.delete(key)
    fail_starts(invite, 2)
    assert breaker.open_breakers() == []


def test_trial_that_fails_later_keeps_the_breaker_open(invite, broken, redis):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    for key in redis.keys("breaker:failures:*"):
        redis.delete(key)
    end_pause(redis)
    fail_starts(invite, 1)
    assert [each.failures for each in breaker.open_breakers()] == [4]
    assert "the last 4 starts" in start(invite()).problem


def test_open_breaker_that_nothing_was_tried_on_is_forgotten(invite, broken, monkeypatch):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    monkeypatch.setattr(breaker, "OPEN_LIFETIME", breaker.OPEN_LIFETIME * 0)
    assert breaker.open_breakers() == []
    assert "Not tried" not in start(invite()).problem


def test_without_redis_nothing_is_refused(invite, use_engine):
    heartbeat.client.cache_clear()
    use_engine(Broken())
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    assert "Not tried" not in start(invite()).problem


def test_restart_of_a_running_workspace_is_not_refused(running, invite, broken):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    enqueue.restart_workspace(fresh(running))
    run_until_idle(running)
    assert "Not tried" not in fresh(running).problem


def test_trial_that_never_ends_is_followed_by_the_next(invite, broken, redis):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    end_pause(redis)
    interview = invite()
    interview.provisioner = "fake"
    breaker.check(interview, requested_by="candidate")
    with pytest.raises(breaker.StartsPausedError):
        breaker.check(interview, requested_by="candidate")
    [trial] = redis.keys("breaker:trial:*")
    assert 0 < redis.ttl(trial) <= breaker.TRIAL_INTERVAL.total_seconds()


def practise(interview):
    actions.start_practice(interview)
    return run_until_idle(practice.practices_of(interview.id)[-1])


def test_failed_practice_workspaces_refuse_no_test(invite, broken):
    # Of different challenges, the failures would be the engine's.
    fail_starts(invite, 1)
    for _ in range(breaker.FAILURES_TO_OPEN):
        assert practise(invite()).state is Status.ERROR
    assert breaker.open_breakers() == []


def test_practice_workspace_is_no_trial_of_a_broken_engine(
    invite, broken, other_challenge, redis, use_engine
):
    fail_starts(invite, 2)
    fail_starts(invite, 1, challenge=other_challenge)
    end_pause(redis)
    use_engine(FakeProvisioner())
    assert practise(invite()).state is Status.ERROR
    # The trial is left for a test.
    assert start(invite()).state is Status.ACTIVE


def test_practice_workspace_has_nothing_of_a_broken_challenge(invite, broken, use_engine):
    fail_starts(invite, breaker.FAILURES_TO_OPEN)
    use_engine(FakeProvisioner())
    assert practise(invite()).state is Status.ACTIVE
    # It says nothing about the challenge either.
    assert len(breaker.open_breakers()) == 1
