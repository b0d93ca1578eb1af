"""/metrics: who may read it, and that it tells of the process and of the deployment."""

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
from redis.exceptions import ConnectionError as RedisAway

from operations.backlog import Overdue
from operations.worker import heartbeat
from takehome_platform.observability import deployment_collector, health, metrics
from takehome_platform.observability.deployment_collector import DeploymentCollector
from takehome_platform.observability.health import Readiness
from takehome_platform.observability.readiness import PROBES, NotReadyError, Probe

TOKEN = "t" * 40


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part is asked: what they say has tests of its own."""

    def missing() -> None:
        raise NotReadyError("It is not there.")

    probes = {"tables": Probe(lambda: None, "", ""), "worker": Probe(missing, "", "")}
    monkeypatch.setattr(deployment_collector, "readiness", Readiness(probes))
    registry = CollectorRegistry()
    registry.register(DeploymentCollector({}))
    monkeypatch.setattr(metrics, "deployment", registry)


def read(client: Client, authorization: str = "", address: str = "127.0.0.1") -> int:
    headers = {"Authorization": authorization} if authorization else {}
    return client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code


# -- who may read ----------------------------------------------------------------------------------


def test_who_has_the_token_may_read(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    assert read(client, f"Bearer {TOKEN}", "10.1.2.3") == 200


@pytest.mark.parametrize(
    "authorization",
    ["", TOKEN, f"Basic {TOKEN}", f"bearer {TOKEN}", f"Bearer {TOKEN}x", "Bearer ", "Bearer é"],
)
def test_nobody_else_may_not_even_on_this_machine(
    client: Client, settings: object, authorization: str
) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert read(client, authorization) == 401


def test_staff_has_no_token(client: Client, settings: object, staff: User) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    client.force_login(staff)
    assert read(client) == 401


def test_without_a_token_there_is_nothing_to_read(client: Client) -> None:
    response = client.get("/metrics")
    assert response.status_code == 404
    assert b"METRICS_TOKEN" in response.content
    assert b"takehome_" not in response.content
    assert read(client, "Bearer ") == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("10.1.2.3", 404), ("", 404), ("unix:", 404)],
)
def test_where_it_is_tried_out_this_machine_may_read(
    client: Client, settings: object, address: str, status: int
) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert read(client, address=address) == status


def test_an_address_that_a_visitor_claims_opens_nothing(client: Client, settings: object) -> None:
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
    found = {}
    for family in families:
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_it_has_figures_of_the_process_and_of_the_deployment(
    scrape: Callable[[], dict[str, float]],
) -> None:
    found = scrape()
    assert found["takehome_part_up{part=tables}"] == 1
    assert found["takehome_part_up{part=worker}"] == 0
    assert found["takehome_streams_open{audience=staff}"] == 0
    assert "takehome_operations_total{outcome=completed,type=create}" in found
    assert "process_start_time_seconds{}" in found


def test_no_name_of_a_figure_comes_twice(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN  # type: ignore[attr-defined]
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    names = [
        line.split()[2] for line in response.content.decode().splitlines() if line[:6] == "# TYPE"
    ]
    assert sorted(set(names)) == sorted(names)


def told(questions: dict[str, deployment_collector.Question]) -> dict[str, float]:
    found = samples(DeploymentCollector(questions).collect())
    return {name: value for name, value in found.items() if "part_up" not in name}


def gauge() -> list[GaugeMetricFamily]:
    return [GaugeMetricFamily("one", "", value=1)]


def test_what_cannot_be_told_is_left_out_and_the_rest_is_told() -> None:
    def away() -> list[GaugeMetricFamily]:
        raise RedisAway

    found = told({"away": away, "gauge": gauge})
    assert found == {
        "takehome_streams_open{audience=staff}": 0,
        "takehome_streams_open{audience=candidate}": 0,
        "one{}": 1,
    }


def test_an_answer_holds_for_a_moment_and_a_failure_is_asked_again() -> None:
    asked: list[str] = []

    def counted() -> list[GaugeMetricFamily]:
        asked.append("counted")
        return gauge()

    def failing() -> list[GaugeMetricFamily]:
        asked.append("failing")
        raise RedisAway

    collector = DeploymentCollector({"counted": counted, "failing": failing})
    for _ in range(3):
        list(collector.collect())
    assert sorted(asked) == ["counted", "failing", "failing", "failing"]


def test_tick_tells_the_age_of_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        heartbeat, "last_heartbeat", lambda: datetime.now(UTC) - timedelta(seconds=40)
    )
    [family] = deployment_collector.tick()
    assert 40 <= family.samples[0].value < 45


def test_tick_tells_nothing_where_none_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "last_heartbeat", lambda: None)
    [family] = deployment_collector.tick()
    assert family.samples == []


@pytest.mark.parametrize("error", [QueryError("away"), DatabaseError("away")])
def test_overdue_items_of_a_store_that_is_away_are_left_out(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away() -> Overdue:
        raise error

    monkeypatch.setattr(
        deployment_collector, "DUE", {"away": away, "there": lambda: Overdue(3, 7.5)}
    )
    assert samples(deployment_collector.overdue()) == {
        "takehome_due_items{kind=there}": 3,
        "takehome_due_oldest_seconds{kind=there}": 7.5,
    }


def test_the_platforms_own_readiness_is_the_one_that_is_told() -> None:
    assert health.readiness._probes is PROBES
