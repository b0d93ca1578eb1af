"""Lists in the store: most are what differs from a whole one, and each is read as it was."""

import json
import os
import zlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.signals import pre_delete
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interviews.models import Interview
from operations.progress import manifest_store
from operations.progress.cleanup import delete_progress_of_sitting
from operations.progress.keys import folder_of
from operations.progress.manifest import KeptContent, KeptFile, Manifest
from operations.progress.manifest_store import (
    MAX_DISTANCE,
    BrokenManifestError,
    from_bytes,
    lists,
    read_manifest,
    store_manifest,
)
from operations.progress.models import ProgressState, ProgressWatch
from operations.progress.packs import read_content
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now

pytestmark = pytest.mark.django_db

FILES = 300


@pytest.fixture(autouse=True)
def in_no_memory() -> None:
    lists.clear()


@pytest.fixture
def many(watched, workspace: Path) -> Path:
    for number in range(FILES):
        (workspace / f"{number}.py").write_bytes(os.urandom(20))
    return workspace


def on_disk(workspace: Path) -> dict[bytes, bytes]:
    return {
        os.fsencode(path.relative_to(workspace)): path.read_bytes()
        for path in workspace.rglob("*")
        if path.is_file()
    }


def in_state(state: ProgressState) -> dict[bytes, bytes]:
    manifest = read_manifest(state.key)
    return {
        path: read_content(manifest.contents[file.sha256], file.sha256)
        for path, file in manifest.files.items()
    }


def is_whole(state: ProgressState) -> bool:
    return read_manifest(state.key).is_stored_whole


@pytest.mark.parametrize("in_memory", [True, False])
def test_each_state_is_read_as_it_was(watched, many: Path, in_memory: bool) -> None:
    eight = (many / "8.py").read_bytes()
    steps = [
        lambda: None,
        lambda: (many / "new.py").write_bytes(b"new"),
        lambda: (many / "7.py").write_bytes(b"seven\nlines\n"),
        lambda: (many / "8.py").unlink(),
        # As it was in the whole list, and one that is in none but the last.
        lambda: (many / "8.py").write_bytes(eight),
        lambda: (many / "new.py").unlink(),
        lambda: (many / "9.py").rename(many / "nine.py"),
        lambda: (many / "10.py").chmod(0o755),
    ]
    expected = []
    for step in steps:
        step()
        expected.append(on_disk(many))
        if not in_memory:
            lists.clear()
        states = keep_now(watched)
    assert [in_state(state) for state in states] == expected
    assert [is_whole(state) for state in states] == [True] + [False] * (len(steps) - 1)
    assert read_manifest(states[-1].key).files[b"10.py"].mode == 0o755
    # The totals of a state are reckoned from those before, and here counted anew.
    assert [(state.files, state.lines) for state in states] == [
        read_manifest(state.key).totals() for state in states
    ]


def test_a_small_change_stores_little(watched, many: Path) -> None:
    whole = keep_now(watched)[-1]
    (many / "7.py").write_bytes(b"seven")
    state = keep_now(watched)[-1]
    assert default_storage.size(whole.key) > 30 * FILES
    assert default_storage.size(state.key) < 600


def test_a_list_is_whole_again_after_some_states(watched, many: Path) -> None:
    for number in range(MAX_DISTANCE + 3):
        (many / "7.py").write_bytes(b"%d" % number)
        states = keep_now(watched)
    found = [is_whole(state) for state in states]
    assert found == [True] + [False] * MAX_DISTANCE + [True, False]


