"""What the API answers in bad times: each is a sentence, or is survived."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.provisioners.base import NoRoomError, ProvisionError, Workspace, WorkspaceGoneError
from operations.provisioners.kubernetes import api
from operations.provisioners.kubernetes.options import Gateway
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from takehome_platform.local_stack.config import free_port
from tests.kubernetes.api_server import Fault
from tests.kubernetes.cluster import Cluster, write_kubeconfig
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.kubernetes.conftest import (
    FILES,
    NAME,
    contents,
    giving_up_soon,
    pod_name,
    spec,
    start_workspace,
)


def test_a_list_that_expires_is_begun_again(
    cluster: Cluster, engine: KubernetesProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE_SIZE", 1)
    names = ["takehome-1", "takehome-2", "takehome-3"]
    for name in names:
        engine.provision(spec(name), LogLines())
    cluster.store.lists_expire = 2
    assert [each.id for each in engine.list_owned()] == names
    cluster.store.lists_expire = 3
    with pytest.raises(ProvisionError, match="continue parameter is too old"):
        engine.list_owned()


def test_a_page_that_fails_is_no_end_of_a_list(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    engine.provision(spec(), LogLines())
    cluster.server.faults = [Fault("list", "pods")]
    with pytest.raises(ProvisionError, match="failed: something went wrong"):
        engine.list_owned()


def test_a_change_at_the_same_time_is_tried_again(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    start_workspace(engine)
    cluster.kubelet.evict(pod_name(cluster), "for a test")
    conflict: Any = {"status": 409, "reason": "Conflict", "message": "the object has been modified"}
    cluster.server.faults = [
        Fault("patch", "secrets", times=2, **conflict),
        Fault("patch", "services", status=404, reason="NotFound", message="gone meanwhile"),
    ]
    start_workspace(engine, spec(files=None))
    cluster.server.faults = [Fault("patch", "secrets", times=3, **conflict)]
    cluster.kubelet.evict(pod_name(cluster), "for a test")
    with pytest.raises(ProvisionError, match="Someone else is changing this workspace"):
        engine.provision(spec(files=None), LogLines())


def test_a_busy_api_is_asked_again_when_it_says(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    busy: Any = {"status": 429, "reason": "TooManyRequests"}
    cluster.server.faults = [
        Fault("create", "pods", headers={"Retry-After": "0"}, times=3, **busy),
        Fault("get", "persistentvolumeclaims", headers={"Retry-After": "0"}, **busy),
        Fault("get", "pods/exec", headers={"Retry-After": "0"}, **busy),
    ]
    assert contents(engine, start_workspace(engine)) == FILES
    assert {fault.times for fault in cluster.server.faults} == {0}
    cluster.server.faults = [Fault("get", "pods", headers={"Retry-After": "600"}, **busy)]
    with pytest.raises(ProvisionError, match="has too much to do now"):
        engine.is_ready(Workspace(NAME, None, None, {}))


def test_a_quota_that_is_used_up_is_no_room(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    cluster.store.quota_of_pods = 0
    with pytest.raises(NoRoomError, match="quota of the namespace takehome-workspaces is used up"):
        engine.reserve(NAME, None, None, LogLines())
    assert cluster.store.resources == {}
    with pytest.raises(NoRoomError, match="limited: pods=0"):
        engine.provision(spec(), LogLines())


@pytest.mark.parametrize("verb", ["get", "create"])
def test_a_connection_that_breaks_is_an_error(
    cluster: Cluster, engine: KubernetesProvisioner, verb: str
) -> None:
    resource = "persistentvolumeclaims"
    cluster.server.faults = [Fault(verb, resource, disconnects=True)]
    with pytest.raises(ProvisionError, match="The cluster's response was cut off"):
        engine.provision(spec(), LogLines())
    start_workspace(engine)


def test_a_conflict_of_the_quota_does_not_count_as_made(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    kinds = ("persistentvolumeclaims", "pods", "secrets")
    cluster.server.faults = [
        Fault("create", kind, 409, "Conflict", "Operation cannot be fulfilled") for kind in kinds
    ]
    assert contents(engine, start_workspace(engine)) == FILES
    assert not cluster.server.faults or not any(each.times for each in cluster.server.faults)


def test_what_cannot_be_asked_is_not_gone(cluster: Cluster, engine: KubernetesProvisioner) -> None:
    workspace = start_workspace(engine)
    for call in (
        lambda: engine.provision(spec(files=None), LogLines()),
        lambda: engine.export(workspace, cluster.kubelet.folder / "x.tar.gz", ()),
    ):
        cluster.server.faults = [Fault("get", "persistentvolumeclaims", times=9)]
        with pytest.raises(ProvisionError) as caught:
            call()
        assert not isinstance(caught.value, WorkspaceGoneError)


@pytest.mark.parametrize("after", [0, 200])
def test_a_look_that_is_cut_off_is_an_error(
    cluster: Cluster, engine: KubernetesProvisioner, after: int
) -> None:
    workspace = start_workspace(engine)
    cluster.server.cut_exec_after = after
    with pytest.raises(ProvisionError, match="The connection was cut off"):
        contents(engine, workspace)
    assert contents(engine, workspace) == FILES


@pytest.mark.parametrize("after", [0, 100])
def test_an_export_that_is_cut_off_leaves_no_archive(
    cluster: Cluster, engine: KubernetesProvisioner, tmp_path: Path, after: int
) -> None:
    workspace, path = start_workspace(engine), tmp_path / "files.tar.gz"
    cluster.server.cut_exec_after = after
    with pytest.raises(ProvisionError) as caught:
        engine.export(workspace, path, ())
    assert not isinstance(caught.value, WorkspaceGoneError)
    assert list(tmp_path.glob("*files.tar.gz*")) == []
    engine.export(workspace, path, ())
    assert path.exists()


def test_files_that_did_not_arrive_are_brought_again(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    cluster.server.faults = [Fault("get", "pods/exec")]
    sentence = "The files couldn't be put into the workspace"
    with giving_up_soon("PREPARED_SECONDS"), pytest.raises(ProvisionError, match=sentence):
        engine.provision(spec(), LogLines())
    assert contents(engine, start_workspace(engine)) == FILES


def test_a_disk_that_was_never_filled_is_found_by_an_export(
    cluster: Cluster, engine: KubernetesProvisioner, tmp_path: Path
) -> None:
    cluster.server.faults = [Fault("get", "pods/exec")]
    with giving_up_soon("PREPARED_SECONDS"), pytest.raises(ProvisionError):
        engine.provision(spec(), LogLines())
    # A restart only waits for the Pod to find files, and a slow one may have them.
    with giving_up_soon("PREPARED_SECONDS"), pytest.raises(ProvisionError) as caught:
        engine.provision(spec(files=None), LogLines())
    assert not isinstance(caught.value, WorkspaceGoneError)
    with pytest.raises(WorkspaceGoneError, match="never filled"):
        engine.export(Workspace(NAME, None, None, {}), tmp_path / "x.tar.gz", ())


def test_who_may_not_is_told_which_rights_are_missing(
    cluster: Cluster, engine: KubernetesProvisioner
) -> None:
    cluster.server.rights.discard(("", "pods", "create"))
    with pytest.raises(ProvisionError, match=r"deploy/kubernetes/rbac\.yaml does: .*cannot create"):
        engine.provision(spec(), LogLines())


def test_credentials_and_addresses_that_are_wrong_are_named(
    cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "other"
    engine = cluster.engine(kubeconfig=str(path))
    write_kubeconfig(path, cluster.server.url, "another-token")
    with pytest.raises(ProvisionError, match="doesn't accept the credentials of KUBERNETES_KUBE"):
        engine.list_owned()
    write_kubeconfig(path, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ProvisionError, match="can't be reached at the address from KUBERNETES_K"):
        engine.list_owned()
    path.write_text("{}")
    with pytest.raises(ProvisionError, match="KUBERNETES_KUBECONFIG has no usable address"):
        engine.list_owned()
    with pytest.raises(ProvisionError, match="the Pod of this process has no usable address"):
        cluster.engine(kubeconfig="").list_owned()
    with pytest.raises(ProvisionError, match="no namespace elsewhere"):
        cluster.engine(namespace="elsewhere").list_owned()


def test_a_route_needs_the_gateway_api(cluster: Cluster) -> None:
    options = replace(cluster.options, ingress_class="", gateway=Gateway("gateways", "public"))
    engine = KubernetesProvisioner(options)
    cluster.store.has_gateway_api = False
    with pytest.raises(ProvisionError, match="For KUBERNETES_GATEWAY, it needs the Gateway API"):
        engine.provision(spec(), LogLines())
    # That it is missing keeps nobody from removing a workspace.
    engine.destroy(Workspace(NAME, None, None, {}), LogLines())
    assert cluster.store.resources == {}
    cluster.store.has_gateway_api = True
    start_workspace(engine)
    route = cluster.store.read("httproutes", pod_name(cluster))
    assert route["spec"]["parentRefs"] == [{"namespace": "gateways", "name": "public"}]
    assert route["spec"]["hostnames"] == ["takehome-1.workspaces.example.com"]
    assert cluster.store.find("ingresses", pod_name(cluster)) is None


def test_another_owners_pod_is_left_alone(cluster: Cluster, engine: KubernetesProvisioner) -> None:
    engine.provision(spec(), LogLines())
    name = pod_name(cluster)
    with cluster.store.lock:
        pod = cluster.store.resources["pods", name]
        pod["metadata"]["labels"]["takehome.platform"] = "another"
    with pytest.raises(ProvisionError, match="that is not this platform's"):
        engine.destroy(Workspace(NAME, None, None, {}), LogLines())
    assert cluster.store.find("pods", name) is not None
