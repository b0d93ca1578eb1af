"""What is counted about a candidate, in words."""

from django.utils import translation

from operations.candidate_data.inventory import Inventory


def test_kinds_that_are_there_are_counted() -> None:
    assert Inventory(interviews=1, archives=2, log_lines=12_345).in_words() == (
        "1 interview, 2 archives of saved files, 12,345 lines of activity logs"
    )
    assert Inventory().in_words() == "nothing"


def test_what_is_stored_is_english() -> None:
    with translation.override("de"):
        assert Inventory(interviews=1, log_lines=12_345).in_english() == (
            "1 interview, 12,345 lines of activity logs"
        )
