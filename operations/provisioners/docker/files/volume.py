"""The disk of a workspace: a volume with a fixed size, so that a full one affects no other.

Docker's default storage has no size limit for a volume. So each disk is a file system in a file
with all blocks reserved, attached as a loop device with a fixed number. `volume.sh` does this on
the engine's machine, in a helper container.
"""

import contextlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from docker import DockerClient
from docker.errors import NotFound
from docker.models.volumes import Volume

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import helper_container
from operations.provisioners.docker.naming import (
    CREATED_AT_LABEL,
    ENDS_AT_LABEL,
    LOOP_LABEL,
    PLATFORM_LABEL,
    Names,
    format_time,
)
from operations.provisioners.docker.options import DockerOptions

# Far above the numbers that a system assigns by itself, up to the largest one.
LOOP_NUMBERS = range(100_000, 1_000_000)
# The exit codes of volume.sh.
NO_SPACE, NOT_FOUND, IN_USE = 28, 3, 4


class VolumeGoneError(Exception):
    """The volume exists, but not its disk."""


@dataclass(frozen=True)
class WorkspaceVolume:
    """Manages the disk of one workspace on one engine.

    Every method that runs the helper raises ProvisionError if the helper fails.
    """

    client: DockerClient
    options: DockerOptions
    names: Names

    def find(self) -> Volume | None:
        """Return the volume, or None if there is none.

        Raises:
            ProvisionError: if a foreign volume has its name.
        """
        try:
            volume = self.client.volumes.get(self.names.editor)
        except NotFound:
            return None
        self.names.check_ownership("volume", volume.attrs.get("Labels"), "start")
        return volume

    def create(self, ends_at: str) -> list[str]:
        """Create an empty disk; return the IPv4 addresses of the engine's machine."""
        created_at = format_time(datetime.now(UTC))
        labels = self.names.labels(**{ENDS_AT_LABEL: ends_at, CREATED_AT_LABEL: created_at})
        if not self.options.disk_mb:
            self.client.volumes.create(self.names.editor, labels=labels)
            return self._run_helper("addresses")
        loop = str(self._free_loop_number())
        # The volume comes first: its label tells that there is a disk to remove.
        self.client.volumes.create(
            self.names.editor,
            driver="local",
            driver_opts={"type": "ext4", "device": f"/dev/loop{loop}", "o": "nosuid,nodev"},
            labels=labels | {LOOP_LABEL: loop},
        )
        return self._run_helper("make", self.names.editor, str(self.options.disk_mb), loop)

    def attach(self, volume: Volume) -> list[str]:
        """Attach the disk again if its machine restarted; return the machine's IPv4 addresses.

        Raises:
            VolumeGoneError: if the disk does not exist.
        """
        loop = volume.attrs["Labels"].get(LOOP_LABEL)
        if loop is None:
            return self._run_helper("addresses")
        return self._run_helper("attach", self.names.editor, loop)

    def remove(self, volume: Volume) -> None:
        """Remove the disk and its files; nothing may use it any more."""
        if volume.attrs["Labels"].get(LOOP_LABEL) is not None:
            self._run_helper("remove", self.names.editor)
        with contextlib.suppress(NotFound):
            volume.remove()

    def _free_loop_number(self) -> int:
        """Return the same number each time for one workspace, unless another one has it."""
        taken = {volume.attrs["Labels"].get(LOOP_LABEL) for volume in self._all_volumes()}
        index = zlib.crc32(self.names.editor.encode()) % len(LOOP_NUMBERS)
        while str(LOOP_NUMBERS[index]) in taken:
            index = (index + 1) % len(LOOP_NUMBERS)
        return LOOP_NUMBERS[index]

    def _all_volumes(self) -> list[Volume]:
        """List the volumes of all platforms on this engine, because they share the numbers."""
        return self.client.volumes.list(filters={"label": LOOP_LABEL})

    def _run_helper(self, *arguments: str) -> list[str]:
        try:
            output = helper_container.run_helper(
                self.client,
                self.options.helper_image,
                list(arguments),
                disks=store_name(self.names.platform),
                names=self.names,
            )
        except helper_container.HelperFailedError as error:
            if error.code == NOT_FOUND:
                raise VolumeGoneError from error
            if error.code == IN_USE:
                raise ProvisionError(
                    "disk", "The workspace's disk is still in use, so it stays."
                ) from error
            if error.code == NO_SPACE:
                gigabytes = self.options.disk_mb / 1024
                raise ProvisionError(
                    "start",
                    f"The engine has no room for another disk of {gigabytes:g} GB. Free some space "
                    "there, or lower DOCKER_DISK_GB.",
                ) from error
            raise ProvisionError(
                "start",
                f"The engine couldn't set up a disk ({error.output}). "
                "DOCKER_DISK_GB=0 sets no limit.",
            ) from error
        return [word for word in output.split() if word.count(".") == 3]


def create_store(client: DockerClient, platform: str) -> None:
    """Create the volume that holds all disks, if it does not exist."""
    client.volumes.create(store_name(platform), labels={PLATFORM_LABEL: platform})


def store_name(platform: str) -> str:
    return Names(platform, "disks").editor
