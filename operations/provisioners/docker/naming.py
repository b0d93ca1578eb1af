"""How the parts of a workspace are called on an engine, and whose they are."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.provisioners.base import ProvisionError

ID = re.compile(r"[A-Za-z0-9-]{1,64}")

PLATFORM = "takehome.platform"
WORKSPACE = "takehome.workspace"
ENDS_AT = "takehome.ends-at"
PORT = "takehome.port"
LOOP = "takehome.loop"
HELPER = "takehome.helper"


@dataclass(frozen=True)
class Names:
    """Of one workspace; all of them follow from its id."""

    platform: str
    id: str

    @property
    def editor(self) -> str:
        """The container that the candidate works in; its network and volume have the same name."""
        prefix = "" if self.platform == "default" else self.platform
        return f"workspace-{prefix}{self.id}"

    @property
    def gate(self) -> str:
        """The container that holds the workspace's network, its rules and its clock."""
        return f"{self.editor}-gate"

    @property
    def files(self) -> str:
        """The container that is made for a moment, and never started, to reach the files."""
        return f"{self.editor}-files"

    def labels(self, **more: str) -> dict[str, str]:
        return {PLATFORM: self.platform, WORKSPACE: self.id, **more}

    def filters(self) -> dict[str, str | list[str] | bool]:
        """What finds everything of this workspace."""
        return {"label": [f"{PLATFORM}={self.platform}", f"{WORKSPACE}={self.id}"]}

    def check_ours(
        self, kind: str, labels: dict[str, str] | None, step: str, name: str = ""
    ) -> None:
        """ProvisionError where something of our name was made by somebody else."""
        found = labels or {}
        if (found.get(PLATFORM), found.get(WORKSPACE)) != (self.platform, self.id):
            raise ProvisionError(
                step,
                f"The engine has a {kind} named {name or self.editor} that is not this platform's: "
                "remove or rename it.",
            )


def of(platform: str, interview_id: str) -> Names:
    """ValueError: no workspace can have that id."""
    if not ID.fullmatch(interview_id):
        raise ValueError(f"{interview_id!r} cannot be the name of a workspace")
    return Names(platform, interview_id)


def of_platform(platform: str) -> dict[str, str | list[str] | bool]:
    """What finds everything of every workspace of this platform."""
    return {"label": [f"{PLATFORM}={platform}", WORKSPACE]}


def shown_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def created(part: Any) -> datetime:
    """When a container, network or volume was made, as the engine lists it."""
    said = part.get("Created", part.get("CreatedAt"))
    if isinstance(said, int):
        return datetime.fromtimestamp(said, UTC)
    return when(str(said))


def when(said: str) -> datetime:
    """A time as the engine writes it."""
    # Nanoseconds are more than Python reads.
    text = re.sub(r"(\.\d{1,6})\d*", r"\1", said)
    return datetime.fromisoformat(text).astimezone(UTC)
