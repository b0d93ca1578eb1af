"""The names and labels of a workspace's parts on an engine."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.provisioners.base import ProvisionError

WORKSPACE_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")

PLATFORM_LABEL = "takehome.platform"
WORKSPACE_LABEL = "takehome.workspace"
ENDS_AT_LABEL = "takehome.ends-at"
PORT_LABEL = "takehome.port"
LOOP_LABEL = "takehome.loop"
CREATED_AT_LABEL = "takehome.created-at"
# Of an image whose editor does not take its password from a form: SIGN_IN_BY_PAGE.
SIGN_IN_LABEL, SIGN_IN_BY_PAGE = "takehome.sign-in", "page"
HELPER_LABEL = "takehome.helper"


@dataclass(frozen=True)
class Names:
    """The names of one workspace's parts, all derived from the workspace's name."""

    platform: str
    workspace: str

    @property
    def editor(self) -> str:
        """The container that the candidate works in; its network and volume have the same name."""
        prefix = "" if self.platform == "default" else self.platform
        return f"workspace-{prefix}{self.workspace}"

    @property
    def sidecar(self) -> str:
        """The container that holds the workspace's network, firewall and deadline.

        Its name still ends in `-gate`, because existing engines have such containers.
        """
        return f"{self.editor}-gate"

    @property
    def files(self) -> str:
        """The short-lived container, never started, that gives access to the files."""
        return f"{self.editor}-files"

    @property
    def look(self) -> str:
        """The short-lived container that looks at the files while the candidate works."""
        return f"{self.editor}-look"

    def labels(self, **extra_labels: str) -> dict[str, str]:
        return {PLATFORM_LABEL: self.platform, WORKSPACE_LABEL: self.workspace, **extra_labels}

    def filters(self) -> dict[str, str | list[str] | bool]:
        """Return the engine's filters for all parts of this workspace."""
        labels = [f"{PLATFORM_LABEL}={self.platform}", f"{WORKSPACE_LABEL}={self.workspace}"]
        return {"label": labels}

    def check_ownership(
        self, resource: str, labels: dict[str, str] | None, step: str, name: str = ""
    ) -> None:
        """Check that a resource with one of our names has our labels.

        Raises:
            ProvisionError: if it belongs to something else.
        """
        labels = labels or {}
        owner = (labels.get(PLATFORM_LABEL), labels.get(WORKSPACE_LABEL))
        if owner != (self.platform, self.workspace):
            raise ProvisionError(
                step,
                f"The engine has a {resource} named {name or self.editor} that is not this "
                "platform's. Remove or rename it.",
            )


def names_of(platform: str, workspace: str) -> Names:
    """Return the names of a workspace's parts.

    Raises:
        ValueError: if `workspace` is not a valid workspace name.
    """
    if not WORKSPACE_NAME.fullmatch(workspace):
        raise ValueError(f"{workspace!r} isn't a valid workspace name")
    return Names(platform, workspace)


def platform_filters(platform: str) -> dict[str, str | list[str] | bool]:
    """Return the engine's filters for all parts of all workspaces of this platform."""
    return {"label": [f"{PLATFORM_LABEL}={platform}", WORKSPACE_LABEL]}


def format_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")


def created_at(resource: Any) -> datetime:
    """Return when a container, network or volume was created, as the engine lists it.

    The engine's own time of a volume is that of its folder, which is the disk's root while the disk
    is mounted: a volume has a label that does not change.
    """
    created = (resource.get("Labels") or {}).get(CREATED_AT_LABEL)
    created = created or resource.get("Created", resource.get("CreatedAt"))
    if isinstance(created, int):
        return datetime.fromtimestamp(created, UTC)
    return parse_time(str(created))


def parse_time(text: str) -> datetime:
    """Parse a time in the engine's format."""
    # Python reads microseconds, the engine writes nanoseconds.
    text = re.sub(r"(\.\d{1,6})\d*", r"\1", text)
    return datetime.fromisoformat(text).astimezone(UTC)
