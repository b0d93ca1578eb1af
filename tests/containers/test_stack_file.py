"""deploy/stack.yml documents every variable, and gives no service more access than it needs."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
STACK = (ROOT / "deploy" / "stack.yml").read_text()
UP = (ROOT / "deploy" / "up").read_text()
LOADED: dict[str, Any] = yaml.safe_load(STACK)
SERVICES: dict[str, dict[str, Any]] = LOADED["services"]
STORES = {"postgres", "redis"}
OURS = SERVICES.keys() - STORES - {"proxy"}


def variables() -> set[str]:
    return set(re.findall(r"(?<=\$\{)[A-Z_]+", STACK))


def made() -> set[str]:
    """What the script sets by itself."""
    return {name for name in variables() if name.endswith("_SECRET")} | {"FRONT_NETWORK"}


def test_every_variable_is_documented() -> None:
    settings = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    page = (ROOT / "docs" / "cluster.md").read_text()
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", rows))
    assert variables() - settings - made() <= documented


def test_every_variable_is_given_by_the_script() -> None:
    read = re.search(r"^for name in (ALLOWED_HOSTS .+?); do", UP, re.MULTILINE | re.DOTALL)
    exported = re.search(r"^export (ALLOWED_HOSTS [A-Z_ \\\n]+)$", UP, re.MULTILINE)
    assert read is not None and exported is not None
    given = set(re.findall(r"[A-Z_]+", exported[1]))
    assert given <= set(re.findall(r"[A-Z_]+", read[1]))
    given |= set(re.findall(r"^export ([A-Z_]+)=", UP, re.MULTILINE))
    given |= {f"{name}_SECRET" for name in re.findall(r"^secret ([A-Z_]+) ", UP, re.MULTILINE)}
    assert variables() - given == set()


def test_only_the_workers_have_the_socket_and_run_on_managers() -> None:
    with_it = {name for name, each in SERVICES.items() if "docker.sock" in str(each.get("volumes"))}
    assert with_it == {"worker", "worker-ends"}
    for name in with_it:
        assert SERVICES[name]["deploy"]["placement"]["constraints"] == ["node.role == manager"]


def test_only_workers_have_what_leads_to_the_engines() -> None:
    for name, service in SERVICES.items():
        sources = {each if isinstance(each, str) else each["source"] for each in service["secrets"]}
        is_worker = name in {"worker", "worker-ends"}
        assert ("worker_key" in sources) == is_worker
        assert ("agents" in service["networks"]) == is_worker
        assert ("settings" in sources) == (name in OURS)
        assert ("certificate_key" in sources) == (name == "proxy")


def test_only_the_proxy_is_published() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}


def test_stores_are_on_an_internal_network_alone() -> None:
    assert LOADED["networks"]["stores"] == {"internal": True}
    assert [SERVICES[name]["networks"] for name in sorted(STORES)] == [["stores"], ["stores"]]


def test_no_service_has_a_secret_in_its_environment() -> None:
    names = {name for service in SERVICES.values() for name in service.get("environment", {})}
    secret = re.compile("PASSWORD|KEY|TOKEN|DATABASE_URL|REDIS_URL|EMAIL_URL")
    assert {name for name in names if secret.search(name)} == {"POSTGRES_PASSWORD_FILE"}


def test_whoever_uses_a_store_waits_until_it_is_prepared() -> None:
    waiting = {
        name for name in OURS if SERVICES[name]["command"][2] == "takehome_platform.prepared"
    }
    assert waiting == OURS - {"init"}
