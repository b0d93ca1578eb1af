"""The index of an archive: what it lists, against the starting files, and what it cannot list."""

import gzip
import hashlib
import io
import random
import tarfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from operations.submissions import entries
from operations.submissions.entries import BudgetExceededError, Kind, Problem
from operations.submissions.index import Status, build_index
from operations.submissions.starting import StartingFile
from operations.submissions.submission import Submission
from tests.operations.submissions.archives import all_files, archive_of, member, packed

KEY, INDEX_KEY = "archives/x/a.tar.gz", "archives/x/a.index"


def starting(files, *, executable=False):
    return {
        path: StartingFile(len(text), hashlib.sha256(text).digest(), executable)
        for path, text in files.items()
    }


@pytest.fixture
def indexed(tmp_path):
    """Call it with an archive: the submission, open."""
    opened = []

    def make(archive, files=None, **options):
        default_storage.save(KEY, ContentFile(archive))
        path = tmp_path / "index"
        path.unlink(missing_ok=True)
        with default_storage.open(KEY) as file:
            build_index(file.file, path, starting(files or {}), **options)
        default_storage.save(INDEX_KEY, ContentFile(path.read_bytes()))
        opened.append(Submission.open(KEY, INDEX_KEY))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def statuses(submission):
    return {each.path: each.status for each in all_files(submission)}


def test_each_file_has_its_status_against_the_starting_files(indexed):
    submission = indexed(
        archive_of({"same.py": b"1", "changed.py": b"2", "src/added.py": b"3"}),
        {b"same.py": b"1", b"changed.py": b"1", b"src/deleted.py": b"4"},
    )
    assert statuses(submission) == {
        b"src/added.py": Status.ADDED,
        b"src/deleted.py": Status.DELETED,
        b"changed.py": Status.CHANGED,
        b"same.py": Status.SAME,
    }
    summary = submission.summary()
    assert (summary.added, summary.changed, summary.deleted, summary.files) == (1, 1, 1, 3)
    assert summary.total_bytes == 3
    assert summary.problem is None and summary.is_compared


def test_index_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="the index could not be written"):
        build_index(io.BytesIO(archive_of({"a.py": b"1"})), tmp_path / "none" / "index", {})


def test_file_with_another_execute_bit_is_changed(indexed):
    submission = indexed(packed(member("project/run.sh", b"#!", mode=0o755)), {b"run.sh": b"#!"})
    assert statuses(submission) == {b"run.sh": Status.CHANGED}


def test_folders_have_the_totals_of_all_below(indexed):
    submission = indexed(
        archive_of({"a/b/c.txt": b"123", "a/d.txt": b"4", "e.txt": b"5"}),
        {b"a/d.txt": b"4", b"a/b/gone.txt": b"6"},
    )
    root = submission.folder(b"")
    (a,) = submission.folders_in(root)
    assert (root.files, root.changed, root.total_bytes) == (3, 3, 5)
    assert (a.path, a.files, a.changed, a.total_bytes) == (b"a", 2, 2, 4)
    assert [each.path for each in submission.files_in(a)] == [b"a/d.txt"]
    assert submission.files_in(a, only_changed=True) == []
    assert [each.path for each in submission.folders_in(a, only_changed=True)] == [b"a/b"]


def test_next_and_previous_changed_file_follow_the_tree(indexed):
    submission = indexed(
        archive_of({"z.txt": b"", "src/a.py": b"", "same.txt": b"1"}), {b"same.txt": b"1"}
    )
    first, last = submission.changed_files()
    assert (first.path, last.path) == (b"src/a.py", b"z.txt")
    assert submission.changed_after(first) == last
    assert submission.changed_before(last) == first
    assert submission.changed_before(first) is None
    assert submission.changed_after(last) is None


def test_archive_without_one_top_folder_is_listed_as_it_is(indexed):
    submission = indexed(packed(member("./README.md", b"1"), member("src/a.py", b"2")))
    assert list(statuses(submission)) == [b"src/a.py", b"README.md"]


def test_challenge_with_all_files_in_one_folder_keeps_that(indexed):
    submission = indexed(packed(member("src/a.py", b"2")), {b"src/a.py": b"2"})
    assert statuses(submission) == {b"src/a.py": Status.SAME}


def test_list_of_what_was_not_saved_is_no_file_of_the_candidate(indexed):
    submission = indexed(
        packed(member("project/a.py", b"1"), member("project-not-saved.txt", b"node_modules"))
    )
    assert list(statuses(submission)) == [b"a.py"]


