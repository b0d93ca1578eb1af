"""The names, labels and annotations of a workspace's parts in a cluster."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.provisioners.base import ProvisionError

WORKSPACE_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")

MANAGED_BY = {"app.kubernetes.io/managed-by": "takehome-platform"}
# The values of labels are hashes: they take no name that ends in a hyphen, or has 64 characters.
PLATFORM_LABEL = "takehome.platform"
WORKSPACE_LABEL = "takehome.workspace"
CHECK_LABEL = "takehome.check"
PART_LABEL = "takehome.part"
# The names themselves are annotations.
NAME_ANNOTATION = "takehome.name"
# Epoch seconds; the sidecar reads it.
ENDS_AT_ANNOTATION = "takehome.ends-at"
# A hash of the password, by which a restart knows whether the workspace has that one.
PASSWORD_ANNOTATION = "takehome.password-check"  # noqa: S105 - a name
# So much of a workspace's name is in the names of its parts, to be read by people.
READABLE_LENGTH = 30


@dataclass(frozen=True)
class Names:
    """The names of one workspace's parts, all derived from the workspace's name."""

    platform: str
    workspace: str

    kind = "workspace"
    label = WORKSPACE_LABEL

    @property
    def base(self) -> str:
        """The name of the parts of which there is one: 57 characters at most.

        A Service takes 63. The digest keeps names apart that are equal in lower case or at their
        start, and those of several platforms.
        """
        readable = self.workspace.lower()[:READABLE_LENGTH].strip("-")
        digest = _digest(self.platform, self.workspace)
        return "-".join(filter(None, (self.kind, readable, digest)))

    @property
    def place(self) -> str:
        """The Pod that reserves processors and memory until the workspace is made."""
        return f"{self.base}-place"

    @property
    def files(self) -> str:
        """The short-lived Pod that gives access to the files of a workspace that does not run."""
        return f"{self.base}-files"

    def labels(self, part: str = "workspace") -> dict[str, str]:
        return MANAGED_BY | {
            PLATFORM_LABEL: _digest(self.platform),
            self.label: _digest(self.platform, self.workspace),
            PART_LABEL: part,
        }

    def metadata(
        self, name: str = "", part: str = "workspace", **annotations: str
    ) -> dict[str, Any]:
        """Return the metadata of one part; annotations are named without their prefix."""
        prefixed = {f"takehome.{key.replace('_', '-')}": each for key, each in annotations.items()}
        return {
            "name": name or self.base,
            "labels": self.labels(part),
            "annotations": {NAME_ANNOTATION: self.workspace} | prefixed,
        }

    def check_ownership(self, resource: Any, step: str) -> None:
        """Check that a resource with one of our names has our labels.

        Raises:
            ProvisionError: if it belongs to something else.
        """
        labels = resource["metadata"].get("labels") or {}
        owner = (labels.get(PLATFORM_LABEL), labels.get(self.label))
        if owner != (_digest(self.platform), _digest(self.platform, self.workspace)):
            raise ProvisionError(
                step,
                f"The namespace has a {resource.get('kind') or 'resource'} named "
                f"{resource['metadata']['name']} that is not this platform's. Remove or rename it.",
            )


class CheckNames(Names):
    """The names of one check's parts. Their label is another, so the reaper leaves them alone."""

    kind = "check"
    label = CHECK_LABEL


def names_of(platform: str, workspace: str) -> Names:
    """Return the names of a workspace's parts.

    Raises:
        ValueError: if `workspace` is not a valid workspace name.
    """
    if not WORKSPACE_NAME.fullmatch(workspace):
        raise ValueError(f"{workspace!r} isn't a valid workspace name")
    return Names(platform, workspace)


def platform_selector(platform: str, label: str = WORKSPACE_LABEL) -> str:
    """Return the selector of all parts of all workspaces (or checks) of this platform."""
    return f"{PLATFORM_LABEL}={_digest(platform)},{label}"


def name_of(resource: Any) -> str:
    """Return the workspace's name of one of its parts."""
    return str(resource["metadata"]["annotations"][NAME_ANNOTATION])


def created_at(resource: Any) -> datetime:
    return parse_time(resource["metadata"]["creationTimestamp"])


def parse_time(text: str) -> datetime:
    """Parse a time in the API's format (RFC 3339)."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
