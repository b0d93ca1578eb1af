"""The words that differ within a line: right for any two lines, and bounded for many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.submissions import changed_words
from operations.submissions.changed_words import WordComparison

LINES = st.text("ab ()=.\tü", max_size=30)


def marked(old: str, new: str, **options: bool) -> tuple[list[str], list[str]] | None:
    found = WordComparison(**options).parts(old, new)
    if found is None:
        return None
    texts = [[part.text for part in parts if part.is_changed] for parts in found]
    return texts[0], texts[1]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return total", "return total + tax", ([], [" + tax"])),
        ("for each in rows:", "for row in rows:", (["each"], ["row"])),
        ("if (a) { b(); }", "if (a) { c(); }", (["b"], ["c"])),
        # Nothing that a reader would compare.
        ("import json", "def count():", None),
        ("", "x = 1", None),
    ],
)
def test_words_that_differ_are_marked(old: str, new: str, expected: object) -> None:
    assert marked(old, new) == expected


def test_white_space_is_marked_unless_it_is_ignored() -> None:
    assert marked("\tx = 1", "    x = 2") == (["\t", "1"], ["    ", "2"])
    assert marked("\tx = 1", "    x = 2", ignores_space=True) == (["1"], ["2"])


@given(LINES, LINES)
def test_parts_are_the_whole_lines_and_the_rest_is_the_same(old: str, new: str) -> None:
    found = WordComparison().parts(old, new)
    if found is None:
        return
    for parts, line in zip(found, (old, new), strict=True):
        assert "".join(part.text for part in parts) == line
    same = ["".join(part.text for part in parts if not part.is_changed) for parts in found]
    assert same[0] == same[1]


def test_all_lines_together_have_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_words, "MAX_CHARACTERS", 60)
    comparison = WordComparison()
    assert comparison.parts("value = first", "value = second") is not None
    assert comparison.parts("value = first" * 9, "value = second") is None
    assert comparison.parts("value = first", "value = second") is None
    monkeypatch.setattr(changed_words, "MAX_STEPS", 300)
    monkeypatch.setattr(changed_words, "MAX_CHARACTERS", 10**6)
    comparison = WordComparison()
    words = [" ".join(f"{prefix}{n % 7}" for n in range(200)) for prefix in ("a", "b")]
    assert comparison.parts(words[0], words[1]) is None
    assert comparison.parts("value = first", "value = second") is None