def test_links_are_listed_and_hard_links_have_their_file(indexed):
    submission = indexed(
        packed(
            member("project/a.py", b"code"),
            member("project/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
            member("project/same", type=tarfile.LNKTYPE, linkname="project/a.py"),
            member("project/lost", type=tarfile.LNKTYPE, linkname="project/nothing"),
            member("project/pipe", type=tarfile.FIFOTYPE),
            member("project/empty", type=tarfile.DIRTYPE),
        )
    )
    kinds = {each.path: (each.kind, each.target) for each in all_files(submission)}
    assert kinds == {
        b"a.py": (Kind.FILE, b""),
        b"link": (Kind.LINK, b"/etc/passwd"),
        b"lost": (Kind.OTHER, b"project/nothing"),
        b"pipe": (Kind.OTHER, b""),
        b"same": (Kind.FILE, b""),
    }
    assert submission.content(submission.file(b"same"), 100) == b"code"


def test_paths_that_climb_out_are_counted_and_left_out(indexed):
    submission = indexed(
        packed(
            member("project/a.py"),
            member("project/../../etc/passwd", b"x"),
            member("/etc/shadow", b"x"),
            member("project//b"),
        )
    )
    assert list(statuses(submission)) == [b"a.py"]
    assert submission.summary().skipped == 3


def test_names_of_any_bytes_stay_as_they_are(indexed):
    name = b"caf\xe9 \xff\n\x01.txt"
    raw = f"project/{name.decode('utf-8', 'surrogateescape')}"
    submission = indexed(packed(member(raw, b"text")))
    assert submission.content(submission.file(name), 100) == b"text"


def test_content_is_read_from_the_middle_of_a_large_archive(indexed):
    noise = random.Random(1)
    files = {f"f{number}": noise.randbytes(900_000) for number in range(9)}
    submission = indexed(archive_of(files))
    file = submission.file(b"f7")
    assert submission.content(file, 1000) == files["f7"][:1000]
    assert b"".join(submission.chunks(file)) == files["f7"]


def test_archive_that_is_cut_short_is_listed_as_far_as_it_goes(indexed):
    noise = random.Random(1)
    whole = archive_of({f"f{number}": noise.randbytes(5000) for number in range(99)})
    submission = indexed(whole[: len(whole) // 2], {b"f98": b"", b"other": b""})
    assert submission.summary().problem is Problem.DAMAGED
    assert 30 < submission.summary().files < 60
    # What is missing may be in the other half.
    assert submission.summary().deleted == 0
    assert len(submission.content(submission.file(b"f0"), 9999)) == 5000


def test_archive_with_damage_in_it_says_so(indexed):
    tar = gzip.decompress(archive_of({f"f{number}": b"x" * 600 for number in range(9)}))
    damaged = bytearray(tar)
    damaged[4 * 1536 : 4 * 1536 + 512] = b"?" * 512
    submission = indexed(gzip.compress(bytes(damaged)))
    assert submission.summary().problem is Problem.DAMAGED
    assert submission.summary().files == 4


@pytest.mark.parametrize(
    "content", [b"", b"no archive at all" * 99, gzip.compress(b"text" * 999, mtime=0)]
)
def test_what_is_no_archive_is_an_empty_submission(indexed, content):
    summary = indexed(content, {b"a.py": b""}).summary()
    assert (summary.files, summary.problem) == (0, Problem.DAMAGED)


def test_header_that_lies_about_its_size_is_damage(indexed):
    info, _ = member("project/a.py")
    info.size = 2**62
    header = info.tobuf(tarfile.GNU_FORMAT)
    assert indexed(gzip.compress(header + b"x" * 99)).summary().problem is Problem.DAMAGED


def test_more_entries_than_the_limit_are_cut(indexed, monkeypatch):
    monkeypatch.setattr(entries, "MAX_ENTRIES", 5)
    summary = indexed(archive_of({f"f{number}": b"" for number in range(9)})).summary()
    assert (summary.files, summary.problem) == (5, Problem.TOO_MANY)


@pytest.mark.parametrize("target", ["", "t" * 5000])
def test_path_that_no_system_opens_is_left_out(indexed, target):
    long = member("project/" + ("link" if target else "d/" * 2500 + "f"))
    long[0].type, long[0].linkname = (tarfile.SYMTYPE, target) if target else (tarfile.REGTYPE, "")
    submission = indexed(packed(member("project/a.py"), long))
    assert list(statuses(submission)) == [b"a.py"]
    assert submission.summary().skipped == 1


@pytest.mark.parametrize("module", ["entries", "index.tree"])
def test_paths_have_a_bound_together(indexed, monkeypatch, module):
    monkeypatch.setattr(f"operations.submissions.{module}.MAX_ALL_PATHS_BYTES", 2000)
    files = {f"f{number}/" + "d/" * 40 + "f": b"" for number in range(99)}
    summary = indexed(archive_of(files)).summary()
    assert summary.problem is Problem.TOO_MANY
    assert 0 < summary.files < 30


def test_budget_stops_the_build(indexed):
    archive = archive_of({"zeros": b"\0" * 3_000_000})
    with pytest.raises(BudgetExceededError):
        indexed(archive, budget=1_000_000)
    indexed(archive, budget=4_000_000)


def test_budget_holds_for_what_follows_the_end_of_the_archive(indexed):
    longer = gzip.compress(gzip.decompress(archive_of({"a.py": b"1"})) + b"\0" * 3_000_000)
    with pytest.raises(BudgetExceededError):
        indexed(longer, budget=1_000_000)
    assert statuses(indexed(longer, budget=4_000_000)) == {b"a.py": Status.ADDED}
