"""What a provisioner raises."""

from datetime import datetime


class ProvisionError(Exception):
    """The engine failed to do, or to find out, what was requested.

    `step` is one word that names the failed step, `sentence` tells staff what to do about it.
    """

    def __init__(self, step: str, sentence: str) -> None:
        super().__init__(step, sentence)
        self.step = step
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.step}: {self.sentence}"


class NoRoomError(ProvisionError):
    """The engine has no room for the workspace now, and may have some later: its start waits."""


class WorkspaceGoneError(ProvisionError):
    """The files of a workspace that a candidate worked in are lost."""


class MachineDownError(ProvisionError):
    """The workspace's files are on a machine that is dead or cut off, which may come back.

    The machine counts as lost from `lost_at` on: then the platform may start the workspace on
    another one, under another name. Before that, and without a `lost_at`, it waits.
    """

    def __init__(self, step: str, sentence: str, *, lost_at: datetime | None) -> None:
        super().__init__(step, sentence)
        self.lost_at = lost_at
