"""The challenge library: what there is to be solved, and the files that a candidate starts from.

A row describes a challenge; its files lie in the default storage under
`challenges/<id>/<version>/`, where the version is derived from their content.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pynamodb.attributes import (
    Attribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.constants import NUMBER
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from interviews.tables import table

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_CHALLENGE = 100 * MEGABYTE


class BrokenChallenge(Exception):
    """The files of a challenge are not what its row says; the text names the file."""


class MillisecondsAttribute(Attribute[datetime]):
    """An aware UTC datetime as epoch milliseconds (N): this table never used seconds."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        if value.tzinfo is None:
            raise ValueError("A time without a zone names no instant.")
        return str(int(value.timestamp() * 1000))

    def deserialize(self, value: str) -> datetime:
        return datetime.fromtimestamp(float(value) / 1000, UTC)


class ActiveIndex(GlobalSecondaryIndex["Challenge"]):
    """The challenges on offer, by name. A key cannot be a BOOL, hence 'true' and 'false'."""

    class Meta:
        index_name = "ActiveIndex"
        projection = AllProjection()

    is_active = UnicodeAttribute(attr_name="isActive", hash_key=True)
    name = UnicodeAttribute(range_key=True)


class ChallengeFile(MapAttribute[str, Any]):
    """One starting file: its path in the candidate's folder, its size in bytes, its checksum."""

    path = UnicodeAttribute()
    size = NumberAttribute()
    # Rows of other versions have none.
    sha256 = UnicodeAttribute(null=True)


class Challenge(Model):
    """A task that candidates are given."""

    Meta = table("challenges")

    active_index = ActiveIndex()

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    # One or two sentences, which the candidate reads before the start.
    description = UnicodeAttribute(default="")
    # The path, among the files, of the task's full text.
    instructions = UnicodeAttribute(default="README.md")
    language = UnicodeAttribute(default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes", default=240)
    is_active = UnicodeAttribute(attr_name="isActive", default="true")
    version = UnicodeAttribute(null=True)
    files = ListAttribute(of=ChallengeFile, default=list)
    updated_at = MillisecondsAttribute(attr_name="updatedAt", null=True)

    def __repr__(self) -> str:
        return f"<Challenge {self.id} {self.version}>"


def get(challenge_id: str) -> Challenge | None:
    """The challenge as it is now (a consistent read)."""
    if not ID.fullmatch(challenge_id):
        return None
    try:
        return Challenge.get(challenge_id, consistent_read=True)
    except Challenge.DoesNotExist:
        return None


def active() -> list[Challenge]:
    """The challenges on offer, by name."""
    return list(Challenge.active_index.query("true"))


def files(challenge: Challenge) -> dict[str, bytes]:
    """The starting files, path -> content, each as it was put in. Raises BrokenChallenge.

    Raises OSError, or the storage's own errors, when the storage cannot be asked.
    """
    contents: dict[str, bytes] = {}
    for file in challenge.files:
        try:
            with default_storage.open(_key(challenge.id, challenge.version, file.path)) as stored:
                content: bytes = stored.read()
        except FileNotFoundError:
            raise BrokenChallenge(f"{challenge.id}: the file {file.path} is missing.") from None
        if len(content) != file.size or file.sha256 not in {None, _sha256(content)}:
            raise BrokenChallenge(f"{challenge.id}: the file {file.path} was damaged.")
        contents[file.path] = content
    return contents


def put(
    challenge_id: str,
    *,
    name: str,
    description: str,
    language: str,
    duration_minutes: int,
    files: Mapping[str, bytes],
) -> bool:
    """Create or replace a challenge; False where everything was there already.

    The same files make the same version. The row is written last, so that a version that can be
    seen is whole; whether the challenge is on offer is left as it is. Raises ValueError, with a
    sentence, for an id, a path or a size that cannot be.
    """
    check(challenge_id, files)
    described = [
        ChallengeFile(  # type: ignore[no-untyped-call]
            path=path, size=len(content), sha256=_sha256(content)
        )
        for path, content in sorted(files.items())
    ]
    lines = "".join(f"{file.sha256} {file.path}\n" for file in described)
    wanted: dict[str, Any] = {
        "name": name,
        "description": description,
        "language": language,
        "duration_minutes": duration_minutes,
        "version": _sha256(lines.encode())[:16],
    }
    old = get(challenge_id)
    if old is not None and _is_whole(old, wanted):
        return False
    for path, content in files.items():
        key = _key(challenge_id, wanted["version"], path)
        default_storage.delete(key)
        if default_storage.save(key, ContentFile(content)) != key:
            raise OSError(f"The storage would not take {key}.")
    actions = [getattr(Challenge, attribute).set(value) for attribute, value in wanted.items()]
    actions += [
        Challenge.files.set(described),
        Challenge.instructions.set("README.md"),
        Challenge.updated_at.set(datetime.now(UTC)),
        Challenge.is_active.set(old.is_active if old else "true"),
    ]
    Challenge(challenge_id).update(actions=actions)
    return True


def check(challenge_id: str, files: Mapping[str, bytes]) -> None:
    """Raise ValueError, with a sentence, unless a challenge may have this id and these files."""
    if not ID.fullmatch(challenge_id):
        raise ValueError(f"{challenge_id!r} is no id: use a-z, 0-9 and '-', 64 at most.")
    if "README.md" not in files:
        raise ValueError(f"{challenge_id} has no README.md, which tells the candidate the task.")
    for path, content in files.items():
        parts = PurePosixPath(path).parts
        if not parts or path != "/".join(parts) or ".." in parts or "\\" in path:
            raise ValueError(f"{path!r} is no path within a challenge.")
        if len(content) > MAX_FILE:
            raise ValueError(f"{path} is larger than {MAX_FILE // MEGABYTE} MB.")
    if sum(map(len, files.values())) > MAX_CHALLENGE:
        raise ValueError(f"{challenge_id} is larger than {MAX_CHALLENGE // MEGABYTE} MB.")


def _is_whole(challenge: Challenge, wanted: Mapping[str, Any]) -> bool:
    if any(getattr(challenge, attribute) != value for attribute, value in wanted.items()):
        return False
    try:
        files(challenge)
    except BrokenChallenge:
        return False
    return True


def _key(challenge_id: str, version: str | None, path: str) -> str:
    return "/".join(part for part in ("challenges", challenge_id, version, path) if part)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
