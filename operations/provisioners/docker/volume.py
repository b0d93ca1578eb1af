"""A workspace's disk: a volume of a size of its own, so that a full one is full for nobody else.

Docker's usual storage has no limit for a volume. Here each is a file system in a file, of which all
blocks are reserved at once, attached as a loop device of a fixed number. What the engine's machine
has to do for that is done by `volume.sh` in a helper container.
"""

import contextlib
import zlib
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import NotFound
from docker.models.volumes import Volume

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import helper_container
from operations.provisioners.docker.naming import ENDS_AT, LOOP, PLATFORM, Names
from operations.provisioners.docker.options import Options

# Far above those that a system gives out itself, up to the last number that there is.
LOOPS = range(100_000, 1_000_000)
# How volume.sh ends.
NO_SPACE, NOT_THERE, IN_USE = 28, 3, 4


class VolumeGoneError(Exception):
    """There is a volume, and no disk for it."""


@dataclass(frozen=True)
class WorkspaceVolume:
    """The disk of one workspace on one engine. ProvisionError where the helper fails."""

    client: DockerClient
    options: Options
    names: Names

    def find(self) -> Volume | None:
        """The volume, if there is one; ProvisionError where it is somebody else's."""
        try:
            volume = self.client.volumes.get(self.names.editor)
        except NotFound:
            return None
        self.names.check_ours("volume", volume.attrs.get("Labels"), "start")
        return volume

    def make(self, ends_at: str) -> list[str]:
        """Make an empty one; the addresses of the engine's machine."""
        labels = self.names.labels(**{ENDS_AT: ends_at})
        if not self.options.disk_mb:
            self.client.volumes.create(self.names.editor, labels=labels)
            return self._help("addresses")
        loop = str(self._free_loop())
        # First the volume, which says that there is a disk to be removed.
        self.client.volumes.create(
            self.names.editor,
            driver="local",
            driver_opts={"type": "ext4", "device": f"/dev/loop{loop}", "o": "nosuid,nodev"},
            labels=labels | {LOOP: loop},
        )
        return self._help("make", self.names.editor, str(self.options.disk_mb), loop)

    def attach(self, volume: Volume) -> list[str]:
        """Have it there as it was, after a restart of the machine too; the machine's addresses.

        Raises Gone.
        """
        loop = volume.attrs["Labels"].get(LOOP)
        if loop is None:
            return self._help("addresses")
        return self._help("attach", self.names.editor, loop)

    def remove(self, volume: Volume) -> None:
        """Remove it with all that is on it; nothing may use it any more."""
        if volume.attrs["Labels"].get(LOOP) is not None:
            self._help("remove", self.names.editor)
        with contextlib.suppress(NotFound):
            volume.remove()

    def _free_loop(self) -> int:
        """The same number each time for one workspace, unless another one has it."""
        taken = {volume.attrs["Labels"].get(LOOP) for volume in self._all()}
        number = zlib.crc32(self.names.editor.encode()) % len(LOOPS)
        while str(LOOPS[number]) in taken:
            number = (number + 1) % len(LOOPS)
        return LOOPS[number]

    def _all(self) -> list[Volume]:
        """Of every platform on this engine: they share the numbers."""
        return self.client.volumes.list(filters={"label": LOOP})

    def _help(self, *arguments: str) -> list[str]:
        try:
            said = helper_container.run_helper(
                self.client,
                self.options.helper_image,
                list(arguments),
                disks=store(self.names.platform),
                names=self.names,
            )
        except helper_container.HelperFailedError as error:
            if error.code == NOT_THERE:
                raise VolumeGoneError from error
            if error.code == IN_USE:
                raise ProvisionError(
                    "disk", "Something still uses the workspace's disk, so it stays."
                ) from error
            if error.code == NO_SPACE:
                gigabytes = self.options.disk_mb / 1024
                raise ProvisionError(
                    "start",
                    f"The engine's machine has no room for another disk of {gigabytes:g} GB: make "
                    "room there, or set DOCKER_DISK_GB to less.",
                ) from error
            raise ProvisionError(
                "start",
                f"The engine's machine could not do with a disk as it should ({error.words}); "
                "DOCKER_DISK_GB=0 does without a limit.",
            ) from error
        return [word for word in said.split() if word.count(".") == 3]


def make_store(client: DockerClient, platform: str) -> None:
    """The volume that holds the disks; one that is there is fine."""
    client.volumes.create(store(platform), labels={PLATFORM: platform})


def store(platform: str) -> str:
    """The name of that volume."""
    return Names(platform, "disks").editor
