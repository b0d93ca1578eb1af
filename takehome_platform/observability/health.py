"""/healthz and /readyz: whether this process is alive, and whether it can do its work."""

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

from interviews.local_time import zone_data
from takehome_platform.observability.concurrent_checks import ConcurrentChecks
from takehome_platform.observability.readiness import (
    READINESS_CHECKS,
    NotReadyError,
    ReadinessCheck,
)

logger = structlog.get_logger(__name__)

CHECK_TIMEOUT = 2.0  # seconds
CACHE_SECONDS = 2.0  # more frequent requests do not reach the stores


@dataclass(frozen=True)
class PartStatus:
    is_available: bool
    message: str


@dataclass(frozen=True)
class ReadinessReport:
    """`status` is "ready", "degraded", or "away" if pages cannot be answered."""

    status: str
    parts: dict[str, PartStatus]


class Readiness:
    """Checks all parts at once, and logs when one becomes unavailable or available again."""

    def __init__(
        self,
        checks: Mapping[str, ReadinessCheck],
        *,
        timeout: float = CHECK_TIMEOUT,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        self._checks = checks
        self._timeout = timeout
        self._cache_seconds = cache_seconds
        self._lock = threading.Lock()
        self._concurrent_checks = ConcurrentChecks()
        self._latest: ReadinessReport | None = None
        self._checked_at = 0.0  # time.monotonic()

    def report(self) -> ReadinessReport:
        """The current report, or a cached one. Concurrent callers wait for a single check."""
        with self._lock:
            is_stale = time.monotonic() - self._checked_at > self._cache_seconds
            if self._latest is None or is_stale:
                self._latest = self._check(self._latest)
                self._checked_at = time.monotonic()
            return self._latest

    def _check(self, previous: ReadinessReport | None) -> ReadinessReport:
        results = self._concurrent_checks.run(
            {name: check.run for name, check in self._checks.items()}, self._timeout
        )
        parts = {}
        for name, check in self._checks.items():
            parts[name], reason = _part_status(check, results[name])
            was_available = previous is None or previous.parts[name].is_available
            if was_available and not parts[name].is_available:
                logger.warning("part_away", part=name, says=parts[name].message, reason=reason)
            elif not was_available and parts[name].is_available:
                logger.info("part_back", part=name)
        return ReadinessReport(self._overall_status(parts), parts)

    def _overall_status(self, parts: Mapping[str, PartStatus]) -> str:
        unavailable = [self._checks[name] for name, part in parts.items() if not part.is_available]
        if not unavailable:
            return "ready"
        return "away" if any(check.is_required for check in unavailable) else "degraded"


def _part_status(check: ReadinessCheck, result: "Future[Any] | None") -> tuple[PartStatus, str]:
    """The public status, and the reason of a failure, which only the log may have."""
    if result is None:
        return PartStatus(False, check.failure_message), "no answer in time"
    error = result.exception()
    if error is None:
        return PartStatus(True, check.success_message), ""
    if isinstance(error, NotReadyError):
        return PartStatus(False, str(error)), ""
    return PartStatus(False, check.failure_message), f"{type(error).__name__}: {error}"


readiness = Readiness(READINESS_CHECKS)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives, whatever the state of the stores."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The status of each part; 503 only if pages cannot be answered, as without Redis they can."""
    report = readiness.report()
    body = {
        "status": report.status,
        "parts": {
            name: {"status": "ok" if part.is_available else "away", "says": part.message}
            for name, part in report.parts.items()
        },
        "zoneData": zone_data.VERSION,
    }
    response = JsonResponse(body, status=503 if report.status == "away" else 200)
    # Keep Django from logging each 503: probes come every few seconds, and `part_away` is enough.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
