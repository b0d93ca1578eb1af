"""What is said of an archive that is damaged: first that it is, and nothing about changes."""

import os

import pytest

from operations.submissions import service
from tests.conftest import fresh
from tests.dashboard.views.submissions.test_pages import text_of
from tests.operations.submissions.archives import member, packed, save_archive

pytestmark = pytest.mark.django_db

CUT = packed(member("project/notes.txt", b"x"), member("project/noise", os.urandom(200_000)))[
    :100_000
]


@pytest.mark.parametrize(
    ("archive", "says"),
    [
        (b"", "Nothing of it could be read."),
        (b"no archive" * 99, "Nothing of it could be read."),
        (CUT, "What could be read: 1 file, 1"),
    ],
    ids=["empty", "garbage", "cut"],
)
@pytest.mark.parametrize("page", ["", "submission/", "submission/?all=1"])
def test_damaged_archive_is_no_archive_without_changes(
    staff_client, submitted, archive, says, page
):
    save_archive(submitted, archive, key="archives/y/a.tar.gz")
    service.open_submission(fresh(submitted), 0).close()
    text = text_of(staff_client.get(f"/interviews/{submitted.id}/{page}"))
    assert f"This archive is damaged. {says}" in text
    for claim in (
        "No changes",
        "Nothing differs",
        "Changes (",
        "All files (",
        "There are no files",
    ):
        assert claim not in text
