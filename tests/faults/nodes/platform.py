"""A platform whose processes this one starts itself: more of them, and a proxy before the tables.

Their commands and their environment are those of `make run`, and its supervisor starts again what
ends.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from takehome_platform.local_stack import pidfile, services, timers
from takehome_platform.local_stack.__main__ import stop_workspaces
from takehome_platform.local_stack.config import Config, free_port, read_config
from takehome_platform.local_stack.services import ServiceSpec, has_waiting_workers
from takehome_platform.local_stack.supervisor import Supervisor
from tests.e2e import editor
from tests.e2e.conftest import Platform
from tests.faults.kills.test_processes import pid_of
from tests.faults.nodes.table_proxy import TableProxy

WORKERS = ("worker", "worker-ends")


class Nodes(Platform):
    """One web process, and on each of `count` nodes two workers, one with the timers."""

    def __init__(self, folder: Path, count: int = 1, **settings: str) -> None:
        super().__init__(folder, editor.program(folder), settings)
        self.count = count
        self._over = threading.Event()
        self._stack = ExitStack()
        self.redis_port, self._dynamodb_port = free_port(), free_port()
        self.tables = TableProxy(self._dynamodb_port)

    @property
    def worker_names(self) -> list[str]:
        return [name_on(each, node) for node in range(1, self.count + 1) for each in WORKERS]

    def start(self) -> None:
        config = read_config(self.environment)
        path = self._stack.enter_context(pidfile.lock_data_dir(config.data_dir))
        self._stack.enter_context(self.tables)
        run_id = secrets.token_hex(16)
        environment = services.service_environment(
            config, self.redis_port, self.tables.port, self.environment
        )
        self._supervisor = Supervisor(
            self._services(config),
            environment | pidfile.run_environment(run_id),
            config.logs,
            pidfile.PidFile(path, run_id),
            keep_running=lambda: not self._over.is_set(),
        )
        self._supervisor.start()
        self._watch = threading.Thread(target=self._supervisor.watch, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        self._over.set()
        if hasattr(self, "_watch"):
            self._watch.join()
        if hasattr(self, "_supervisor"):
            self._supervisor.stop(lambda: stop_workspaces(self.folder))
        self._stack.close()

    def process_of(self, part: str) -> psutil.Process:
        return psutil.Process(pid_of(self, part))

    def _services(self, config: Config) -> Iterator[ServiceSpec]:
        """Those of `make run`, and for each further node its workers."""
        own = services.platform_services(config, self.redis_port, self._dynamodb_port)
        for spec in own:
            if spec.name not in WORKERS:
                yield spec
                continue
            for node in range(1, self.count + 1):
                # The last one of an option that is given twice counts.
                named = ("-n", f"{name_on(spec.name, node)}@%h")
                beat = (
                    ("-s", str(config.data_dir / f"beat-{node}"))
                    if timers.OPTION in spec.argv
                    else ()
                )
                yield replace(
                    spec,
                    name=name_on(spec.name, node),
                    argv=(*spec.argv, *named, *beat),
                    is_ready=lambda: has_waiting_workers(self.redis_port, 2 * self.count),
                )


def name_on(part: str, node: int) -> str:
    return part if node == 1 else f"{part}-{node}"


@contextmanager
def running_nodes(folder: Path, count: int = 1, **settings: str) -> Iterator[Nodes]:
    """A platform on that many nodes, with the small editor in its workspaces."""
    nodes = Nodes(folder, count, **settings)
    try:
        nodes.start()
        yield nodes
    finally:
        nodes.stop()
