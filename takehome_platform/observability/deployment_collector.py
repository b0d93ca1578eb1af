"""Figures of the deployment as a whole, asked when Prometheus asks.

They must be told above all when no worker is there to count them. Every web process says the same:
take the maximum, not the sum.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pynamodb.exceptions import PynamoDBException

from operations import backlog
from operations.reaper.models import orphan_counts as orphan_counts
from operations.sse.hub import process_hub
from operations.worker import heartbeat
from takehome_platform.observability.concurrent_checks import ConcurrentChecks
from takehome_platform.observability.health import readiness

logger = structlog.get_logger(__name__)

LIMIT = 4.0  # seconds that a scrape waits; Prometheus gives up after ten
FRESH = 5.0  # seconds that an answer holds, however often somebody asks

Question = Callable[[], list[GaugeMetricFamily]]


def tick() -> list[GaugeMetricFamily]:
    """Left out where no tick was ever seen: there is no age then."""
    last = heartbeat.last_heartbeat()
    about = "Since the last tick of the schedule, by whichever worker."
    family = GaugeMetricFamily("takehome_tick_age_seconds", about)
    if last is not None:
        family.add_metric([], max(0.0, (datetime.now(UTC) - last).total_seconds()))
    return [family]


# What has a moment, by the word for it.
DUE: dict[str, Callable[[], backlog.Overdue]] = {
    "interview": backlog.overdue_interviews,
    "operation": backlog.overdue_operations,
    "message": backlog.overdue_messages,
    "delivery": backlog.overdue_deliveries,
}


def overdue() -> list[GaugeMetricFamily]:
    """They are in different stores: where one refuses the others are told."""
    found = {}
    for kind, look in DUE.items():
        try:
            found[kind] = look()
        except (PynamoDBException, DatabaseError) as error:
            logger.warning("figures_unknown", figures=kind, reason=type(error).__name__)
    return [
        _gauge(
            "takehome_due_items",
            f"What the schedule should have done by now; {backlog.MAX_OVERDUE} or more of one "
            "status count as so many.",
            "kind",
            {kind: overdue.count for kind, overdue in found.items()},
        ),
        _gauge(
            "takehome_due_oldest_seconds",
            "How long the longest of them has been waiting.",
            "kind",
            {kind: overdue.seconds for kind, overdue in found.items()},
        ),
    ]


def workspaces() -> list[GaugeMetricFamily]:
    about = "Workspaces that there are: starting, running or ending."
    return [_gauge("takehome_workspaces", about, "doing", backlog.count_workspaces())]


def operations() -> list[GaugeMetricFamily]:
    about = "Operations that are not done: pending ones wait for a worker or for their next try."
    found = backlog.count_unfinished_operations()
    return [_gauge("takehome_operations_unfinished", about, "state", found)]


def orphans() -> list[GaugeMetricFamily]:
    about = "Workspaces that an engine runs and that no interview needs, not ended yet."
    return [_gauge("takehome_orphans", about, "engine", orphan_counts())]


QUESTIONS: dict[str, Question] = {
    "tick": tick,
    "overdue": overdue,
    "workspaces": workspaces,
    "operations": operations,
    "orphans": orphans,
}


class DeploymentCollector(Collector):
    """What cannot be told in time is left out, and the log says so."""

    def __init__(self, questions: Mapping[str, Question] = QUESTIONS) -> None:
        self._questions = questions
        self._side_by_side = ConcurrentChecks()
        # By question: until when (monotonic) its answer holds, and the answer.
        self._known: dict[str, tuple[float, list[GaugeMetricFamily]]] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        parts = readiness.report().parts
        yield _gauge(
            "takehome_part_up",
            "Whether a part that the platform needs can be used (1) or not (0).",
            "part",
            {name: int(part.is_there) for name, part in parts.items()},
        )
        yield _gauge(
            "takehome_streams_open",
            "Event streams that are open to this process.",
            "audience",
            process_hub().listener_counts(),
        )
        self._ask()
        for _, families in list(self._known.values()):
            yield from families

    def _ask(self) -> None:
        stale = {
            name: question
            for name, question in self._questions.items()
            if self._known.get(name, (0.0, []))[0] <= time.monotonic()
        }
        for name, answer in self._side_by_side.ask(stale, LIMIT).items():
            error = TimeoutError() if answer is None else answer.exception()
            if answer is None or error is not None:
                self._known.pop(name, None)
                logger.warning("figures_unknown", figures=name, reason=type(error).__name__)
            else:
                self._known[name] = (time.monotonic() + FRESH, answer.result())


def _gauge(name: str, about: str, label: str, figures: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, figure in figures.items():
        family.add_metric([value], figure)
    return family
