"""docker-compose.yml documents every variable, and gives no service more access than it needs."""

import re
from pathlib import Path

import pytest
import yaml

from operations.queue.routing import TaskQueue

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
# Set by Compose itself.
GIVEN = {"COMPOSE_PROJECT_NAME"}


def services() -> dict[str, dict]:
    return dict(yaml.safe_load(COMPOSE)["services"])


def test_every_variable_is_documented() -> None:
    asked = set(re.findall(r"(?<=\$\{)[A-Z_]+|(?<=args: \[)[A-Z_]+", COMPOSE)) - GIVEN
    settings = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    page = (ROOT / "docs" / "compose.md").read_text()
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert asked - settings == set(re.findall(r"`([A-Z][A-Z_]+)`", rows))


def test_only_the_workers_have_the_docker_socket() -> None:
    with_it = {name for name, service in services().items() if "docker.sock" in str(service)}
    assert with_it == {"worker", "worker-ends"}


@pytest.mark.parametrize(
    "file", ["docker-compose.yml", "docker-compose.dev.yml", "deploy/stack.yml"]
)
def test_workers_share_the_queues_between_them(file: str) -> None:
    found = yaml.safe_load((ROOT / file).read_text())["services"]
    queues = {}
    for name in ("worker", "worker-ends"):
        command = found[name]["command"]
        queues[name] = command[command.index("--queues") + 1].split(",")
    assert queues == {
        "worker": [TaskQueue.DEFAULT.value, TaskQueue.STARTS.value],
        "worker-ends": [TaskQueue.ENDS.value],
    }


def test_only_the_proxy_is_published_and_by_default_locally() -> None:
    published = {name: s["ports"] for name, s in services().items() if "ports" in s}
    assert set(published) == {"proxy"}
    assert [re.findall(r":-(127\.0\.0\.1)}", port) for port in published["proxy"]] == (
        [["127.0.0.1"]] * 2
    )


@pytest.mark.parametrize("store", ["redis", "dynamodb"])
def test_stores_are_on_an_internal_network(store: str) -> None:
    assert services()[store]["networks"] == ["stores"]
    assert yaml.safe_load(COMPOSE)["networks"]["stores"] == {"internal": True}


def test_image_contains_only_what_dockerignore_allows() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert [line for line in lines if not line.startswith(("#", "!"))] == ["*", "**/__pycache__"]
    assert {line for line in lines if line.startswith("!.")} == set()
