"""What a cluster does to workspaces: no room, no image, no disk, evictions and lost machines."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.provisioners.base import (
    MachineDownError,
    NoRoomError,
    ProvisionError,
    Readiness,
    Workspace,
)
from operations.provisioners.kubernetes import naming, pods, start
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from tests.kubernetes.cluster import EDITOR, EDITOR_IMAGE, HELPER_IMAGE, Cluster
from tests.kubernetes.kubelet import Node
from tests.operations.provisioners.conftest import PASSWORD, LogLines
from tests.operations.provisioners.kubernetes.conftest import (
    FILES,
    NAME,
    contents,
    giving_up_soon,
    pod_name,
    spec,
    start_workspace,
)
from tests.services import wait_until


def small_cluster(cluster: Cluster) -> None:
    """Room for one workspace, and for what runs beside it."""
    cluster.kubelet.nodes["node-1"] = Node(cpu_millis=3000, memory_mb=4000)


def names_of_pods(cluster: Cluster) -> list[str]:
    with cluster.store.lock:
        return [name for kind, name in cluster.store.resources if kind == "pods"]


def test_a_full_cluster_is_no_room(cluster: Cluster, engine: KubernetesProvisioner) -> None:
    small_cluster(cluster)
    first = start_workspace(engine)
    sentence = r"^start: No machine is free: too few free processors on 1 machine\.$"
    with giving_up_soon("ROOM_SECONDS"), pytest.raises(NoRoomError, match=sentence):
        engine.reserve("takehome-2", None, None, LogLines())
    assert [each.id for each in engine.list_owned()] == [NAME]
    with giving_up_soon("ROOM_SECONDS"), pytest.raises(NoRoomError, match=sentence):
        engine.provision(spec("takehome-2"), LogLines())
    # Nothing is left that the cluster would start later.
    wait_until(lambda: names_of_pods(cluster) == [pod_name(cluster)], "It is left.")
    engine.destroy(first, LogLines())
    start_workspace(engine, spec("takehome-2"))


def test_a_place_holds_the_room_until_the_workspace_has_it(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    small_cluster(cluster)
    engine.reserve(NAME, None, None, LogLines())
    engine.reserve(NAME, None, None, LogLines())
    with giving_up_soon("ROOM_SECONDS"), pytest.raises(NoRoomError):
        engine.reserve("takehome-2", None, None, LogLines())
    start_workspace(engine)
    assert cluster.store.find("pods", f"{pod_name(cluster)}-place") is None
    # A start that is tried again needs no other place.
    engine.reserve(NAME, None, None, LogLines())
    assert cluster.store.find("pods", f"{pod_name(cluster)}-place") is None


def test_a_place_that_nobody_took_is_listed_and_removed(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    engine.reserve(NAME, None, None, LogLines())
    [owned] = engine.list_owned()
    engine.destroy(Workspace(owned.id, None, None, {}), LogLines())
    assert cluster.store.resources == {}


def test_why_no_machine_takes_it_names_the_setting(cluster: Cluster) -> None:
    engine = cluster.engine(node_labels=(("takehome", "true"),))
    cluster.kubelet.nodes["node-2"] = Node(is_cordoned=True)
    sentence = "KUBERNETES_NODE_SELECTOR rules out 1 machine, 1 machine cordoned"
    with giving_up_soon("ROOM_SECONDS"), pytest.raises(NoRoomError, match=sentence):
        engine.reserve(NAME, None, None, LogLines())
    cluster.kubelet.nodes["node-1"].labels["takehome"] = "true"
    start_workspace(engine)


def test_a_disk_that_is_not_made_is_no_want_of_room(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    cluster.kubelet.makes_disks = False
    with (
        giving_up_soon("DISK_SECONDS"),
        pytest.raises(ProvisionError, match="KUBERNETES_STORAGE_CLASS") as caught,
    ):
        engine.provision(spec(), LogLines())
    assert not isinstance(caught.value, NoRoomError)
    cluster.kubelet.makes_disks = True
    assert contents(engine, start_workspace(engine)) == FILES


def test_an_image_that_cannot_be_pulled_is_told(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    del cluster.kubelet.images[EDITOR_IMAGE]
    workspace = engine.provision(spec(), LogLines())
    sentence = (
        f"The image {EDITOR_IMAGE} (KUBERNETES_IMAGE) can't be pulled: "
        f'Back-off pulling image "{EDITOR_IMAGE}".'
    )
    wait_until(lambda: engine.is_ready(workspace) == Readiness(False, sentence), "It is not told.")
    cluster.kubelet.images[EDITOR_IMAGE] = EDITOR
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.")
    del cluster.kubelet.images[HELPER_IMAGE]
    sentence = r"\(KUBERNETES_HELPER_IMAGE\) can't be pulled"
    with giving_up_soon("PROBLEM_SECONDS"), pytest.raises(ProvisionError, match=sentence):
        engine.provision(spec("takehome-2"), LogLines())


def test_an_image_without_a_valid_name_is_told(cluster: Cluster) -> None:
    engine = cluster.engine(image="NOT an image")
    workspace = engine.provision(spec(), LogLines())
    sentence = "KUBERNETES_IMAGE isn't the name of an image: NOT an image."
    wait_until(lambda: engine.is_ready(workspace) == Readiness(False, sentence), "It is not told.")


def test_an_evicted_workspace_starts_again_with_its_files(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    workspace = start_workspace(engine)
    editor = cluster.kubelet.container(pod_name(cluster), pods.EDITOR)
    editor.path(f"{cluster.options.home}/project/answer.txt").write_bytes(b"42")
    cluster.kubelet.evict(pod_name(cluster), "The node was low on resource: memory.")
    reason = "the machine evicted it: The node was low on resource: memory"
    wait_until(
        lambda: engine.is_ready(workspace).reason == f"The workspace stopped ({reason}).",
        "It is not told.",
    )
    log = LogLines()
    engine.provision(spec(files=None), log)
    assert log[0] == f"The workspace had stopped ({reason})."
    wait_until(lambda: engine.is_ready(workspace), "The editor does not answer.")
    assert contents(engine, workspace) == FILES | {"answer.txt": b"42"}


def test_memory_that_is_used_up_is_told(cluster: Cluster, engine: KubernetesProvisioner) -> None:
    workspace = start_workspace(engine)
    cluster.kubelet.runner(pod_name(cluster)).run_out_of_memory(pods.EDITOR)
    wait_until(
        lambda: (
            engine.is_ready(workspace).reason
            == "The workspace stopped (it used more memory than allowed)."
        ),
        "It is not told.",
    )


def test_a_lost_machine_keeps_its_workspace_until_it_is_removed(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    """Two Pods of one workspace would write to the same files."""
    workspace = start_workspace(engine)
    cluster.kubelet.nodes["node-2"] = Node()
    cluster.kubelet.lose_node("node-1")
    sentence = "The machine node-1 doesn't answer."
    assert engine.is_ready(workspace) == Readiness(False, sentence)
    with pytest.raises(MachineDownError, match=sentence) as caught:
        engine.provision(spec(files=None), LogLines())
    assert caught.value.lost_at is not None and caught.value.lost_at > datetime.now(UTC)
    with cluster.store.lock:
        # As the control plane does it after five minutes.
        cluster.store.delete("pods", pod_name(cluster), {})
        metadata = cluster.store.resources["pods", pod_name(cluster)]["metadata"]
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    for call in (
        lambda: engine.provision(spec(files=None), LogLines()),
        lambda: engine.export(workspace, cluster.kubelet.folder / "x.tar.gz", ()),
        lambda: engine.destroy(workspace, LogLines()),
    ):
        with pytest.raises(MachineDownError, match=sentence):
            call()
    cluster.kubelet.remove_node("node-1")
    start_workspace(engine, spec(files=None))
    assert cluster.store.read("pods", pod_name(cluster))["spec"]["nodeName"] == "node-2"
    assert contents(engine, workspace) == FILES


def test_a_workspace_ends_at_its_deadline_without_the_platform(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    workspace = start_workspace(engine)
    annotation = {"metadata": {"annotations": {"takehome.ends-at": str(int(time.time()) - 1)}}}
    cluster.store.patch("pods", pod_name(cluster), annotation)
    wait_until(
        lambda: str(engine.is_ready(workspace).reason).startswith("The workspace stopped"),
        "It goes on.",
    )
    # Its files stay.
    assert [each.id for each in engine.list_owned()] == [NAME]


def test_another_password_is_a_restart(cluster: Cluster, engine: KubernetesProvisioner) -> None:
    start_workspace(engine)
    before = cluster.store.read("pods", pod_name(cluster))
    log = LogLines()
    engine.provision(spec(files=None), log)
    assert log == ["The workspace is already running."]
    engine.provision(spec(files=None, password="another"), log)
    after = cluster.store.read("pods", pod_name(cluster))
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    editor = cluster.kubelet.container(pod_name(cluster), pods.SIDECAR)
    config = editor.path(f"{cluster.options.home}/.config/code-server/config.yaml")
    assert "hashed-password" in config.read_text()
    assert PASSWORD not in str(cluster.store.resources)


def test_a_claim_that_is_being_removed_is_no_new_workspace(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    start_workspace(engine)
    cluster.store.delete("persistentvolumeclaims", pod_name(cluster), {})
    with pytest.raises(ProvisionError, match="disk is being removed right now"):
        engine.provision(spec(), LogLines())


def test_a_pod_that_does_not_go_is_an_error_that_names_its_machine(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    workspace = start_workspace(engine)
    runner = cluster.kubelet.runner(pod_name(cluster))
    runner.hang()
    sentence = "kubectl delete node node-1"
    with giving_up_soon("REMOVAL_SECONDS"), pytest.raises(ProvisionError, match=sentence):
        engine.destroy(workspace, LogLines())
    runner.bring_back()
    engine.destroy(workspace, LogLines())
    assert cluster.store.resources == {}


def test_a_disk_that_is_in_use_is_not_called_removed(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    workspace = start_workspace(engine)
    foreign = pods.files_pod(cluster.options, naming.names_of(cluster.options.platform, NAME))
    foreign["metadata"] |= {"name": "foreign", "labels": {}}
    cluster.store.create("pods", foreign)
    sentence = f"The cluster doesn't remove {pod_name(cluster)}"
    with giving_up_soon("REMOVAL_SECONDS"), pytest.raises(ProvisionError, match=sentence):
        engine.destroy(workspace, LogLines())
    assert [each.id for each in engine.list_owned()] == [NAME]
    cluster.store.delete("pods", "foreign", {})
    engine.destroy(workspace, LogLines())
    assert engine.list_owned() == []


@pytest.mark.parametrize(
    ("started", "silent", "is_hung"),
    [(600, 120, True), (600, 10, False), (60, 120, False)],
)
def test_an_editor_that_hangs_is_known(started: int, silent: int, is_hung: bool) -> None:
    def ago(seconds: int) -> str:
        return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds")

    pod: Any = {
        "metadata": {},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": ago(silent)}],
            "containerStatuses": [
                {"name": pods.EDITOR, "state": {"running": {"startedAt": ago(started)}}}
            ],
        },
    }
    assert start._is_unresponsive(pod) is is_hung
    pod["status"]["conditions"][0]["status"] = "True"
    assert not start._is_unresponsive(pod)


def test_sign_ins_that_are_refused_are_seen(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    workspace = start_workspace(engine)
    assert not engine.is_sign_in_refused(workspace)
    editor = cluster.kubelet.container(pod_name(cluster), pods.EDITOR)
    editor.path(f"{cluster.options.home}/.refuse-sign-in").touch()
    assert engine.is_sign_in_refused(workspace)
