"""What is said of an archive that is damaged: first that it is, and nothing about changes."""

import os
import sqlite3
from contextlib import closing

import pytest
from django.core.files.storage import default_storage

from operations.submissions import service
from tests.conftest import fresh
from tests.dashboard.views.submissions.pages.reading import text_of
from tests.operations.submissions.archives import archive_of, member, packed, save_archive

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


def test_damaged_access_point_is_made_again(staff_client, submitted):
    """It costs a reload of the page, and the archive is not told to be damaged."""
    files = {f"f{number}.txt": os.urandom(400_000).hex().encode() for number in range(4)}
    save_archive(submitted, archive_of(files), key="archives/y/a.tar.gz")
    interview = fresh(submitted)
    service.open_submission(interview, 0).close()
    key = service._index_key(interview, "archives/y/a.tar.gz")
    with closing(sqlite3.connect(default_storage.path(key))) as database:
        database.execute("UPDATE access_point SET window = x'00' WHERE window IS NOT NULL")
        database.commit()
    url = f"/interviews/{submitted.id}/submission/file/?path=f3.txt"
    response = staff_client.get(url)
    assert response.status_code == 503
    assert "The list of these files was damaged. Reload this page" in text_of(response)
    assert files["f3.txt"][:100].decode() in text_of(staff_client.get(url))