def test_a_list_is_whole_if_much_has_changed(watched, many: Path) -> None:
    keep_now(watched)
    for number in range(FILES // 2):
        (many / f"{number}.py").write_bytes(b"%d" % number)
    state = keep_now(watched)[-1]
    assert is_whole(state)
    assert in_state(state) == on_disk(many)


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


def keep_changes(
    watched: Interview, many: Path, changes: int
) -> tuple[list[dict[bytes, bytes]], list[ProgressState]]:
    """Keep a state and so many changes; return what was on the disk each time, and the states."""
    expected = []
    for number in range(changes + 1):
        (many / "7.py").write_bytes(b"%d" % number)
        expected.append(on_disk(many))
        states = keep_now(watched)
    return expected, states


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


def listed(interview) -> list[str]:
    return default_storage.listdir(folder_of(interview.id))[1]


@pytest.mark.parametrize("changes", [0, 1])
def test_states_of_an_earlier_sitting_are_read_after_a_later_one_is_deleted(
    watched, many: Path, changes: int
) -> None:
    """The first look of the later sitting replaces the last list of the earlier one."""
    expected, _ = keep_changes(watched, many, changes)
    interview = fresh(watched)
    interview.change(reopened=1)
    for path in many.iterdir():
        # Another disk: the same files with other inodes and times.
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    assert len(keep_now(watched)) == changes + 1
    (many / "7.py").write_bytes(b"later")
    assert len(keep_now(watched)) == changes + 2
    delete_progress_of_sitting(fresh(watched))
    # Whoever has to delete it again, after a death, counts the same.
    delete_progress_of_sitting(fresh(watched))
    states = list(ProgressState.objects.all())
    assert [in_state(state) for state in states] == expected
    names = (f"{folder_of(watched.id)}/{name}" for name in listed(watched))
    left_bytes = sum(map(default_storage.size, names))
    assert ProgressWatch.objects.get().stored_bytes == left_bytes > 0
    # The next sitting goes on from there.
    interview.change(reopened=2)
    (many / "7.py").write_bytes(b"of the third")
    state = keep_now(watched)[-1]
    added = state.new_bytes + default_storage.size(state.key)
    assert ProgressWatch.objects.get().stored_bytes == left_bytes + added


def test_memory_holds_lists_of_so_many_files(monkeypatch) -> None:
    monkeypatch.setattr(manifest_store, "MAX_CACHED_FILES", 5)
    held = manifest_store._Lists()
    two = Manifest({path: KeptFile(path, False, 0, 0, 0, 0, 0) for path in (b"a", b"b")})
    for key in ("1", "2"):
        held.put(key, two)
    assert held.get("1") is two
    held.put("3", two)
    assert [held.get(key) for key in ("1", "2", "3")] == [two, None, two]
    large = Manifest({b"%d" % n: KeptFile(b"%d" % n, False, 0, 0, 0, 0, 0) for n in range(9)})
    held.put("4", large)
    assert [held.get(key) for key in ("1", "3", "4")] == [None, None, large]


numbers = st.integers(0, 3)
kept_contents = st.dictionaries(
    st.sampled_from(["aa", "bb", "cc", "dd"]),
    st.builds(KeptContent, st.sampled_from(["p", "q"]), numbers, numbers, numbers, numbers),
)
kept_files = st.lists(
    st.builds(
        KeptFile,
        st.sampled_from([b"a", b"b", b"\xff", b"d/e"]),
        st.booleans(),
        numbers,
        numbers,
        numbers,
        numbers,
        numbers,
        st.sampled_from([b"", b"\xfe"]),
        st.sampled_from(["", "aa", "cc", "zz"]),
        st.sampled_from(["", "large"]),
    )
)
manifests = st.builds(
    lambda files, contents: Manifest({file.path: file for file in files}, contents),
    kept_files,
    kept_contents,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.lists(manifests, min_size=1, max_size=4))
def test_whatever_changes_is_read_as_it_was_stored(files, chain: list[Manifest]) -> None:
    before = None
    stored = []
    for number, manifest in enumerate(chain):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(manifest_store, "MAX_SHARE", 1_000)
            stored.append(store_manifest(manifest, f"progress/x/{number}.files", before))
        before = manifest
    assert [read_manifest(key) for key in stored] == chain
