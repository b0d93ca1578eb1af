"""/healthz and /readyz report which part is unavailable, and reveal nothing to an attacker."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from interviews.local_time import zone_data
from takehome_platform.observability import health
from takehome_platform.observability.health import Readiness
from takehome_platform.observability.readiness import (
    READINESS_CHECKS,
    NotReadyError,
    ReadinessCheck,
)

SECRET = "redis://:hunter2@10.1.2.3:6379"


class Parts:
    """Two parts that fail on request; pages need `tables`."""

    def __init__(self) -> None:
        self.problems: dict[str, Exception] = {}
        self.checked: list[str] = []

    def check(self, name: str, *, is_required: bool) -> ReadinessCheck:
        def run() -> None:
            self.checked.append(name)
            if name in self.problems:
                raise self.problems[name]

        return ReadinessCheck(run, f"{name} is there.", f"{name} is away.", is_required)

    def readiness(self, **options: Any) -> Readiness:
        checks = {
            "tables": self.check("tables", is_required=True),
            "redis": self.check("redis", is_required=False),
        }
        return Readiness(checks, **{"cache_seconds": 0, "timeout": 10, **options})


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    parts = Parts()
    monkeypatch.setattr(health, "readiness", parts.readiness())
    return parts


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """The log lines of Readiness."""
    with structlog.testing.capture_logs() as captured:
        yield captured


def test_healthz_is_ok_while_a_part_is_unavailable(client: Client, parts: Parts) -> None:
    parts.problems["tables"] = RuntimeError()
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert parts.checked == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_may_use_any_host_name(client: Client, parts: Parts, path: str) -> None:
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_page_may_not_use_any_host_name(client: Client) -> None:
    assert client.get("/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probe_allows_only_safe_methods(client: Client, parts: Parts, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_readyz_reports_each_part(client: Client, parts: Parts) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "parts": {
            "tables": {"status": "ok", "says": "tables is there."},
            "redis": {"status": "ok", "says": "redis is there."},
        },
        "zoneData": zone_data.VERSION,
    }
    assert "no-store" in response["Cache-Control"]


def test_unavailable_required_part_is_503(client: Client, parts: Parts) -> None:
    parts.problems["tables"] = RuntimeError()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "away"
    assert response.json()["parts"]["tables"] == {"status": "away", "says": "tables is away."}
    assert response.json()["parts"]["redis"]["status"] == "ok"


def test_unavailable_optional_part_is_degraded(client: Client, parts: Parts) -> None:
    parts.problems["redis"] = RuntimeError()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_message_of_not_ready_error_is_public(client: Client, parts: Parts) -> None:
    parts.problems["tables"] = NotReadyError("An index is missing.")
    part = client.get("/readyz").json()["parts"]["tables"]
    assert part == {"status": "away", "says": "An index is missing."}


def test_reason_of_a_failure_is_only_logged(client: Client, parts: Parts, lines: list[Any]) -> None:
    parts.problems["redis"] = ConnectionError(f"no route to {SECRET}")
    assert "hunter2" not in client.get("/readyz").content.decode()
    assert "10.1.2.3" not in client.get("/readyz").content.decode()
    [line] = [line for line in lines if line["event"] == "part_away"]
    assert (line["part"], line["reason"]) == ("redis", f"ConnectionError: no route to {SECRET}")


def test_each_change_of_a_part_is_logged_once(parts: Parts, lines: list[Any]) -> None:
    readiness = parts.readiness()
    readiness.report()
    parts.problems["redis"] = RuntimeError()
    readiness.report()
    readiness.report()
    parts.problems.clear()
    readiness.report()
    readiness.report()
    assert [(line["event"], line["part"]) for line in lines] == [
        ("part_away", "redis"),
        ("part_back", "redis"),
    ]


def test_part_that_hangs_does_not_hide_the_others() -> None:
    gate = threading.Event()

    def hang() -> None:
        gate.wait(30)

    try:
        checks = {
            "hangs": ReadinessCheck(hang, "there", "It does not answer."),
            "good": ReadinessCheck(lambda: None, "It is there.", "away"),
        }
        report = Readiness(checks, timeout=0.05).report()
    finally:
        gate.set()
    assert report.status == "degraded"
    assert report.parts["hangs"].message == "It does not answer."
    assert report.parts["good"].message == "It is there."


def test_report_is_cached(parts: Parts) -> None:
    readiness = parts.readiness(cache_seconds=60)
    for _ in range(5):
        readiness.report()
    assert sorted(parts.checked) == ["redis", "tables"]


def test_required_and_optional_parts() -> None:
    required = {name for name, check in READINESS_CHECKS.items() if check.is_required}
    assert required == {"tables", "database"}
    assert set(READINESS_CHECKS) == required | {"redis", "files", "stream", "worker"}
