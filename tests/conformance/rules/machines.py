"""A machine that is down, where an engine has several."""

from dataclasses import replace

from operations.provisioners.base import MachineDownError, Workspace
from tests.conformance.adapter import STARTING_FILES, Adapter
from tests.conformance.rule import rule


@rule()
def waits_for_its_machine(adapter: Adapter) -> str | None:
    """While its machine is down, a workspace is not ready, and to restart or export it is
    `MachineDownError`; a new one starts elsewhere. Then it is there again, with its files."""
    provisioner = adapter.on_mortal_machines()
    if provisioner is None:
        return "its workspaces are on one machine"
    spec = adapter.spec()
    there = adapter.provision(spec, by=provisioner)
    assert adapter.becomes_ready(there)
    adapter.write(there.id, {"answer.txt": b"42"})
    adapter.lose_machine(there.id)
    reason = adapter.is_ready(there).reason
    assert not adapter.is_ready(there).ready and reason and reason.endswith(".")
    restart = replace(spec, files=None)
    for call in (
        lambda: adapter.provisioner.provision(restart, adapter.log),
        lambda: adapter.provisioner.export(there, adapter.new_path(), ()),
    ):
        error = adapter.error_of(call)
        assert isinstance(error, MachineDownError) and error.lost_at is not None, error
    elsewhere = adapter.start(adapter.spec())
    assert {there.id, elsewhere.id} <= adapter.list_owned().keys()
    adapter.bring_machine_back()
    again = adapter.start(restart)
    assert adapter.read(again.id).files == STARTING_FILES | {"answer.txt": b"42"}
    adapter.destroy(Workspace(there.id, None, None, {}))
    return None
