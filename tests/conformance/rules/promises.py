"""What holds for all calls: secrets, limits, deadlines and errors."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from operations.provisioners import isolation_of
from operations.provisioners.base import Isolation, ProvisionError, Workspace, WorkspaceGoneError
from tests.conformance.adapter import Adapter, CannotCallError
from tests.conformance.rule import rule
from tests.operations.provisioners.conftest import PASSWORD
from tests.services import wait_until


@rule()
def password_is_told_to_nobody(adapter: Adapter) -> None:
    """The password is in no line of the log, no repr, no notes, no list and no error."""
    spec = adapter.spec()
    texts: list[Any] = [spec]
    with suppress(CannotCallError):  # its error may have it, too
        workspace = adapter.start(spec)
        texts += [workspace, workspace.state, list(adapter.list_owned().values())]
        adapter.start(replace(spec, files=None))
        adapter.export(workspace)
        adapter.destroy(workspace)
    make_errors(adapter)
    texts += [adapter.log, [(repr(error), str(error)) for error in adapter.errors]]
    assert PASSWORD not in json.dumps(texts, default=repr)


@rule()
def internet_is_blocked_or_it_says_so(adapter: Adapter) -> None:
    """A workspace without internet reaches no other address, or its log says that it may; the
    platform knows which of both holds."""
    with_internet, without = adapter.spec(), adapter.spec(internet=False)
    adapter.start(with_internet)
    assert not [line for line in adapter.log if "internet" in line]
    adapter.start(without)
    assert [line for line in adapter.log if "internet" in line]
    is_blocked = Isolation.INTERNET in isolation_of(adapter.provisioner.name)
    names = [with_internet.workspace_name, without.workspace_name]
    assert adapter.reaches_others(names) == [True, not is_blocked]


@rule()
def isolates_as_it_says(adapter: Adapter) -> None:
    """Whether a workspace sees programs of another one, and reaches its editor, is as the engine
    says."""
    workspace, neighbour = adapter.start(), adapter.start()
    adapter.start_program(neighbour.id)
    wait_until(lambda: "clock" in adapter.read(neighbour.id).files, "The program writes nothing.")
    possible = {
        Isolation.PROCESSES: adapter.sees_programs(workspace.id, of=neighbour.id),
        Isolation.NEIGHBOURS: adapter.reaches_neighbour(workspace.id, neighbour),
    }
    isolated = {kind for kind, is_possible in possible.items() if not is_possible}
    assert isolated == adapter.provisioner.isolates & possible.keys()


@rule()
def ends_as_told(adapter: Adapter) -> str | None:
    """A workspace that ends by itself does so no earlier than its deadline, and follows each change
    of it."""
    spec = adapter.spec()
    workspace = adapter.start(spec)
    first = adapter.stops_at(workspace.id)
    if first is None:
        adapter.set_deadline(workspace, spec.ends_at)
        return "its workspaces do not end by themselves"
    assert first >= spec.ends_at
    for ends_at in (spec.ends_at + timedelta(hours=2), spec.ends_at + timedelta(hours=1)):
        # Again, as each health check does it.
        for _ in range(2):
            adapter.set_deadline(workspace, ends_at)
            assert adapter.stops_at(workspace.id) == ends_at
    return None


@rule(of="set_deadline")
def unknown_takes_a_deadline(adapter: Adapter) -> None:
    """The deadline of a workspace that never was is no error, and makes nothing."""
    gone = Workspace(adapter.new_name(), None, None, {})
    adapter.set_deadline(gone, adapter.spec().ends_at)
    assert gone.id not in adapter.list_owned()


@rule()
def errors_are_sentences(adapter: Adapter) -> None:
    """Every error is a `ProvisionError` with a step of one word and a sentence."""
    live_through(adapter)
    make_errors(adapter)
    for error in adapter.errors:
        assert isinstance(error, ProvisionError), repr(error)
        assert re.fullmatch("[a-z]+", error.step), error.step
        assert re.fullmatch(r"\S.+\.", error.sentence), error.sentence


def live_through(adapter: Adapter) -> None:
    """Make every call once, as far as that is possible; the errors are in `adapter.errors`."""
    with suppress(CannotCallError):
        adapter.destroy(Workspace(adapter.new_name(), None, None, {}))
        workspace = adapter.start()
        adapter.look(workspace)
        adapter.list_owned()
        adapter.export(workspace)
        adapter.destroy(workspace)


def make_errors(adapter: Adapter) -> None:
    """Make calls that cannot succeed; other rules say that they do not."""
    gone = Workspace(adapter.new_name(), None, None, {})
    bad = adapter.spec(workspace_name="../outside")
    calls: list[Callable[[], object]] = [
        lambda: adapter.provision(bad),
        lambda: adapter.provision(adapter.spec(files=None)),
        lambda: adapter.export(replace(gone, id=bad.workspace_name)),
        lambda: adapter.export(gone),
        lambda: adapter.look(gone),
    ]
    for call in calls:
        with suppress(CannotCallError, WorkspaceGoneError):
            call()
