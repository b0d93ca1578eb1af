"""Places of comments are checked against the files of the submission; what can't be is accepted."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage

from interviews.models import Interview
from operations.reviews import places, scorecards
from operations.reviews.models import Review, ReviewState
from operations.reviews.scorecards import IncompleteReviewError
from operations.submissions import service
from operations.submissions.submission import Submission
from tests.operations.submissions.archives import archive_of, save_archive
from tests.reviewing import card

pytestmark = pytest.mark.django_db

FILES = {
    "src/app.py": b"one\r\ntwo\rthree\n",
    "notes:3": b"x",
    "empty": b"",
    "logo.png": b"\0\1\2",
    "caf\udce9.txt": b"x\n",
    "wide.txt": "a\nb\n".encode("utf-16"),
    "README.md": b"# Word count\n",
}
# The challenge `word-count` has a count.py, which FILES don't.
RIGHT = [
    *("src/app.py", "src/app.py:1", "src/app.py:3", "src", "src/", "notes:3", "notes:3:1"),
    *("empty", "logo.png", "caf\\xe9.txt:1", "wide.txt:2", "count.py", ""),
]
NONE = "The submission has no {}."
WRONG = {
    "src/ap.py": NONE.format("src/ap.py"),
    "src/ap.py:4": NONE.format("src/ap.py"),
    "src:1": NONE.format("src"),
    "src/app.py:4": "src/app.py has only 3 lines.",
    "caf\\xe9.txt:2": "caf\\xe9.txt has only 1 line.",
    "empty:1": "empty has no lines. Name it without one.",
    "logo.png:1": "logo.png has no lines. Name it without one.",
    "count.py:1": "count.py was deleted. Name it without a line.",
}


@pytest.fixture
def saved(submission: Interview) -> Interview:
    """The submission with files and their index."""
    save_archive(submission, archive_of(FILES))
    service.index_submissions(submission.id)
    return submission


def comments(*wheres: str) -> list[dict[str, str]]:
    return [{"text": "Why?", "where": where} for where in wheres]


def test_places_that_are_not_there_are_named(saved: Interview) -> None:
    assert places.wrong_places(saved, [*RIGHT, *WRONG]) == WRONG


def test_what_is_no_place_is_left_to_its_own_message(saved: Interview) -> None:
    assert places.wrong_places(saved, ["/etc/passwd", "a/../b"]) == {}


def test_without_an_index_everything_is_accepted(submission: Interview) -> None:
    assert places.wrong_places(submission, ["none"]) == {}
    key = save_archive(submission, archive_of(FILES))
    assert places.wrong_places(submission, ["none"]) == {}
    service.index_submissions(submission.id)
    assert places.wrong_places(submission, ["none"]) == {"none": NONE.format("none")}
    default_storage.delete(key)
    places._line_counts.clear()
    # The lines can't be counted, so nothing is known.
    assert places.wrong_places(submission, ["src/app.py:99"]) == {}


def test_a_damaged_archive_has_lost_what_is_not_listed(submission: Interview) -> None:
    content = archive_of(FILES | {"big": bytes(range(256)) * 4_000})
    save_archive(submission, content[: len(content) // 2])
    service.index_submissions(submission.id)
    assert places.wrong_places(submission, ["none", "src/app.py:99"]) == {}


def test_the_latest_submission_counts(saved: Interview) -> None:
    assert "later.py" in places.wrong_places(saved, ["later.py"])
    save_archive(saved, archive_of({"later.py": b"x"}), key=f"archives/{saved.id}/op-2-2.tar.gz")
    service.index_submissions(saved.id)
    assert places.wrong_places(saved, ["later.py"]) == {}


def test_reading_is_bounded_and_not_repeated(
    saved: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    content = Submission.content

    def counted(self: Any, file: Any, limit: int) -> bytes:
        read.append(file.path)
        return content(self, file, limit)

    monkeypatch.setattr(Submission, "content", counted)
    places._line_counts.clear()
    for _ in range(2):
        places.wrong_places(saved, ["src/app.py:1", "src/app.py:2", "README.md"])
    assert read == [b"src/app.py"]
    places._line_counts.clear()
    monkeypatch.setattr(places, "MAX_READ_BYTES", 5)
    assert places.wrong_places(saved, ["src/app.py:99"]) == {}
    monkeypatch.setattr(places, "MAX_READ_BYTES", 500)
    monkeypatch.setattr(places, "MAX_FILE_BYTES", 5)
    assert places.wrong_places(saved, ["src/app.py:99"]) == {}
    assert read == [b"src/app.py"]


def test_a_wrong_place_is_saved_but_not_submitted(saved: Interview, rita: User) -> None:
    sent = card(3, 4, comments=comments("src/app.py:1", "src/app.py:40"))
    scorecards.save_draft(saved, rita, sent, version=0)
    with pytest.raises(IncompleteReviewError) as caught:
        scorecards.submit_review(saved, rita, sent, version=1)
    assert caught.value.missing == {"comments.1.where": "src/app.py has only 3 lines."}
    review = Review.objects.get()
    assert (review.state, review.comments[1]["where"]) == (ReviewState.DRAFT, "src/app.py:40")
    fixed = card(3, 4, comments=comments("src/app.py:1", "src/app.py:3"))
    assert scorecards.submit_review(saved, rita, fixed, version=review.version).is_submitted
