"""A submission belongs to its interview: its index is made, kept and deleted with the archive."""

import gzip
import os
import signal
import tempfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from interviews.lifecycle import EndReason
from operations import actions, retention, tasks
from operations.archives import archive
from operations.candidate_data import selection
from operations.provisioners import temporary_folder
from operations.submissions import keys, service
from operations.submissions.index import Status
from operations.submissions.service import SubmissionMissingError, SubmissionNotReadyError
from operations.submissions.submission import BrokenArchiveError
from tests.conftest import fresh, run_until_idle
from tests.operations.submissions.archives import all_files, archive_of, save_archive

pytestmark = pytest.mark.django_db


def stored_indexes(files):
    return [path for path in files.rglob("*") if keys.is_index(path.name)]


@pytest.fixture
def submitted(running, engine):
    """A completed test: one file changed, one deleted, one added."""
    disk = next(iter(engine.running.values()))
    disk["README.md"] = b"# Mine\n"
    del disk["count.py"]
    disk["notes.txt"] = b"notes\n"
    actions.end(running, by="recruiter", reason=EndReason.SUBMITTED)
    return run_until_idle(running)


def test_end_of_an_interview_asks_for_its_index(submitted, enqueued, stream, files):
    assert ("operations.index_submissions", submitted.id) in enqueued
    assert stored_indexes(files) == []
    tasks.index_submissions(submitted.id)
    assert len(stored_indexes(files)) == 1
    # Its page shows the totals now.
    assert stream.events_named("interview")[-1]["interviewId"] == submitted.id


def test_interview_is_compared_with_its_own_version(submitted):
    with service.open_submission(submitted, 0) as submission:
        assert {each.path: each.status for each in all_files(submission)} == {
            b"README.md": Status.CHANGED,
            b"count.py": Status.DELETED,
            b"notes.txt": Status.ADDED,
        }


def test_index_is_made_when_an_old_submission_is_opened(submitted, files):
    service.open_submission(submitted, 0).close()
    made = stored_indexes(files)
    before = made[0].stat().st_mtime_ns
    service.open_submission(submitted, 0).close()
    assert [path.stat().st_mtime_ns for path in stored_indexes(files)] == [before]


def test_list_that_is_not_read_to_its_end_may_be_closed_after_the_submission(submitted):
    submission = service.open_submission(submitted, 0)
    rows = submission._rows("SELECT id FROM entry")
    next(rows)
    submission.close()
    rows.close()


def test_large_submission_is_left_to_a_worker(submitted, monkeypatch, enqueued, files):
    monkeypatch.setattr(service, "REQUEST_BUDGET", 1000)
    enqueued.clear()
    with pytest.raises(SubmissionNotReadyError):
        service.open_submission(submitted, 0)
    assert enqueued == [("operations.index_submissions", submitted.id)]
    assert stored_indexes(files) == []
    tasks.index_submissions(submitted.id)
    service.open_submission(submitted, 0).close()


def test_large_submission_is_tried_once_in_a_request(submitted, monkeypatch, enqueued):
    tried, make = [], service._make_index
    monkeypatch.setattr(service, "REQUEST_BUDGET", 1000)
    monkeypatch.setattr(
        service, "_make_index", lambda *args, **more: (tried.append(args[1]), make(*args, **more))
    )
    enqueued.clear()
    for _ in range(3):
        with pytest.raises(SubmissionNotReadyError):
            service.open_submission(submitted, 0)
    assert tried == [submitted.history_s3_key]
    # A worker may have failed meanwhile: it is asked each time.
    assert enqueued == [("operations.index_submissions", submitted.id)] * 3


def test_who_asks_while_the_index_is_made_has_it_made_once(submitted, monkeypatch, enqueued):
    """Each reload of a page that waits for it asks for it."""
    made, build = [], service.build_index

    def reload_meanwhile(*args, **more):
        made.append(args)
        for _ in range(3):
            tasks.index_submissions(submitted.id)
        build(*args, **more)

    monkeypatch.setattr(service, "build_index", reload_meanwhile)
    enqueued.clear()
    tasks.index_submissions(submitted.id)
    # These come back later, and find it.
    assert enqueued == [("operations.index_submissions", submitted.id)] * 3
    for _, interview_id in enqueued:
        tasks.index_submissions(interview_id)
    assert len(made) == 1


def test_a_process_makes_the_indexes_of_few_interviews_at_once(submitted, monkeypatch, enqueued):
    """The threads are for starts, too."""
    monkeypatch.setattr(service, "_being_indexed", {"one", "another"})
    enqueued.clear()
    tasks.index_submissions(submitted.id)
    assert service.summary_of(submitted) is None
    assert enqueued == [("operations.index_submissions", submitted.id)]
    service._being_indexed.discard("one")
    tasks.index_submissions(submitted.id)
    assert service.summary_of(submitted) is not None
    assert service._being_indexed == {"another"}


