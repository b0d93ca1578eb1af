"""The adapter of engines in memory: the fake of the tests, and those that break its rules."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from operations.provisioners.base import Provisioner, Workspace
from tests.conformance.adapter import Adapter, Found
from tests.fakes import OnMachines
from tests.memory_engine import FakeProvisioner


class MemoryAdapter(Adapter):
    def __init__(
        self,
        folder: Path,
        make: Callable[[], FakeProvisioner] = FakeProvisioner,
        attempts: int = 1,
    ) -> None:
        self.engine = make()
        super().__init__(self.engine, folder)
        self.attempts = attempts
        self._make = make

    def another_worker(self) -> Provisioner:
        return self.engine

    def another_platform(self) -> Adapter:
        return MemoryAdapter(self.folder, self._make, self.attempts)

    def write(self, name: str, files: Mapping[str, bytes]) -> None:
        self.engine.running[name].update(files)

    def read(self, name: str) -> Found:
        files = self.engine.running[name]
        # Time passes.
        if name in self.engine.programs:
            self.engine.programs[name](files)
        return Found(dict(files), set(self.engine.executable[name]))

    def start_program(self, name: str) -> None:
        def write_clock(files: dict[str, bytes]) -> None:
            files["clock"] = str(datetime.now(UTC).timestamp()).encode() + files.get("clock", b"")

        self.engine.programs[name] = write_clock

    def stop(self, name: str) -> None:
        del self.engine.running[name]

    def reaches_others(self, names: Collection[str]) -> list[bool]:
        # Nothing in it is kept from anything.
        return [name in self.engine.running for name in names]

    def sees_programs(self, name: str, of: str) -> bool:
        return of in self.engine.programs

    def reaches_neighbour(self, name: str, neighbour: Workspace) -> bool:
        return neighbour.id in self.engine.running

    def stops_at(self, name: str) -> datetime | None:
        return self.engine.stops_at[name]

    def on_mortal_machines(self) -> Provisioner | None:
        return self.engine if isinstance(self.engine, OnMachines) else None

    def lose_machine(self, name: str) -> None:
        assert isinstance(self.engine, OnMachines)
        self.engine.lose_machine(name)

    def bring_machine_back(self) -> None:
        assert isinstance(self.engine, OnMachines)
        self.engine.down_since.clear()

    def remove_all(self) -> None:
        """Nothing outlives the engine itself."""
