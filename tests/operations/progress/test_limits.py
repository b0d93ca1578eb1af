"""What progress costs: how often the store is asked, and how much of it is used."""

import os
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from operations.progress import changes, manifest, packs, restore
from operations.progress.keep import state as new_state
from operations.progress.manifest import KeptContent, KeptFile, Manifest
from operations.progress.manifest_store import read_manifest
from operations.progress.models import ProgressWatch
from operations.progress.packs import BrokenPackError, PackReader, PackWriter
from operations.progress.records import changed_contents
from operations.submissions import stored_file
from tests.conftest import fresh
from tests.operations.progress.conftest import keep_now, states_of

pytestmark = pytest.mark.django_db

FILES = 40


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """The keys that were opened to read contents."""
    keys: list[str] = []
    real = stored_file.open_stored

    def open_stored(key: str, *arguments: int):
        keys.append(key)
        return real(key, *arguments)

    monkeypatch.setattr(packs, "open_stored", open_stored)
    return keys


def write_all(workspace: Path, text: str) -> None:
    for number in range(FILES):
        (workspace / f"{number}.py").write_text(f"{text} {number}\n")


def test_many_changed_files_open_their_pack_once(watched, workspace: Path, opened) -> None:
    write_all(workspace, "a")
    keep_now(watched)
    write_all(workspace, "b")
    state = keep_now(watched)[-1]
    assert (state.files_changed, state.lines_added, state.lines_deleted) == (FILES, FILES, FILES)
    assert len(opened) == 1


def test_a_restore_and_an_export_open_each_pack_once(
    watched, workspace: Path, opened, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(packs, "MAX_OPEN_PACKS", 1)
    write_all(workspace, "a")
    keep_now(watched)
    for number in range(0, FILES, 2):
        (workspace / f"{number}.py").write_text("b\n")
    keep_now(watched)
    opened.clear()
    interview = fresh(watched)
    restore.begin_restore(interview)
    restore.write_archive(interview, tmp_path / "a.tgz", lambda line: None, step="save")
    assert len(opened) == len(set(opened)) == 2
    opened.clear()
    assert len(list(changed_contents(watched.id))) >= FILES + FILES // 2
    assert len(opened) == len(set(opened)) == 2


def stored_pack(key: str, content: bytes) -> KeptContent:
    with PackWriter(key) as writer:
        kept = writer.add(content)
        writer.store()
    return kept


def test_a_reader_holds_few_packs_and_asks_once_for_a_missing_one(opened, monkeypatch) -> None:
    monkeypatch.setattr(packs, "MAX_OPEN_PACKS", 2)
    kept = [stored_pack(f"progress/a/{number}.pack", b"") for number in range(3)]
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with PackReader() as reader:
        for number in (0, 1, 0, 2, 0, 1):
            assert reader.read(kept[number], empty) == b""
        assert len(opened) == 4
        default_storage.delete(kept[2].pack)
        opened.clear()
        for _ in range(3):
            with pytest.raises(BrokenPackError):
                reader.read(kept[2], empty)
        assert opened == [kept[2].pack]


def test_a_store_that_fails_is_asked_again_for_the_same_pack(monkeypatch) -> None:
    kept = stored_pack("progress/a/1.pack", b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    real = stored_file.open_stored

    def fails(*_: object) -> None:
        raise OSError("no answer")

    with PackReader() as reader:
        monkeypatch.setattr(packs, "open_stored", fails)
        with pytest.raises(OSError, match="no answer"):
            reader.read(kept, empty)
        monkeypatch.setattr(packs, "open_stored", real)
        assert reader.read(kept, empty) == b""


def test_a_comparison_reads_so_many_contents_at_most(monkeypatch) -> None:
    monkeypatch.setattr(changes, "MAX_READS", 4)

    def listed(text: str) -> Manifest:
        files = [
            KeptFile(b"%d" % n, False, 0o644, 2, 0, 0, n, sha256=f"{text}{n}") for n in range(5)
        ]
        contents = {file.sha256: KeptContent("p", 0, 2, 2, 1) for file in files}
        return Manifest({file.path: file for file in files}, contents)

    read: list[str] = []

    def content(sha256: str) -> bytes:
        read.append(sha256)
        return sha256.encode()

    before, after = listed("a"), listed("b")
    found = changes.changes_between(before, after, after.differing_paths(before), content)
    assert len(read) == 4
    # Of the others, the numbers of lines are compared.
    assert (found.files_changed, found.lines_added, found.lines_deleted) == (5, 2, 2)


def test_a_list_has_few_contents_that_no_file_has(watched, workspace: Path, monkeypatch) -> None:
    monkeypatch.setattr(manifest, "MAX_SPARE", 2)
    for number in range(6):
        (workspace / "file").write_bytes(b"%d" % number)
        state = keep_now(watched)[-1]
    last = read_manifest(state.key)
    used = {file.sha256 for file in last.files.values()}
    assert used <= set(last.contents)
    assert len(last.contents) == len(used) + 2
    # The newest of them are there.
    (workspace / "file").write_bytes(b"4")
    assert keep_now(watched)[-1].new_bytes == 0
    (workspace / "file").write_bytes(b"0")
    assert keep_now(watched)[-1].new_bytes > 0


def test_lists_count_and_nothing_comes_after_the_limit(
    watched, workspace: Path, monkeypatch
) -> None:
    for _ in range(2):
        (workspace / "file").write_bytes(os.urandom(100))
        keep_now(watched)
    stored = ProgressWatch.objects.get().stored_bytes
    sizes = [default_storage.size(state.key) + state.new_bytes for state in states_of(watched)]
    assert stored == sum(sizes)
    kept_at = fresh(watched).kept_at
    monkeypatch.setattr(new_state, "MAX_ALL_BYTES", stored)
    (workspace / "file").write_bytes(b"more")
    assert len(keep_now(watched)) == 2
    assert fresh(watched).kept_at == kept_at
    watch = ProgressWatch.objects.get()
    assert (watch.claim, watch.claimed_until) == ("", None)
