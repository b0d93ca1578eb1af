"""The machines of engines that choose one for each workspace."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from operations.provisioners.base import Machine, MachineState
from operations.reaper.models import EngineLook

_STATES = {
    MachineState.READY: _("Ready"),
    MachineState.PAUSED: _("Paused: takes no new workspaces"),
    MachineState.DRAINED: _("Drained: its workspaces can't be checked or ended"),
    MachineState.DOWN: _("Down"),
    MachineState.UNKNOWN: _("Unknown"),
}
# Staff put these there, or has nothing to do.
_CALM = (MachineState.READY, MachineState.PAUSED)
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class MachineView:
    """A machine, as the page of workspaces shows it."""

    machine: Machine

    @property
    def state(self) -> str:
        return str(_STATES[self.machine.state])

    @property
    def needs_staff(self) -> bool:
        return self.machine.state not in _CALM

    @property
    def free_bytes(self) -> int:
        return self.machine.free_memory_mb * MEGABYTE

    @property
    def all_bytes(self) -> int:
        return self.machine.memory_mb * MEGABYTE


@dataclass(frozen=True)
class EngineMachines:
    """The machines of one engine, as its last scan found them."""

    look: EngineLook
    machines: list[MachineView]


def engine_machines() -> list[EngineMachines]:
    """The engines that have machines to choose from."""
    return [
        EngineMachines(look, [_view(each) for each in look.machines])
        for look in EngineLook.objects.exclude(machines=[]).order_by("engine")
    ]


def _view(stored: dict[str, object]) -> MachineView:
    fields: dict[str, object] = {**stored, "state": MachineState(str(stored["state"]))}
    return MachineView(Machine(**fields))  # type: ignore[arg-type]
