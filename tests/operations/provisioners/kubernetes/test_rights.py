"""deploy/kubernetes/rbac.yaml grants what the engine does, and nothing else.

The simulated API server refuses what the manifest does not grant, in all other tests, too.
"""

from dataclasses import replace
from pathlib import Path

import yaml

from operations.provisioners.checks.pod import KubernetesCheckRunner
from operations.provisioners.deadlines import forget_deadline
from operations.provisioners.kubernetes import naming
from operations.provisioners.kubernetes.options import Gateway
from operations.provisioners.kubernetes.provisioner import KubernetesProvisioner
from tests.kubernetes.cluster import RBAC, Cluster, granted_rights
from tests.kubernetes.store import validator
from tests.operations.provisioners.checks import jobs
from tests.operations.provisioners.conftest import LogLines
from tests.operations.provisioners.kubernetes.conftest import (
    NAME,
    contents,
    pod_name,
    spec,
    start_workspace,
)


def test_rights_are_those_that_are_used(cluster: Cluster, tmp_path: Path) -> None:
    routed = replace(cluster.options, ingress_class="", gateway=Gateway("gateways", "public"))
    for engine in (cluster.engine(), KubernetesProvisioner(routed)):
        engine.reserve(NAME, None, None, LogLines())
        workspace = start_workspace(engine)
        contents(engine, workspace)
        engine.is_sign_in_refused(workspace)
        forget_deadline(naming.names_of(cluster.options.platform, NAME).base)
        engine.set_deadline(workspace, spec().ends_at)
        engine.list_owned()
        cluster.kubelet.evict(pod_name(cluster), "for a restart")
        start_workspace(engine, spec(files=None))
        engine.export(workspace, tmp_path / "files.tar.gz", ())
        engine.destroy(workspace, LogLines())
    runner = KubernetesCheckRunner(cluster.options)
    jobs.run(runner, tmp_path / "work", jobs.WRITE_REPORT)
    runner.list_left()
    assert cluster.server.used == granted_rights()


def test_manifest_meets_the_schema_of_the_api() -> None:
    documents = list(yaml.safe_load_all(RBAC.read_text()))
    assert [each["kind"] for each in documents] == ["Namespace", "Role", "RoleBinding"]
    for each in documents:
        errors = validator(each["apiVersion"], each["kind"]).iter_errors(each)
        assert [error.message for error in errors] == []


def test_nothing_is_granted_beyond_the_namespace() -> None:
    documents = list(yaml.safe_load_all(RBAC.read_text()))
    assert {each["metadata"].get("namespace", each["metadata"]["name"]) for each in documents} == {
        "takehome-workspaces"
    }
    assert not {"*", "deletecollection", "watch", "update"} & {
        verb for *_, verb in granted_rights()
    }
