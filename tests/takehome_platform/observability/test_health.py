"""/healthz and /readyz: which part is away, told to anybody, without a word that helps anybody."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from takehome_platform.observability import health
from takehome_platform.observability.health import Readiness
from takehome_platform.observability.readiness import PROBES, NotReadyError, Probe

SECRET = "redis://:hunter2@10.1.2.3:6379"


class Parts:
    """Two parts that do as they are told: pages need the first."""

    def __init__(self) -> None:
        self.problems: dict[str, Exception] = {}
        self.asked: list[str] = []

    def probe(self, name: str, *, needed: bool) -> Probe:
        def look() -> None:
            self.asked.append(name)
            if name in self.problems:
                raise self.problems[name]

        return Probe(look, f"{name} is there.", f"{name} is away.", needed)

    def readiness(self, **options: Any) -> Readiness:
        probes = {
            "tables": self.probe("tables", needed=True),
            "redis": self.probe("redis", needed=False),
        }
        return Readiness(probes, **{"fresh": 0, "limit": 10, **options})


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    parts = Parts()
    monkeypatch.setattr(health, "readiness", parts.readiness())
    return parts


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What was logged by the readiness."""
    with structlog.testing.capture_logs() as captured:
        yield captured


def test_a_process_lives_whatever_else_is_broken(client: Client, parts: Parts) -> None:
    parts.problems["tables"] = RuntimeError()
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert parts.asked == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_come_by_any_host_name(client: Client, parts: Parts, path: str) -> None:
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_a_page_does_not_come_by_any_host_name(client: Client) -> None:
    assert client.get("/login/", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_can_only_be_read(client: Client, parts: Parts, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_ready_says_so_of_each_part(client: Client, parts: Parts) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "parts": {
            "tables": {"status": "ok", "says": "tables is there."},
            "redis": {"status": "ok", "says": "redis is there."},
        },
    }
    assert "no-store" in response["Cache-Control"]


def test_without_what_pages_need_it_is_away(client: Client, parts: Parts) -> None:
    parts.problems["tables"] = RuntimeError()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "away"
    assert response.json()["parts"]["tables"] == {"status": "away", "says": "tables is away."}
    assert response.json()["parts"]["redis"]["status"] == "ok"


def test_without_what_pages_can_do_without_it_is_degraded(client: Client, parts: Parts) -> None:
    parts.problems["redis"] = RuntimeError()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_what_a_part_says_itself_is_passed_on(client: Client, parts: Parts) -> None:
    parts.problems["tables"] = NotReadyError("An index is missing.")
    part = client.get("/readyz").json()["parts"]["tables"]
    assert part == {"status": "away", "says": "An index is missing."}


def test_the_reason_is_for_the_log_alone(client: Client, parts: Parts, lines: list[Any]) -> None:
    parts.problems["redis"] = ConnectionError(f"no route to {SECRET}")
    assert "hunter2" not in client.get("/readyz").content.decode()
    assert "10.1.2.3" not in client.get("/readyz").content.decode()
    [line] = [line for line in lines if line["event"] == "part_away"]
    assert (line["part"], line["reason"]) == ("redis", f"ConnectionError: no route to {SECRET}")


def test_going_and_coming_back_are_logged_once_each(parts: Parts, lines: list[Any]) -> None:
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


def test_a_part_that_hangs_is_away_and_the_others_are_told() -> None:
    gate = threading.Event()

    def hang() -> None:
        gate.wait(30)

    try:
        probes = {
            "hangs": Probe(hang, "there", "It does not answer."),
            "good": Probe(lambda: None, "It is there.", "away"),
        }
        report = Readiness(probes, limit=0.05).report()
    finally:
        gate.set()
    assert report.status == "degraded"
    assert report.parts["hangs"].sentence == "It does not answer."
    assert report.parts["good"].sentence == "It is there."


def test_a_look_holds_for_a_moment_however_many_ask(parts: Parts) -> None:
    readiness = parts.readiness(fresh=60)
    for _ in range(5):
        readiness.report()
    assert sorted(parts.asked) == ["redis", "tables"]


def test_the_parts_of_the_platform_are_these() -> None:
    needed = {name for name, probe in PROBES.items() if probe.needed}
    assert needed == {"tables", "database"}
    assert set(PROBES) == needed | {"redis", "files", "stream", "worker"}
