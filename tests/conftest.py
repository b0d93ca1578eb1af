"""What every test may ask for: tables, a challenge, a take-home, an engine, staff."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.utils import translation
from pynamodb.models import Model
from redis import Redis

from dashboard.permissions.roles import ADMINISTRATOR
from interviews import events, queries
from interviews.challenges import library, versions
from interviews.challenges import models as models_module
from interviews.dynamodb import now
from interviews.models import Interview
from interviews.schemas.invitations import LiveInvitation, TakeHomeInvitation
from operations import actions, inviter, models, provisioners, rate_limit
from operations.branding import brand
from operations.management import schema_sync
from operations.management.commands.create_tables import TABLES
from operations.queue import dispatch
from operations.worker import handler, heartbeat, runner
from tests.dynamodb.server import DynamoDB
from tests.dynamodb.tables import Table
from tests.fakes import FakeProvisioner, FakeStream, LogsThePassword

pytest_plugins = [
    "tests.order",
    "tests.collected",
    "tests.services",
    "tests.chromium",
    "tests.orphans",
    "tests.thrift",
]


@pytest.fixture
def december_2026() -> Iterator[None]:
    """For tests that name days of 2027, such as those of a clock change: plans may be for the next
    year, and no longer for a day that is over."""
    with time_machine.travel("2026-12-01 09:00:00Z"):
        yield


def forget_connections() -> None:
    for model in TABLES:
        model._connection = None


# One for the whole process: a model keeps its connection when pytest runs again, as mutmut lets it.
IN_PROCESS = DynamoDB()


@pytest.fixture(scope="session", autouse=True)
def dynamodb() -> Iterator[DynamoDB]:
    """The DynamoDB in this process: what no test has made is not there."""
    with pytest.MonkeyPatch.context() as patch, IN_PROCESS.installed() as server:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        server.tables = {}
        yield server


@pytest.fixture(scope="session")
def made_tables(dynamodb: DynamoDB) -> dict[str, Table]:
    """Those of the platform, which are made once."""
    for model in TABLES:
        model.create_table()
    return dict(dynamodb.tables)


@pytest.fixture
def tables(dynamodb: DynamoDB, made_tables: dict[str, Table]) -> Iterator[None]:
    """Empty tables in this process."""
    # Before the test: an earlier one may have taken tables out of `dynamodb.tables`.
    for table in made_tables.values():
        table.clear()
    dynamodb.tables = dict(made_tables)
    yield
    dynamodb.tables = {}


@pytest.fixture(scope="session")
def real_connections() -> dict[type[Model], Any]:
    """Those to the real server: each reads ten megabytes of what botocore knows of AWS."""
    return {}


@pytest.fixture
def real_tables(
    dynamodb_url: str, monkeypatch: pytest.MonkeyPatch, real_connections: dict[type[Model], Any]
) -> Iterator[None]:
    """Empty tables in a real DynamoDB-compatible server, for what must hold under a race."""
    from tests.services import wait_until  # a plugin, which pytest wants to import first

    for model in TABLES:
        meta: Any = model.Meta
        for name, value in {
            "host": dynamodb_url,
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
        }.items():
            monkeypatch.setattr(meta, name, value)
        monkeypatch.setattr(model, "_connection", real_connections.get(model))
        real_connections[model] = model._get_connection()
    for model in TABLES:
        schema_sync.create_table(model)
    yield
    for model in TABLES:
        model.delete_table()
    # The server takes a moment; a table that is going would be taken for one that is there.
    wait_until(lambda: not any(model.exists() for model in TABLES), "the tables stay")


@pytest.fixture
def redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Redis:
    """An empty Redis, with the heartbeats of workers and the breaker of starts."""
    client = Redis.from_url(redis_url)
    client.flushall()
    monkeypatch.setattr(heartbeat, "client", lambda: client)
    return client


class Unnamed(dict[str, tuple[str, float]]):
    """The names of those who invited, none of whom has one; they are read already."""

    def get(self, *_: Any) -> Any:
        return "", math.inf


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process keeps is not of an earlier test. One fixture, as each takes its time."""
    # No test uses up another's attempts.
    rate_limit._counter.cache_clear()
    # Each test has tables of its own, in which the same version may be another.
    library.version_details.cache_clear()
    # A request leaves its language active in its thread, which is also the next test's.
    translation.deactivate()
    # No worker is being stopped.
    handler.shutdown_requested.clear()
    # The brand of a platform on which nobody chose one, read already, as usual. A test of another
    # one calls `forget_brand`.
    monkeypatch.setattr(brand, "_kept", (brand.of_record(None), math.inf))
    # A test of names empties what is kept.
    monkeypatch.setattr(inviter, "_kept", Unnamed())


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was asked of the workers, which these tests do not have."""
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr(
        dispatch, "_send", lambda task, argument, **options: rung.append((task, argument))
    )
    return rung


@pytest.fixture(autouse=True)
def stream(monkeypatch: pytest.MonkeyPatch) -> FakeStream:
    """What was published."""
    fake = FakeStream()
    monkeypatch.setattr(events, "_redis", lambda: fake)
    return fake


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> Any:
    """An empty store for files."""
    settings.DATA_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files"), "allow_overwrite": True},
        }
    }
    return tmp_path / "files"


@pytest.fixture
def use_engine(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[..., Any]:
    """Call it with an engine: from then on interviews are provisioned there."""

    def use(engine: Any) -> Any:
        monkeypatch.setitem(provisioners.FACTORIES, "fake", lambda: engine)
        settings.PROVISIONER = "fake"
        return engine

    return use


@pytest.fixture
def engine(use_engine: Callable[..., FakeProvisioner]) -> FakeProvisioner:
    return use_engine(LogsThePassword())


@pytest.fixture
def challenge(request: pytest.FixtureRequest) -> models_module.Challenge:
    if "real_tables" not in request.fixturenames:
        request.getfixturevalue("tables")
    versions.put_challenge(
        "word-count",
        name="Word count",
        description="Count the words of a text.",
        language="Python",
        duration_minutes=60,
        files={"README.md": b"# Word count\n", "count.py": b"print(1)\n"},
    )
    found = library.get_challenge("word-count")
    assert found is not None
    return found


@pytest.fixture
def invite(challenge: models_module.Challenge) -> Callable[..., Interview]:
    """Call it to invite a candidate; keywords are those of TakeHomeInvitation."""

    def call(**fields: Any) -> Interview:
        wanted = {"candidate_name": "Ada", "challenge": challenge.id, "duration_minutes": 60}
        return actions.invite(TakeHomeInvitation(**{**wanted, **fields}), by="recruiter")

    return call


@pytest.fixture
def schedule(challenge: models_module.Challenge) -> Callable[..., Interview]:
    """Call it to create a live interview, tomorrow; keywords are those of LiveInvitation."""

    def call(**fields: Any) -> Interview:
        wanted = {"candidate_name": "Rita", "challenge": challenge.id, "duration_minutes": 60}
        wanted["scheduled_at"] = now() + timedelta(days=1)
        return actions.schedule_live(LiveInvitation(**{**wanted, **fields}), by="recruiter")

    return call


@pytest.fixture
def take_home(invite: Callable[..., Interview]) -> Interview:
    return invite()


@pytest.fixture
def running(take_home: Interview, engine: FakeProvisioner) -> Interview:
    """A take-home whose workspace answers."""
    runner.run_operation(actions.activate(take_home, by="candidate"))
    return fresh(take_home)


def fresh(interview: Interview) -> Interview:
    """The interview as it is in the table now."""
    found = queries.get_interview(interview.id)
    assert found is not None
    return found


def operation_of(interview: Interview) -> models.Operation:
    """The operation that the interview points at now."""
    found = models.get_operation(fresh(interview).operation_id or "")
    assert found is not None
    return found


def run_until_idle(interview: Interview) -> Interview:
    """Do all the work that waits for this interview, as a worker with no other would."""
    for _ in range(10):
        operation = operation_of(interview)
        if not operation.is_unfinished:
            break
        make_check_due(operation)
        runner.run_operation(operation.id)
    return fresh(interview)


def make_check_due(operation: models.Operation) -> None:
    """As if the moment of its next readiness check had come, if it waits for one."""
    if operation.is_between_checks:
        operation.update(actions=[models.Operation.check_at.set(datetime.now(UTC))])


def expire_lease(operation: models.Operation) -> None:
    """As if the time had passed for which a worker that died holds it, if one does."""
    current = models.get_operation(operation.id)
    if current is not None and current.lease_owner:
        past = now() - timedelta(seconds=1)
        current.update(
            actions=[models.Operation.lease_until.set(past), models.Operation.due_at.set(past)]
        )


def make_due(interview: Interview) -> Interview:
    """As if the moment at which something happens to it had come."""
    past = now() - timedelta(seconds=1)
    interview = fresh(interview)
    field = "valid_until" if interview.state == "available" else "auto_destroy_at"
    interview.change(**{field: past})
    return interview


def member(name: str, role: str) -> User:
    """Somebody of staff in that role."""
    user = User.objects.create_user(name, password="a good one 4", is_staff=True)
    # Without a line in the audit trail, which tests count.
    User.groups.through.objects.create(user=user, group=Group.objects.get(name=role))
    return user


@pytest.fixture
def staff(db: None) -> User:
    """Who may everything, and is no superuser."""
    return member("recruiter", ADMINISTRATOR)


@pytest.fixture
def outsider(db: None) -> User:
    """Signed in, but not staff: must never get in."""
    return User.objects.create_user("outsider", password="a good one 4")
