"""The example dashboard, the alert rules and docs/monitoring.md name only existing metrics."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily

from operations.monitoring import metrics
from operations.worker import heartbeat
from takehome_platform.observability import celery_signals, deployment_collector, request_logging

DOCS = Path(__file__).resolve().parents[3] / "docs"
OWN = [
    metrics.OPERATIONS,
    metrics.RETRIES,
    metrics.STEPS,
    metrics.EVENT_DELAY,
    celery_signals.TASKS,
    request_logging.REQUESTS,
    request_logging.SECONDS,
]
# What Prometheus and the Python client add.
ADDED = {"process_resident_memory_bytes"}
TARGET = {"job", "instance", "le"}

NAME = re.compile(r"\b(?:takehome|process|python)_[a-z_]+\b")
SELECTOR = re.compile(r"(\w+)\{([^}]*)\}")
GROUPS = re.compile(r"\bby \(([^)]*)\)")


@pytest.fixture
def families(
    monkeypatch: pytest.MonkeyPatch, tables: None, db: None, settings: Any
) -> dict[str, set[str]]:
    """The exported time series by name, with their labels."""
    settings.LOCAL_MAX_WORKSPACES = 1
    monkeypatch.setattr(heartbeat, "last_heartbeat", lambda: None)
    monkeypatch.setattr(
        heartbeat, "client", lambda: SimpleNamespace(llen=lambda key: 0, hvals=lambda key: [])
    )
    found: dict[str, set[str]] = {}
    for metric in OWN:
        name, labels = metric._name, set(metric._labelnames)
        if isinstance(metric, Counter):
            found[f"{name}_total"] = labels
        else:
            assert isinstance(metric, Histogram)
            found |= {f"{name}_{part}": labels for part in ("bucket", "count", "sum")}
    for family in gauges():
        labels = {label for sample in family.samples for label in sample.labels}
        found[family.name] = labels
    return found


def gauges() -> Iterator[GaugeMetricFamily]:
    for question in deployment_collector.METRIC_QUERIES.values():
        yield from question()
    yield GaugeMetricFamily("takehome_part_up", "", labels=["part"])
    yield GaugeMetricFamily("takehome_streams_open", "", labels=["audience"])


def rules() -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load((DOCS / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> dict[str, str]:
    found = {rule["alert"]: rule["expr"] for rule in rules()}
    for panel in panels():
        for target in panel["targets"]:
            found[f"{panel['title']} {target['refId']}"] = target["expr"]
    return found


def test_every_expression_uses_exported_metrics(families: dict[str, set[str]]) -> None:
    used = {name for text in expressions().values() for name in NAME.findall(text)}
    assert used - families.keys() - ADDED == set()
    assert used & families.keys() != set()


def test_every_expression_uses_existing_labels(families: dict[str, set[str]]) -> None:
    families["takehome_part_up"] = {"part"}
    families["takehome_streams_open"] = {"audience"}
    for title, text in expressions().items():
        names = [name for name in NAME.findall(text) if name in families]
        known = TARGET.union(*(families[name] for name in names))
        for selector in SELECTOR.findall(text):
            labels = set(re.findall(r"(\w+)\s*[=!]", selector[1]))
            assert labels - families.get(selector[0], set()) - TARGET == set(), title
        for group in GROUPS.findall(text):
            assert {label.strip() for label in group.split(",")} - known == set(), title


@pytest.mark.parametrize(("opening", "closing"), ["()", "{}", "[]"])
def test_brackets_of_expressions_are_closed(opening: str, closing: str) -> None:
    for title, text in expressions().items():
        assert text.count(opening) == text.count(closing), title


def test_every_rule_has_severity_and_summary() -> None:
    names = [rule["alert"] for rule in rules()]
    assert sorted(set(names)) == sorted(names)
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]


def test_summary_uses_only_labels_that_its_rule_keeps() -> None:
    for rule in rules():
        kept = {
            label.strip() for group in GROUPS.findall(rule["expr"]) for label in group.split(",")
        }
        named = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        assert named - kept == set(), rule["alert"]


def test_panels_do_not_overlap_and_have_unique_ids() -> None:
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert sorted(set(ids)) == sorted(ids)
    places: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & places, panel["title"]
        places |= cells


def test_page_explains_exactly_the_exported_metrics(families: dict[str, set[str]]) -> None:
    exported = {re.sub(r"_(bucket|count|sum)$", "", name) for name in families}
    text = (DOCS / "monitoring.md").read_text()
    explained = re.findall(r"^\| `(takehome_[a-z_]+)` \|", text, re.MULTILINE)
    assert sorted(explained) == sorted(exported)


def test_families_have_every_metric_of_the_platform() -> None:
    registered = {
        family.name for family in REGISTRY.collect() if family.name.startswith("takehome_")
    }
    assert registered == {metric._name for metric in OWN}
