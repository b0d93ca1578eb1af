"""Metrics of the deployment as a whole, queried when Prometheus scrapes a web process.

Web processes serve them because they matter most when no worker runs. Every web process reports the
same values: take the maximum, not the sum.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pynamodb.exceptions import PynamoDBException

from operations.admission import positions
from operations.monitoring import backlog
from operations.queue.routing import TaskQueue
from operations.reaper.models import orphan_counts as orphan_counts
from operations.sse.hub import process_hub
from operations.worker import breaker, heartbeat
from operations.worker.breaker import SubjectKind
from takehome_platform.observability.concurrent_checks import ConcurrentChecks
from takehome_platform.observability.health import readiness

logger = structlog.get_logger(__name__)

SCRAPE_TIMEOUT = 4.0  # seconds; Prometheus gives up after ten
CACHE_SECONDS = 5.0  # more frequent scrapes do not reach the stores

MetricQuery = Callable[[], list[GaugeMetricFamily]]


def tick_age() -> list[GaugeMetricFamily]:
    """The age of the last tick; without a sample while no tick has been seen."""
    last = heartbeat.last_heartbeat()
    about = "Since the last tick of the schedule, by whichever worker."
    family = GaugeMetricFamily("takehome_tick_age_seconds", about)
    if last is not None:
        family.add_metric([], max(0.0, (datetime.now(UTC) - last).total_seconds()))
    return [family]


# The metric label `kind` of everything that has a due time.
OVERDUE_QUERIES: dict[str, Callable[[], backlog.Overdue]] = {
    "interview": backlog.overdue_interviews,
    "operation": backlog.overdue_operations,
    "message": backlog.overdue_messages,
    "delivery": backlog.overdue_deliveries,
}


def overdue_items() -> list[GaugeMetricFamily]:
    """Overdue work by kind. A store that fails does not hide the counts of the others."""
    results = {}
    for kind, query in OVERDUE_QUERIES.items():
        try:
            results[kind] = query()
        except (PynamoDBException, DatabaseError) as error:
            logger.warning("figures_unknown", figures=kind, reason=type(error).__name__)
    return [
        _gauge(
            "takehome_due_items",
            f"What the schedule should have done by now; {backlog.MAX_OVERDUE} or more of one "
            "status count as so many.",
            "kind",
            {kind: overdue.count for kind, overdue in results.items()},
        ),
        _gauge(
            "takehome_due_oldest_seconds",
            "How long the longest of them has been waiting.",
            "kind",
            {kind: overdue.seconds for kind, overdue in results.items()},
        ),
    ]


def workspace_counts() -> list[GaugeMetricFamily]:
    about = "Workspaces that there are: starting, running or ending."
    return [_gauge("takehome_workspaces", about, "doing", backlog.count_workspaces())]


def unfinished_operations() -> list[GaugeMetricFamily]:
    about = "Operations that are not done: pending ones wait for a worker or for their next try."
    counts = backlog.count_unfinished_operations()
    return [_gauge("takehome_operations_unfinished", about, "state", counts)]


def orphan_workspaces() -> list[GaugeMetricFamily]:
    about = "Workspaces that an engine runs and that no interview needs, not ended yet."
    return [_gauge("takehome_orphans", about, "engine", orphan_counts())]


def queued_messages() -> list[GaugeMetricFamily]:
    about = "Messages that no worker has taken yet, by queue of Celery."
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    counts = {name.value: heartbeat.client().llen(f"{prefix}{name.value}") for name in TaskQueue}
    return [_gauge("takehome_queue_messages", about, "queue", counts)]


def paused_starts() -> list[GaugeMetricFamily]:
    about = "Engines and challenges whose starts are paused, because the last ones failed."
    counts = dict.fromkeys([kind.value for kind in SubjectKind], 0)
    for each in breaker.open_breakers():
        counts[each.kind] += 1
    return [_gauge("takehome_paused_starts", about, "kind", counts)]


def workspace_lines() -> list[GaugeMetricFamily]:
    """Engines without a limit have no line."""
    lines = positions.lines()
    return [
        _gauge(
            "takehome_workspace_limit",
            "How many workspaces the engine may have at the same time.",
            "engine",
            {line.engine: line.limit for line in lines},
        ),
        _gauge(
            "takehome_workspace_places_taken",
            "How many of these places workspaces have; more after the limit was lowered.",
            "engine",
            {line.engine: line.running for line in lines},
        ),
        _gauge(
            "takehome_workspace_line",
            "Starts that wait in line for a place.",
            "engine",
            {line.engine: len(line.waiting) for line in lines},
        ),
        _gauge(
            "takehome_workspace_line_oldest_seconds",
            "How long the longest of them has been waiting.",
            "engine",
            {line.engine: line.oldest_wait.total_seconds() for line in lines},
        ),
    ]


METRIC_QUERIES: dict[str, MetricQuery] = {
    "tick": tick_age,
    "overdue": overdue_items,
    "workspaces": workspace_counts,
    "operations": unfinished_operations,
    "orphans": orphan_workspaces,
    "queues": queued_messages,
    "paused": paused_starts,
    "lines": workspace_lines,
}


class DeploymentCollector(Collector):
    """Leaves out a metric whose query fails or takes too long, and logs that."""

    def __init__(self, queries: Mapping[str, MetricQuery] = METRIC_QUERIES) -> None:
        self._queries = queries
        self._concurrent_checks = ConcurrentChecks()
        # By query: when its result expires (time.monotonic()), and the result.
        self._cache: dict[str, tuple[float, list[GaugeMetricFamily]]] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        parts = readiness.report().parts
        yield _gauge(
            "takehome_part_up",
            "Whether a part that the platform needs can be used (1) or not (0).",
            "part",
            {name: int(part.is_available) for name, part in parts.items()},
        )
        yield _gauge(
            "takehome_streams_open",
            "Event streams that are open to this process.",
            "audience",
            process_hub().listener_counts(),
        )
        self._refresh_cache()
        for _, families in list(self._cache.values()):
            yield from families

    def _refresh_cache(self) -> None:
        expired = {
            name: query
            for name, query in self._queries.items()
            if self._cache.get(name, (0.0, []))[0] <= time.monotonic()
        }
        for name, result in self._concurrent_checks.run(expired, SCRAPE_TIMEOUT).items():
            error = TimeoutError() if result is None else result.exception()
            if result is None or error is not None:
                self._cache.pop(name, None)
                logger.warning("figures_unknown", figures=name, reason=type(error).__name__)
            else:
                self._cache[name] = (time.monotonic() + CACHE_SECONDS, result.result())


def _gauge(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for label_value, value in values.items():
        family.add_metric([label_value], value)
    return family
