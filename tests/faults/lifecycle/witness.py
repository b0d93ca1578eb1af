"""What is known of the model's interviews from outside, and what must hold."""

import hashlib
import tarfile
from datetime import UTC, datetime
from itertools import pairwise

from django.core.files.storage import default_storage

from interviews.lifecycle import FINAL, Status
from interviews.models import Interview
from operations.models import Operation
from operations.reaper.models import open_orphans
from tests.dynamodb.expressions import Item
from tests.dynamodb.server import DynamoDB
from tests.faults.lifecycle import rules
from tests.faults.lifecycle.platform import Platform
from tests.faults.lifecycle.tables import copied
from tests.memory_engine import Files


class Witness:
    """Sees each write and each workspace that goes, and is no process of the platform."""

    def __init__(self, dynamodb: DynamoDB) -> None:
        self.platform = Platform(dynamodb, self._observe, self._before_destroy)
        self.engine = self.platform.engine
        self.ids: list[str] = []
        # All that was ever read of each row, newest last.
        self.versions: dict[str, list[Interview]] = {}
        self.broken: list[str] = []
        # Archives that a row has named: key -> SHA-256.
        self._archives: dict[str, str] = {}
        self._unpublished: set[tuple[str, str]] = set()
        self._written = 0
        self._rows: dict[str, tuple[Item, Interview]] = {}

    def row(self, interview_id: str) -> Interview | None:
        """The row as it is, which is no moment of any process."""
        return self._read(
            self.platform.dynamodb.tables["interviews"].get({"id": {"S": interview_id}})
        )

    def _read(self, item: Item | None) -> Interview | None:
        """The row of an item; nobody may change it, as it is kept until the next write."""
        if item is None:
            return None
        known = self._rows.get(item["id"]["S"])
        if known is None or known[0] is not item:
            known = self._rows[item["id"]["S"]] = (item, Interview.from_raw_data(copied(item)))
        return known[1]

    def rows(self) -> list[Interview]:
        return [row for row in map(self.row, self.ids) if row is not None]

    def operations(self) -> list[Operation]:
        items = self.platform.dynamodb.scan({"TableName": "operations"})["Items"]
        return [Operation.from_raw_data(dict(item)) for item in items]

    def chosen(self, who: int) -> Interview | None:
        """An interview by the last digit of `who`, as it is."""
        return self.row(self.ids[who % 10 % len(self.ids)]) if self.ids else None

    def read_a_while_ago(self, who: int) -> Interview | None:
        """The same, as it was one to three writes ago, or from 40 on some statuses ago."""
        row, age = self.chosen(who), who // 10
        if row is None or age == 0:
            return row
        versions = self.versions[row.id]
        if age > 3:
            age -= 3
            pairs = pairwise(versions)
            versions = [old for old, new in pairs if old.status != new.status] + versions[-1:]
        return versions[::-1][: age + 1][-1]

    def due_times(self) -> list[datetime]:
        """The times of the future at which something is to happen."""
        times: list[datetime | None] = [row.due_at for row in self.rows()]
        for operation in self.operations():
            times += [operation.due_at, operation.lease_until]
        for orphan in open_orphans():
            times += [orphan.end_at, orphan.lease_until]
        return [at for at in times if at is not None and at > datetime.now(UTC)]

    def _observe(self, table: str, old: Item | None, new: Item | None) -> None:
        if table == "operations":
            self.broken += rules.broken_by_operation(new)
        if table != "interviews" or old == new:
            return
        self._written += 1
        before, after = self._read(old), self._read(new)
        self.broken += rules.broken_by_interview(before, after)
        if after is None:
            return
        if before is None:
            self.ids.append(after.id)
        self.versions.setdefault(after.id, []).append(after)
        if before is None or before.status != after.status:
            self.platform.story.append(f"  {after.id} is {after.status}")
            self._unpublished.add((after.id, after.status))
        if after.history_s3_key and after.history_s3_key not in self._archives:
            self._archives[after.history_s3_key] = str(after.archive_sha256)

    def _before_destroy(self, name: str, files: Files) -> None:
        """The workspace goes: are its files saved?"""
        self.platform.story.append(f"  destroyed: {name}")
        owners = [row for row in self.rows() if name in (row.workspace_name, row.id)]
        owners += [row for row in self.rows() if name.startswith(f"{row.id}-")]
        for row in owners[:1]:
            if row.workspace_name == name and row.state is Status.ACTIVE:
                self.broken.append("the workspace of a running test is destroyed")
            is_used = name in self.engine.used
            if is_used and must_be_saved(row, name) and files not in self._saved(row):
                self.broken.append(f"the files of {name} are lost")

    def _saved(self, row: Interview) -> list[Files]:
        keys = rules.archive_keys(row)
        return [files_of(key) for key in keys if default_storage.exists(key)]

    def check(self) -> None:
        """After each step, when no process is in the middle of something."""
        told = {
            (str(data["interviewId"]), str(data["status"]))
            for data in self.platform.stream.events_named("interview")
        }
        self.platform.stream.entries.clear()
        if not self.platform.is_harmed:
            self.broken += [f"no event for {each}" for each in self._unpublished - told]
        self._unpublished.clear()
        rows = self.rows()
        named = set().union(*(rules.archive_keys(row) for row in rows if row.history_s3_key))
        for key in named & self._archives.keys():
            if not default_storage.exists(key) or digest_of(key) != self._archives[key]:
                self.broken.append(f"the archive {key} is lost")
        if not self.platform.is_harmed:
            wanted = {row.workspace_name for row in rows if row.state not in FINAL}
            self.broken += [f"{name} runs for nobody" for name in self.engine.disks.keys() - wanted]
        assert not self.broken, "\n".join([*self.broken, "", *self.platform.story])


def must_be_saved(row: Interview, name: str) -> bool:
    """Unless staff gave up the files, or the interview is being deleted with all its archives."""
    if row.history_s3_key is None and row.earlier_archives:
        return False
    return row.workspace_name != name or bool(row.save_files)


def digest_of(key: str) -> str:
    with default_storage.open(key, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files_of(key: str) -> Files:
    with default_storage.open(key, "rb") as file, tarfile.open(fileobj=file) as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive]
        return {
            name.partition("/")[2]: content.read()
            for name, content in members
            if content is not None
        }
