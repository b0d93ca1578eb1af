"""What machines ask: does this process live, and can it do its work?"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from takehome_platform.observability.concurrent_checks import ConcurrentChecks
from takehome_platform.observability.readiness import PROBES, NotReadyError, Probe

logger = structlog.get_logger(__name__)

LIMIT = 2.0  # seconds that a part has to answer
FRESH = 2.0  # seconds that a look holds: who asks more often costs the parts nothing


@dataclass(frozen=True)
class Part:
    is_there: bool
    sentence: str


@dataclass(frozen=True)
class Report:
    """`status`: away where pages cannot be answered, degraded where something else is missing."""

    status: str
    parts: dict[str, Part]


class Readiness:
    """Looks at all parts at once, and tells the log when one goes or comes back."""

    def __init__(
        self, probes: Mapping[str, Probe], *, limit: float = LIMIT, fresh: float = FRESH
    ) -> None:
        self._probes = probes
        self._limit = limit
        self._fresh = fresh
        self._lock = threading.Lock()
        self._side_by_side = ConcurrentChecks()
        self._latest: Report | None = None
        self._looked_at = 0.0

    def report(self) -> Report:
        """As of now, or of FRESH seconds ago. Of many at once one looks, and the others wait."""
        with self._lock:
            if self._latest is None or time.monotonic() - self._looked_at > self._fresh:
                self._latest = self._look(self._latest)
                self._looked_at = time.monotonic()
            return self._latest

    def _look(self, before: Report | None) -> Report:
        answers = self._side_by_side.ask(
            {name: probe.look for name, probe in self._probes.items()}, self._limit
        )
        parts = {}
        for name, probe in self._probes.items():
            parts[name], reason = _part(probe, answers[name])
            was_there = before is None or before.parts[name].is_there
            if was_there and not parts[name].is_there:
                logger.warning("part_away", part=name, says=parts[name].sentence, reason=reason)
            elif not was_there and parts[name].is_there:
                logger.info("part_back", part=name)
        return Report(self._status(parts), parts)

    def _status(self, parts: Mapping[str, Part]) -> str:
        missing = [self._probes[name] for name, part in parts.items() if not part.is_there]
        if not missing:
            return "ready"
        return "away" if any(probe.needed for probe in missing) else "degraded"


def _part(probe: Probe, answer: "Future[Any] | None") -> tuple[Part, str]:
    """What may be said of it, and the reason, which is for the log alone."""
    if answer is None:
        return Part(False, probe.away), "no answer in time"
    error = answer.exception()
    if error is None:
        return Part(True, probe.there), ""
    if isinstance(error, NotReadyError):
        return Part(False, str(error)), ""
    return Part(False, probe.away), f"{type(error).__name__}: {error}"


readiness = Readiness(PROBES)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive, whatever the state of the parts behind it."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Which part is away. 503 only where pages cannot be answered: without Redis they can."""
    report = readiness.report()
    body = {
        "status": report.status,
        "parts": {
            name: {"status": "ok" if part.is_there else "away", "says": part.sentence}
            for name, part in report.parts.items()
        },
    }
    response = JsonResponse(body, status=503 if report.status == "away" else 200)
    # Whoever asks asks every few seconds, and the log was told when it began.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
