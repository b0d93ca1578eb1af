"""/metrics: who may read it, and the metrics of the process and of the deployment."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.test import Client
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from pynamodb.exceptions import QueryError
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from operations.monitoring.backlog import Overdue
from operations.worker import heartbeat
from takehome_platform.observability import deployment_collector, health, metrics
from takehome_platform.observability.deployment_collector import DeploymentCollector
from takehome_platform.observability.health import Readiness
from takehome_platform.observability.readiness import (
    READINESS_CHECKS,
    NotReadyError,
    ReadinessCheck,
)

TOKEN = "t" * 40


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the readiness checks, which have tests of their own."""

    def missing() -> None:
        raise NotReadyError("It is not there.")

    checks = {
        "tables": ReadinessCheck(lambda: None, "", ""),
        "worker": ReadinessCheck(missing, "", ""),
    }
    monkeypatch.setattr(deployment_collector, "readiness", Readiness(checks))
    registry = CollectorRegistry()
    registry.register(DeploymentCollector({}))
    monkeypatch.setattr(metrics, "deployment_registry", registry)


def read(client: Client, authorization: str = "", address: str = "127.0.0.1") -> int:
    headers = {"Authorization": authorization} if authorization else {}
    return client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code


# -- who may read ----------------------------------------------------------------------------------


def test_client_with_the_token_may_read(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    assert read(client, f"Bearer {TOKEN}", "10.1.2.3") == 200


@pytest.mark.parametrize(
    "authorization",
    ["", TOKEN, f"Basic {TOKEN}", f"bearer {TOKEN}", f"Bearer {TOKEN}x", "Bearer ", "Bearer é"],
)
def test_client_without_the_token_may_not_read_even_on_this_machine(
    client: Client, settings: object, authorization: str
) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert read(client, authorization) == 401


def test_staff_session_is_no_token(client: Client, settings: object, staff: User) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    client.force_login(staff)
    assert read(client) == 401


def test_metrics_are_off_without_a_token_setting(client: Client) -> None:
    response = client.get("/metrics")
    assert response.status_code == 404
    assert b"METRICS_TOKEN" in response.content
    assert b"takehome_" not in response.content
    assert read(client, "Bearer ") == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("10.1.2.3", 404), ("", 404), ("unix:", 404)],
)
def test_this_machine_may_read_in_debug_mode_without_a_token_setting(
    client: Client, settings: object, address: str, status: int
) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert read(client, address=address) == status


def test_forwarded_address_is_not_trusted(client: Client, settings: object) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]
    headers = {"X-Forwarded-For": "127.0.0.1"}
    assert client.get("/metrics", headers=headers, REMOTE_ADDR="10.1.2.3").status_code == 404


# -- what it says ----------------------------------------------------------------------------------


@pytest.fixture
def scrape(client: Client, settings: object) -> Callable[[], dict[str, float]]:
    """Call it for the samples that Prometheus would get, as `name{label=value}`."""
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]

    def call() -> dict[str, float]:
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response["Content-Type"].startswith("text/plain; version=")
        return samples(text_string_to_metric_families(response.content.decode()))

    return call


def samples(families: Iterable[Metric]) -> dict[str, float]:
    values = {}
    for family in families:
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sample.labels.items())
            values[f"{sample.name}{{{labels}}}"] = sample.value
    return values


def test_it_has_metrics_of_the_process_and_of_the_deployment(
    scrape: Callable[[], dict[str, float]],
) -> None:
    found = scrape()
    assert found["takehome_part_up{part=tables}"] == 1
    assert found["takehome_part_up{part=worker}"] == 0
    assert found["takehome_streams_open{audience=staff}"] == 0
    assert "takehome_operations_total{outcome=completed,type=create}" in found
    assert "process_start_time_seconds{}" in found


def test_metric_names_are_unique(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    names = [
        line.split()[2] for line in response.content.decode().splitlines() if line[:6] == "# TYPE"
    ]
    assert sorted(set(names)) == sorted(names)


def collected(queries: dict[str, deployment_collector.MetricQuery]) -> dict[str, float]:
    found = samples(DeploymentCollector(queries).collect())
    return {name: value for name, value in found.items() if "part_up" not in name}


def gauge() -> list[GaugeMetricFamily]:
    return [GaugeMetricFamily("one", "", value=1)]


def test_failing_query_is_left_out() -> None:
    def away() -> list[GaugeMetricFamily]:
        raise RedisAway

    found = collected({"away": away, "gauge": gauge})
    assert found == {
        "takehome_streams_open{audience=staff}": 0,
        "takehome_streams_open{audience=candidate}": 0,
        "one{}": 1,
    }


def test_result_is_cached_and_a_failure_is_not() -> None:
    calls: list[str] = []

    def counted() -> list[GaugeMetricFamily]:
        calls.append("counted")
        return gauge()

    def failing() -> list[GaugeMetricFamily]:
        calls.append("failing")
        raise RedisAway

    collector = DeploymentCollector({"counted": counted, "failing": failing})
    for _ in range(3):
        list(collector.collect())
    assert sorted(calls) == ["counted", "failing", "failing", "failing"]


def test_tick_age_is_that_of_the_last_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        heartbeat, "last_heartbeat", lambda: datetime.now(UTC) - timedelta(seconds=40)
    )
    [family] = deployment_collector.tick_age()
    assert 40 <= family.samples[0].value < 45


def test_tick_age_has_no_sample_before_the_first_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "last_heartbeat", lambda: None)
    [family] = deployment_collector.tick_age()
    assert family.samples == []


def test_messages_that_no_worker_took_are_counted_by_queue(redis: Redis) -> None:
    redis.rpush("celery:ends", "one", "two")
    assert samples(deployment_collector.queued_messages()) == {
        "takehome_queue_messages{queue=celery}": 0,
        "takehome_queue_messages{queue=starts}": 0,
        "takehome_queue_messages{queue=ends}": 2,
    }


@pytest.mark.parametrize("error", [QueryError("away"), DatabaseError("away")])
def test_overdue_items_of_an_unavailable_store_are_left_out(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away() -> Overdue:
        raise error

    monkeypatch.setattr(
        deployment_collector, "OVERDUE_QUERIES", {"away": away, "there": lambda: Overdue(3, 7.5)}
    )
    assert samples(deployment_collector.overdue_items()) == {
        "takehome_due_items{kind=there}": 3,
        "takehome_due_oldest_seconds{kind=there}": 7.5,
    }


def test_default_readiness_has_all_checks() -> None:
    assert health.readiness._checks is READINESS_CHECKS
