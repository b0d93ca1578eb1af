"""Start the services in order, restart those that exit, and stop all of them."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from takehome_platform.local_stack.config import ROOT, StartupError
from takehome_platform.local_stack.disk_space import (
    FULL_DISK_ERRNOS,
    full_disk_message,
    has_room,
)
from takehome_platform.local_stack.pidfile import PidFile
from takehome_platform.local_stack.process import (
    Process,
    kill_group,
    start_process,
    stop_processes,
)
from takehome_platform.local_stack.services import ServiceSpec

START_TIMEOUT = 120.0  # seconds until every service must be ready
MAX_START_ATTEMPTS = 3  # starts of one service before `make run` gives up
MAX_RESTART_DELAY = 30.0  # seconds between two starts of a service that keeps exiting
STOP_TIMEOUT = 2.0  # seconds for a service to exit by itself
STOPPED_LAST = ("redis", "dynamodb")  # the other services use these while they stop


@dataclass
class ServiceState:
    """What the supervisor knows of one service; times are those of time.monotonic()."""

    spec: ServiceSpec
    process: Process | None = None
    is_ready: bool = False
    failures: int = 0
    started_at: float = 0.0
    restart_at: float = 0.0


class Supervisor:
    """Runs the services for as long as `keep_running` returns True."""

    def __init__(
        self,
        services: Iterable[ServiceSpec],
        environment: Mapping[str, str],
        logs: Path,
        pid_file: PidFile,
        keep_running: Callable[[], bool],
    ) -> None:
        self._services = {spec.name: ServiceState(spec) for spec in services}
        self._environment = environment
        self._logs = logs
        self._pid_file = pid_file
        self._keep_running = keep_running
        self._is_up = False
        self._is_waiting_for_room = False

    def start(self) -> bool:
        """Return True once every service is ready, or False if it is asked to stop before that.

        Raises:
            StartupError: if a service cannot start or is not ready in time.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while self._keep_running():
            self._check_services()
            waiting = [name for name, state in self._services.items() if not state.is_ready]
            if not waiting:
                self._is_up = True
                return True
            if time.monotonic() > deadline:
                raise StartupError(
                    f"{waiting[0]} didn't respond within {START_TIMEOUT:.0f} seconds: "
                    f"see {self._log(waiting[0])}."
                )
            time.sleep(0.05)
        return False

    def watch(self) -> None:
        """Restart services that exit, until it is asked to stop."""
        while self._keep_running():
            self._check_services()
            time.sleep(0.2)

    def stop(self, stop_workspaces: Callable[[], None]) -> None:
        """Stop every service. Workspaces are stopped when no service can start one any more."""
        running = {name: state.process for name, state in self._services.items() if state.process}
        stop_processes([p for name, p in running.items() if name not in STOPPED_LAST], STOP_TIMEOUT)
        stop_workspaces()
        stop_processes([p for name, p in running.items() if name in STOPPED_LAST], STOP_TIMEOUT)
        self._pid_file.clear()

    def _check_services(self) -> None:
        for state in self._services.values():
            if state.process is not None and (code := state.process.poll()) is not None:
                # Its children would stay: a second beat would run beside the one of the next start.
                kill_group(state.process.pid)
                state.process, state.is_ready = None, state.spec.one_shot and code == 0
                if not state.is_ready:
                    self._handle_exit(state, code)
            if state.process is None:
                self._start_if_due(state)
            elif not state.is_ready and not state.spec.one_shot:
                state.is_ready = state.spec.is_ready()

    def _start_if_due(self, state: ServiceState) -> None:
        is_done = state.spec.one_shot and state.is_ready
        if is_done or time.monotonic() < state.restart_at:
            return
        if all(self._services[name].is_ready for name in state.spec.depends_on):
            try:
                if self._wait_for_room():
                    return
                self._start(state)
            except OSError as error:
                if error.errno not in FULL_DISK_ERRNOS:
                    raise
                # Somebody else took the room that was left a moment ago.
                self._report_full_disk()

    def _start(self, state: ServiceState) -> None:
        """Start the service and record its process.

        Raises:
            OSError: if the disk is full; then the service does not run.
        """
        state.started_at = time.monotonic()
        process = start_process(
            state.spec.argv,
            {**self._environment, **state.spec.secret_environment},
            self._log(state.spec.name),
            ROOT,
        )
        try:
            self._pid_file.add(state.spec.name, process.pid)
        except OSError:
            # No later run would find a process without a record.
            stop_processes([process], grace=0)
            raise
        state.process = process

    def _wait_for_room(self) -> bool:
        """Whether the disk is full. Say so once, and once more when there is room again."""
        if not has_room(self._logs):
            self._report_full_disk()
            return True
        if self._is_waiting_for_room:
            self._is_waiting_for_room = False
            sys.stderr.write("the disk has room again, continuing\n")
        return False

    def _report_full_disk(self) -> None:
        if not self._is_waiting_for_room:
            self._is_waiting_for_room = True
            sys.stderr.write(
                f"{full_disk_message(self._logs)}: waiting for room. "
                "Free some space; nothing is lost.\n"
            )

    def _handle_exit(self, state: ServiceState, code: int) -> None:
        name = state.spec.name
        if time.monotonic() - state.started_at > MAX_RESTART_DELAY:
            state.failures = 0
        state.failures += 1
        if not self._is_up and (state.spec.one_shot or state.failures == MAX_START_ATTEMPTS):
            raise StartupError(self._start_failure(state.spec, code))
        delay = min(MAX_RESTART_DELAY, 0.25 * 2**state.failures)
        state.restart_at = time.monotonic() + delay
        if self._is_up:
            sys.stderr.write(
                f"{name} ended unexpectedly ({_exit_reason(code)}). Restarting it in "
                f"{delay:.1f} s; its log is {self._log(name)}\n"
            )

    def _start_failure(self, spec: ServiceSpec, code: int) -> str:
        log = self._log(spec.name)
        lines = log.read_text(errors="replace").strip().splitlines()
        last = lines[-1].strip() if lines else "nothing"
        if spec.one_shot and code == 2:
            return last  # the sentence about a setting that cannot be used
        return (
            f"{spec.name} cannot start ({_exit_reason(code)}): see {log}, which ends with: {last}"
        )

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _exit_reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