def test_a_failure_leaves_its_place(submitted, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(service, "build_index", None)
        with pytest.raises(TypeError):
            tasks.index_submissions(submitted.id)
    assert service._being_indexed == set()


@pytest.mark.parametrize("share", [0, 0.1, 0.6, 0.999])
def test_index_of_a_process_that_died_while_writing_is_made_again(submitted, files, share):
    tasks.index_submissions(submitted.id)
    (path,) = stored_indexes(files)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert service.summary_of(submitted) is None
    with service.open_submission(submitted, 0) as submission:
        assert submission.summary().added == 1
    assert path.stat().st_size == len(whole)


def test_a_process_that_is_killed_while_it_makes_an_index_leaves_no_folder(
    submitted, files, tmp_path, monkeypatch
):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))

    def be_killed(archive, path, *_, **__):
        path.write_bytes(b"half an index")
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        service.build_index = be_killed
        service.index_submissions(submitted.id)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert [each.name for each in place.glob("*/*")] == ["index"]
    assert stored_indexes(files) == []
    monkeypatch.setattr(temporary_folder, "MIN_AGE_SECONDS", -1)
    temporary_folder.remove_left()
    tasks.index_submissions(submitted.id)
    assert list(place.iterdir()) == []
    assert len(stored_indexes(files)) == 1


def test_index_is_not_made_twice(submitted, monkeypatch):
    tasks.index_submissions(submitted.id)
    monkeypatch.setattr(service, "_make_index", pytest.fail)
    tasks.index_submissions(submitted.id)


def test_index_that_a_worker_cannot_make_is_announced(submitted, monkeypatch, stream):
    def full(*_, **__):
        raise OSError("no space left on the device")

    before = stream.events_named("interview")
    with monkeypatch.context() as patch:
        patch.setattr(service, "build_index", full)
        tasks.index_submissions(submitted.id)
    # Whoever waits stops: to look again would have a worker try again, for ever.
    assert stream.events_named("interview") == before
    assert stream.events_named("submission") == [{"interviewId": submitted.id, "opening": 0}]
    tasks.index_submissions(submitted.id)
    assert len(stream.events_named("submission")) == 1


def test_submission_that_is_not_stored_is_missing(submitted):
    default_storage.delete(submitted.history_s3_key)
    with pytest.raises(SubmissionMissingError):
        service.open_submission(submitted, 0)
    for place in (1, -1):
        with pytest.raises(SubmissionMissingError):
            service.open_submission(submitted, place)
    tasks.index_submissions(submitted.id)  # only logs


def test_archive_with_other_content_than_its_index_is_broken(take_home):
    def archive_with(content):
        # Not compressed, so that everything stays at its place, and long enough for its checksum
        # not to be read.
        files = {"a.py": content, "long": b"x" * 3_000_000}
        return gzip.compress(gzip.decompress(archive_of(files)), 0, mtime=0)

    key = save_archive(take_home, archive_with(b"1"))
    service.open_submission(fresh(take_home), 0).close()
    default_storage.save(key, ContentFile(archive_with(b"2")))
    with (
        service.open_submission(fresh(take_home), 0) as submission,
        pytest.raises(BrokenArchiveError),
    ):
        submission.content(submission.file(b"a.py"), 100)


def test_archive_of_an_earlier_portal_has_its_index_beside_the_others(take_home, files):
    save_archive(take_home, archive_of({"a.py": b"1"}), key="history/takehome-7/final.tgz")
    with service.open_submission(fresh(take_home), 0) as submission:
        assert submission.summary().files == 1
    (path,) = stored_indexes(files)
    assert path.parent == files / archive.archive_folder(take_home.id)


def test_challenge_that_is_gone_compares_with_nothing(submitted, monkeypatch):
    monkeypatch.setattr("interviews.challenges.library.get_version", lambda *_: None)
    with service.open_submission(submitted, 0) as submission:
        assert not submission.summary().is_compared
        assert submission.summary().added == 2


def test_deletion_takes_the_index_along_and_does_not_count_it(submitted, files):
    tasks.index_submissions(submitted.id)
    assert selection.find_by_interview(submitted).inventory().archives == 1
    deleted = retention.delete_interview(fresh(submitted), by="recruiter")
    assert deleted.archives == 1
    assert stored_indexes(files) == []


def test_index_made_during_a_deletion_does_not_stay(submitted, files, monkeypatch):
    save = default_storage.save

    def save_after_the_deletion(key, content):
        retention.delete_interview(fresh(submitted), by="recruiter")
        return save(key, content)

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", save_after_the_deletion)
        with pytest.raises(SubmissionMissingError):
            service.open_submission(submitted, 0)
    assert stored_indexes(files) == []


def test_index_made_between_the_deletion_of_files_does_not_stay(submitted, files, monkeypatch):
    tasks.index_submissions(submitted.id)
    (index,) = stored_indexes(files)
    content, delete, late = index.read_bytes(), default_storage.delete, []

    def delete_and_lose_a_race(key):
        delete(key)
        if key == submitted.history_s3_key and not late:
            late.append(f"archives/{submitted.id}/late{keys.INDEX_SUFFIX}")
            default_storage.save(late[0], ContentFile(content))

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "delete", delete_and_lose_a_race)
        retention.delete_interview(fresh(submitted), by="recruiter")
    assert late
    assert stored_indexes(files) == []


def test_clean_up_of_copies_leaves_the_index(submitted, files):
    tasks.index_submissions(submitted.id)
    folder = f"archives/{submitted.id}/{submitted.operation_id}"
    stray = default_storage.save(f"{folder}-9{keys.INDEX_SUFFIX}", ContentFile(b"x"))
    archive.delete_copies_of(fresh(submitted), submitted.operation_id)
    assert not default_storage.exists(stray)
    assert len(stored_indexes(files)) == 1
