"""A take-home from invitation to end, with every failure, leaves no secret in a log."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import User
from django.test import Client

from interviews import queries
from interviews.models import Interview
from operations.worker import runner
from takehome_platform.observability import celery_signals, logging_config
from tests.conftest import fresh, operation_of
from tests.fakes import CannotSave, FakeProvisioner, Quoting

TOKEN = "figures-are-for-prometheus-alone-1234"


class Log:
    """Captures the output of the platform's log handlers, readable and JSON."""

    def __init__(self) -> None:
        self._streams: list[io.StringIO] = []
        self.handlers: list[logging.Handler] = []
        for readable in (True, False):
            lines = logging_config.configure_logging(readable=readable)["formatters"]["lines"]
            stream = io.StringIO()
            handler = logging.StreamHandler(stream)
            handler.setFormatter(
                structlog.stdlib.ProcessorFormatter(
                    foreign_pre_chain=lines["foreign_pre_chain"], processors=lines["processors"]
                )
            )
            self._streams.append(stream)
            self.handlers.append(handler)

    @property
    def text(self) -> str:
        return "".join(stream.getvalue() for stream in self._streams)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._streams[1].getvalue().splitlines()]

    def events(self) -> set[str]:
        return {line["event"] for line in self.lines}


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    root = logging.getLogger()
    for handler in log.handlers:
        root.addHandler(handler)
    before = root.level
    root.setLevel(logging.INFO)
    yield log
    root.setLevel(before)
    for handler in log.handlers:
        root.removeHandler(handler)


def work(interview: Interview) -> Interview:
    """Run the pending operation as a worker does."""
    operation_id = operation_of(interview).id
    task = SimpleNamespace(name="operations.run", request=SimpleNamespace())
    celery_signals.bind_task_context(task=task, args=[operation_id])
    runner.run_operation(operation_id)
    celery_signals.record_task(task=task, state="SUCCESS")
    return fresh(interview)


def press(browser: Client, path: str) -> int:
    token = browser.cookies["csrftoken"].value
    return browser.post(path, headers={"X-CSRFToken": token}).status_code


def test_take_home_leaves_no_secret_in_a_log(
    challenge: Any,
    staff: User,
    settings: Any,
    use_engine: Callable[..., FakeProvisioner],
    monkeypatch: pytest.MonkeyPatch,
    log: Log,
) -> None:
    settings.METRICS_TOKEN = TOKEN
    secrets = {TOKEN, settings.SECRET_KEY, "a good one 4", "not the right one"}
    staff_client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    candidate = Client(enforce_csrf_checks=True, raise_request_exception=False)

    # Staff signs in, at the second try, and invites.
    staff_client.get("/login/")
    for password in ("not the right one", "a good one 4"):
        form = {"username": "recruiter", "password": password}
        headers = {"X-CSRFToken": staff_client.cookies["csrftoken"].value}
        staff_client.post("/login/?next=/%3Ftoken%3Dnext-secret", form, headers=headers)
    secrets |= {"next-secret", staff_client.cookies["sessionid"].value}
    staff_client.post("/login/", {"username": "recruiter", "password": "a good one 4"})
    body = {"candidateName": "Ada", "challenge": "word-count"}
    headers = {"X-CSRFToken": staff_client.cookies["csrftoken"].value}
    invited = staff_client.post(
        "/api/takehome", json.dumps(body), content_type="application/json", headers=headers
    )
    assert invited.status_code == 201
    [row] = queries.list_page("take-home").items
    address = f"/take-home/{row.passcode}"

    # The candidate starts; the engine fails and quotes, then it works.
    use_engine(Quoting())
    candidate.get(f"{address}/")
    candidate.post(f"{address}/start")
    assert press(candidate, f"{address}/start") == 302
    secrets.add(str(fresh(row).password))
    assert work(row).status == "error"
    use_engine(CannotSave())
    assert press(candidate, f"{address}/retry") == 302
    assert work(row).status == "active"
    secrets.add(str(fresh(row).password))
    staff_client.get(f"/api/interviews/by-passcode/{row.passcode}")
    staff_client.get("/")

    # It is submitted; the files cannot be saved at first.
    assert press(candidate, f"{address}/submit") == 302
    work(row)
    use_engine(FakeProvisioner())
    operation_of(row).update(actions=[type(operation_of(row)).due_at.remove()])
    work(row)

    # Faults of ours, with everything in hand; and visitors who guess.
    def fail(passcode: str) -> None:
        raise RuntimeError(f"SELECT ... passcode={passcode} password={fresh(row).password!r}")

    candidate.get("/take-home/GUESSED2/")
    candidate.get("/interview/GUESSED3/")
    staff_client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    staff_client.get("/metrics", headers={"Authorization": "Bearer a-wrong-token"})
    with monkeypatch.context() as patch:
        patch.setattr(queries, "get_by_passcode", fail)
        assert candidate.get(f"{address}/").status_code == 500
        assert candidate.get(f"/api/interviews/by-passcode/{row.passcode}").status_code == 500

    secrets |= {"GUESSED2", "GUESSED3", "a-wrong-token", str(row.passcode)}
    for browser in (staff_client, candidate):
        secrets |= {morsel.value for morsel in browser.cookies.values()}
    assert len(secrets) > 12
    assert {"request", "worked_on", "provisioning_failed"} <= log.events()
    assert [secret for secret in secrets if secret in log.text] == []
    assert [word for word in ("csrfmiddlewaretoken", "sessionid=") if word in log.text] == []


def test_log_lines_of_a_worker_have_the_ids_of_its_operation(
    take_home: Interview, engine: FakeProvisioner, log: Log, client: Client
) -> None:
    client.post(f"/take-home/{take_home.passcode}/start")
    operation_id = operation_of(take_home).id
    work(take_home)
    [line] = [line for line in log.lines if line["event"] == "worked_on"]
    assert (line["operation"], line["interview"]) == (operation_id, take_home.id)
    assert (line["type"], line["status"]) == ("create", "completed")


def test_libraries_log_in_the_same_format(log: Log) -> None:
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        logging.getLogger("celery.worker").warning(
            "Connected to %s", "redis://user:hunter2@redis.internal:6379/0"
        )
    [line] = log.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "Connected to redis://user:•••@redis.internal:6379/0",
        "level": "warning",
        "logger": "celery.worker",
        "request_id": "request-1",
    }
