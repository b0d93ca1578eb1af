"""Lists of states: whole ones, and those that stand on another."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.progress import manifest_store
from operations.progress.cleanup import delete_progress_of_sitting
from operations.progress.keys import folder_of
from operations.progress.manifest import KeptContent, KeptFile, Manifest
from operations.progress.manifest_store import (
    MAX_DISTANCE,
    lists,
    read_manifest,
    store_manifest,
)
from operations.progress.models import ProgressState, ProgressWatch
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now
from tests.operations.progress.lists.reading import (
    FILES,
    in_state,
    is_whole,
    keep_changes,
    listed,
    on_disk,
)

pytestmark = pytest.mark.django_db


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
