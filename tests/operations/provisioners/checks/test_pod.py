"""Checks in Pods of a simulated cluster: what a run returns, and that it leaves nothing.

Their isolation is the cluster's, and is seen in the manifest alone.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.provisioners.base import ProvisionError
from operations.provisioners.checks.base import CheckOutcome, RunAbandonedError, StopReason
from operations.provisioners.checks.pod import KubernetesCheckRunner
from operations.provisioners.kubernetes import states
from operations.provisioners.kubernetes.check_pod import CHECK
from operations.provisioners.kubernetes.naming import CheckNames
from tests.kubernetes.cluster import Cluster, running_cluster
from tests.operations.provisioners.checks import jobs
from tests.operations.provisioners.checks.jobs import ATTACKS, Attack
from tests.services import wait_until

# What needs a process namespace or a cgroup of its own.
ISOLATED = {"kills-its-parent", "kills-the-supervisor", "leaves-children"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("kubernetes")) as cluster:
        yield cluster


@pytest.fixture
def runner(cluster: Cluster) -> Iterator[KubernetesCheckRunner]:
    yield KubernetesCheckRunner(cluster.options)
    assert cluster.store.resources == {}


@dataclass
class RunningCheck:
    pod: str
    thread: threading.Thread
    outcomes: list[CheckOutcome]

    def outcome(self) -> CheckOutcome:
        self.thread.join(60)
        [outcome] = self.outcomes
        return outcome


@contextmanager
def running_check(
    runner: KubernetesCheckRunner, cluster: Cluster, folder: Path
) -> Iterator[RunningCheck]:
    """A check that runs in a thread, until the block ends or sooner."""
    name = CheckNames(cluster.options.platform, "run-1").base
    stops, outcomes = threading.Event(), list[CheckOutcome]()

    def run() -> None:
        command = "echo began; sleep 600"
        with suppress(RunAbandonedError, ProvisionError):
            outcome = jobs.run(
                runner, folder / "work", command, seconds=600, should_stop=stops.is_set
            )
            outcomes.append(outcome)

    def is_running() -> bool:
        pod = cluster.store.find("pods", name)
        return pod is not None and "running" in states.container_state(pod, CHECK)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(is_running, "The check does not start.")
        yield RunningCheck(name, thread, outcomes)
    finally:
        stops.set()
        thread.join(60)


@pytest.mark.parametrize(
    "attack",
    [each for each in ATTACKS if each.name not in ISOLATED],
    ids=lambda each: each.name,
)
def test_every_run_ends_and_leaves_nothing(
    runner: KubernetesCheckRunner, cluster: Cluster, tmp_path: Path, attack: Attack
) -> None:
    outcome = jobs.attack(runner, tmp_path / "work", attack)
    assert attack.is_fine(outcome), outcome
    assert runner.list_left() == []


def test_a_check_reaches_nothing(
    runner: KubernetesCheckRunner, cluster: Cluster, tmp_path: Path
) -> None:
    with running_check(runner, cluster, tmp_path) as check:
        policy = cluster.store.read("networkpolicies", check.pod)
        pod = cluster.store.read("pods", check.pod)
        # The reaper of workspaces never sees it.
        assert cluster.engine().list_owned() == []
    assert policy["spec"].keys() == {"podSelector", "policyTypes"}
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    selected = policy["spec"]["podSelector"]["matchLabels"].items()
    assert selected <= pod["metadata"]["labels"].items()


def test_a_run_is_abandoned(runner: KubernetesCheckRunner, tmp_path: Path) -> None:
    with pytest.raises(RunAbandonedError):
        jobs.run(runner, tmp_path / "work", "sleep 600", should_stop=lambda: True)
    assert runner.list_left() == []


def test_what_a_killed_worker_left_is_removed(
    runner: KubernetesCheckRunner, cluster: Cluster, tmp_path: Path
) -> None:
    with running_check(runner, cluster, tmp_path):
        assert runner.list_left() == ["run-1"]
        runner.remove("run-1")
        assert runner.list_left() == []
        runner.remove("run-1")


def test_more_memory_than_allowed_is_told(
    runner: KubernetesCheckRunner, cluster: Cluster, tmp_path: Path
) -> None:
    with running_check(runner, cluster, tmp_path) as check:
        cluster.kubelet.runner(check.pod).run_out_of_memory(CHECK)
        outcome = check.outcome()
    assert (outcome.stopped, outcome.exit_code) == (StopReason.MEMORY, None)


def test_an_evicted_check_has_no_result(
    runner: KubernetesCheckRunner, cluster: Cluster, tmp_path: Path
) -> None:
    with running_check(runner, cluster, tmp_path) as check:
        cluster.kubelet.evict(
            check.pod, "Pod ephemeral local storage usage exceeds the total limit"
        )
        outcome = check.outcome()
    assert outcome.exit_code == 137 and outcome.reports == ()


def test_a_name_that_is_none_is_refused(runner: KubernetesCheckRunner) -> None:
    with pytest.raises(ValueError, match="isn't a valid name"):
        runner.remove("../x")
