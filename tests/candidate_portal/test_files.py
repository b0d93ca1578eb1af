"""GET /take-home/<passcode>/files: what the candidate may download, and what they can quote."""

import io
import tarfile

import pytest

from interviews.lifecycle import EndReason, Status
from operations import actions
from tests.conftest import fresh, run_until_idle


@pytest.fixture
def offered(settings):
    settings.CANDIDATE_DOWNLOADS = True


@pytest.fixture
def submitted(running):
    actions.submit(running, by="candidate")
    return run_until_idle(running)


def path(interview):
    return f"/take-home/{interview.passcode}/"


def test_candidate_downloads_what_was_saved(client, offered, submitted):
    assert f'href="{path(submitted)}files"' in client.get(path(submitted)).text
    answer = client.get(f"{path(submitted)}files")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/gzip")
    assert answer["Content-Disposition"] == 'attachment; filename="Ada - word-count.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(answer.getvalue())) as archive:
        assert archive.getnames()


def test_candidate_of_a_live_interview_downloads_what_was_saved(client, offered, schedule, engine):
    interview = run_until_idle(schedule(scheduled_at=None))
    actions.end(interview, by="boss", reason=EndReason.ENDED_BY_STAFF)
    run_until_idle(interview)
    page = f"/interview/{interview.passcode}/"
    assert f'href="{page}files"' in client.get(page).text
    answer = client.get(f"{page}files")
    assert (answer.status_code, answer.getvalue()[:2]) == (200, b"\x1f\x8b")
    other = client.get(f"{path(interview)}files")
    assert other.status_code == 404


def test_download_is_off_unless_it_is_allowed(client, submitted):
    assert "/files" not in client.get(path(submitted)).text
    refused = client.get(f"{path(submitted)}files")
    assert (refused.status_code, refused["Location"]) == (302, path(submitted))


def test_nothing_is_downloaded_before_the_end(client, offered, running):
    assert "/files" not in client.get(path(running)).text
    refused = client.get(f"{path(running)}files")
    assert (refused.status_code, refused["Location"]) == (302, path(running))


def test_nothing_is_downloaded_of_a_reopened_test(client, offered, submitted):
    actions.reopen(submitted, 30, by="boss")
    refused = client.get(f"{path(submitted)}files")
    assert (refused.status_code, refused["Location"]) == (302, path(submitted))


def test_files_of_a_deleted_archive_are_not_found(client, offered, interview_in):
    interview = interview_in(Status.COMPLETED, history_s3_key="gone", archive_bytes=9)
    refused = client.get(f"{path(interview)}files")
    assert (refused.status_code, refused["Location"]) == (302, path(interview))


def test_reference_is_shown_from_the_submission_on(client, running):
    assert f">{running.id}<" not in client.get(path(running)).text
    actions.submit(running, by="candidate")
    assert f">{running.id}<" in client.get(path(running)).text
    assert run_until_idle(running).state is Status.COMPLETED
    assert f">{fresh(running).id}<" in client.get(path(running)).text
