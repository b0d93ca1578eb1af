"""Lists that are replaced, deleted or of an earlier format."""

import json
import os
import zlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.signals import pre_delete

from operations.progress.cleanup import delete_progress_of_sitting
from operations.progress.keys import folder_of
from operations.progress.manifest import KeptContent, KeptFile, Manifest
from operations.progress.manifest_store import (
    BrokenManifestError,
    from_bytes,
    lists,
    read_manifest,
)
from operations.progress.models import ProgressState, ProgressWatch
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now
from tests.operations.progress.lists.reading import (
    in_state,
    is_whole,
    keep_changes,
    listed,
    on_disk,
)

pytestmark = pytest.mark.django_db


def in_first_format(manifest: Manifest) -> bytes:
    """As lists were stored before there were any that differ."""
    places = {sha256: place for place, sha256 in enumerate(manifest.contents)}
    packs = list(dict.fromkeys(content.pack for content in manifest.contents.values()))
    files = [
        [
            file.path.decode("latin-1"),
            file.is_link,
            *file[2:7],
            file.target.decode("latin-1"),
            places.get(file.sha256, file.sha256),
            file.unread,
        ]
        for file in manifest.files.values()
    ]
    contents = [
        [sha256, packs.index(each.pack), *each[1:]] for sha256, each in manifest.contents.items()
    ]
    document = {"format": 1, "files": files, "packs": packs, "contents": contents}
    return zlib.compress(json.dumps(document).encode())


@pytest.mark.parametrize("manifest", [Manifest(), None])
def test_a_list_of_the_first_format_is_read(manifest: Manifest | None) -> None:
    file = KeptFile(b"caf\xe9", False, 0o755, 3, 1, 2**61, 2**63 - 1, sha256="ab")
    link = KeptFile(b"link", True, 0o777, 0, 1, 2, 3, b"/\xff")
    large = KeptFile(b"large", False, 0o644, 9, 1, 2, 3, unread="large")
    content = KeptContent("progress/1/1.pack", 5, 6, 7, None)
    if manifest is None:
        manifest = Manifest({each.path: each for each in (file, link, large)}, {"ab": content})
    assert from_bytes(in_first_format(manifest), "a", read_manifest) == manifest


def test_the_next_list_stands_on_one_of_the_first_format(watched, many: Path) -> None:
    first = keep_now(watched)[-1]
    earlier = in_first_format(read_manifest(first.key))
    default_storage.delete(first.key)
    default_storage.save(first.key, ContentFile(earlier))
    lists.clear()
    before = on_disk(many)
    (many / "7.py").write_bytes(b"seven")
    states = keep_now(watched)
    assert [in_state(state) for state in states] == [before, on_disk(many)]
    assert [is_whole(state) for state in states] == [True, False]


@pytest.mark.parametrize("is_cut", [True, False])
@pytest.mark.parametrize("in_memory", [True, False])
def test_a_whole_list_that_is_lost_is_noticed_by_the_next_turn(
    watched, many: Path, in_memory: bool, is_cut: bool
) -> None:
    first = keep_now(watched)[-1]
    (many / "7.py").write_bytes(b"seven")
    second = keep_now(watched)[-1]
    with default_storage.open(first.key) as file:
        data = file.read()
    default_storage.delete(first.key)
    if is_cut:
        assert default_storage.save(first.key, ContentFile(data[:-9])) == first.key
    if not in_memory:
        lists.clear()
    for state in (first, second):
        with pytest.raises(BrokenManifestError):
            read_manifest(state.key)
    (many / "8.py").write_bytes(b"eight")
    third = keep_now(watched)[-1]
    assert is_whole(third)
    assert in_state(third) == on_disk(many)


@pytest.mark.parametrize("changes", [0, 2])
def test_a_list_that_is_replaced_leaves_nothing_and_takes_nothing_with_it(
    watched, many: Path, changes: int
) -> None:
    expected, states = keep_changes(watched, many, changes)
    for _ in range(2):
        os.utime(many / "8.py")
        touched = keep_now(watched)
    assert touched[-1].key != states[-1].key
    assert [in_state(state) for state in touched] == expected
    stored = {f"{folder_of(watched.id)}/{name}" for name in listed(watched)}
    assert {name for name in stored if name.endswith(".files")} == {each.key for each in touched}


def test_the_watch_goes_before_the_states(watched, many: Path) -> None:
    keep_now(watched)
    is_watched = []

    def note(**_: object) -> None:
        is_watched.append(ProgressWatch.objects.filter(pk=watched.id).exists())

    pre_delete.connect(note, sender=ProgressState, weak=False)
    try:
        delete_progress_of_sitting(fresh(watched))
    finally:
        pre_delete.disconnect(note, sender=ProgressState)
    # A turn that ends now finds its claim gone, and leaves nothing.
    assert is_watched == [False]
    assert not default_storage.exists(folder_of(watched.id))


def test_a_list_that_was_replaced_under_the_next_number_stays_with_its_state(
    watched, many: Path
) -> None:
    state = keep_now(watched)[-1]
    folder = folder_of(watched.id)
    with default_storage.open(state.key) as file:
        key = default_storage.save(f"{folder}/00002-0.files", ContentFile(file.read()))
    ProgressState.objects.filter(pk=state.pk).update(key=key)
    default_storage.save(f"{folder}/00002-1.files", ContentFile(b"of the next state"))
    interview = fresh(watched)
    interview.reopened = 1
    delete_progress_of_sitting(interview)
    assert in_state(ProgressState.objects.get()) == on_disk(many)
    assert "00002-1.files" not in listed(watched)


def test_lists_that_are_replaced_are_counted(watched, many: Path) -> None:
    keep_now(watched)
    (many / "7.py").write_bytes(b"seven")
    keep_now(watched)
    for path in many.iterdir():
        os.utime(path)
    keep_now(watched)
    stored = sum(
        default_storage.size(f"{folder_of(watched.id)}/{name}") for name in listed(watched)
    )
    assert ProgressWatch.objects.get().stored_bytes == stored
