"""Starts the parts in order, starts again what dies, and stops all of them."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from takehome_platform.local_stack.config import ROOT, StartupError
from takehome_platform.local_stack.pidfile import PidFile
from takehome_platform.local_stack.process import Process, end, kill_group, start
from takehome_platform.local_stack.services import Part

START_LIMIT = 120.0  # seconds until every part must have answered
TRIES = 3  # starts of one part before the first start of the platform is given up
LONGEST_WAIT = 30.0  # seconds between two starts of a part that keeps dying
GRACE = 2.0  # seconds that a part has to end by itself
LATE = ("redis", "dynamodb")  # the others need these until their own end


@dataclass
class Life:
    """One part's: never started, running, dead until `start_at`, or done."""

    part: Part
    process: Process | None = None
    ready: bool = False
    deaths: int = 0
    started_at: float = 0.0
    start_at: float = 0.0


class Supervisor:
    """`is_wanted` turns False when the person who started it wants it to stop."""

    def __init__(
        self,
        parts: Iterable[Part],
        environment: Mapping[str, str],
        logs: Path,
        record: PidFile,
        is_wanted: Callable[[], bool],
    ) -> None:
        self._lives = {part.name: Life(part) for part in parts}
        self._environment = environment
        self._logs = logs
        self._record = record
        self._is_wanted = is_wanted
        self._is_up = False

    def start(self) -> bool:
        """True when every part answers, False when stopped before; raises StartupError."""
        deadline = time.monotonic() + START_LIMIT
        while self._is_wanted():
            self._look()
            waiting = [name for name, life in self._lives.items() if not life.ready]
            if not waiting:
                self._is_up = True
                return True
            if time.monotonic() > deadline:
                raise StartupError(
                    f"{waiting[0]} did not answer within {START_LIMIT:.0f} seconds: "
                    f"see {self._log(waiting[0])}."
                )
            time.sleep(0.05)
        return False

    def watch(self) -> None:
        """Returns when it shall stop."""
        while self._is_wanted():
            self._look()
            time.sleep(0.2)

    def stop(self, between: Callable[[], None]) -> None:
        """Leaves no process. `between` is called when nothing starts workspaces any more."""
        running = {name: life.process for name, life in self._lives.items() if life.process}
        end([p for name, p in running.items() if name not in LATE], GRACE)
        between()
        end([p for name, p in running.items() if name in LATE], GRACE)
        self._record.clear()

    def _look(self) -> None:
        for life in self._lives.values():
            if life.process is not None and (code := life.process.poll()) is not None:
                # What it started itself would stay: one beat beside the next one's.
                kill_group(life.process.pid)
                life.process, life.ready = None, life.part.once and code == 0
                if not life.ready:
                    self._died(life, code)
            if life.process is None:
                self._start_when_due(life)
            elif not life.ready and not life.part.once:
                life.ready = life.part.is_ready()

    def _start_when_due(self, life: Life) -> None:
        is_done = life.part.once and life.ready
        if is_done or time.monotonic() < life.start_at:
            return
        if all(self._lives[name].ready for name in life.part.after):
            life.started_at = time.monotonic()
            life.process = start(
                life.part.argv,
                {**self._environment, **life.part.secrets},
                self._log(life.part.name),
                ROOT,
            )
            self._record.add(life.part.name, life.process.pid)

    def _died(self, life: Life, code: int) -> None:
        name = life.part.name
        if time.monotonic() - life.started_at > LONGEST_WAIT:
            life.deaths = 0
        life.deaths += 1
        if not self._is_up and (life.part.once or life.deaths == TRIES):
            raise StartupError(self._reason(life.part, code))
        wait = min(LONGEST_WAIT, 0.25 * 2**life.deaths)
        life.start_at = time.monotonic() + wait
        if self._is_up:
            sys.stderr.write(
                f"{name} ended unexpectedly ({_how(code)}): starting it again in {wait:.1f} s; "
                f"its log is {self._log(name)}\n"
            )

    def _reason(self, part: Part, code: int) -> str:
        log = self._log(part.name)
        lines = log.read_text(errors="replace").strip().splitlines()
        last = lines[-1].strip() if lines else "nothing"
        if part.once and code == 2:
            return last  # a setting that cannot be used, said in a sentence
        return f"{part.name} cannot start ({_how(code)}): see {log}, which ends with: {last}"

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
