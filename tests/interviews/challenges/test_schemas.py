"""The id that is derived from a name."""

import re

import pytest

from interviews.challenges.schemas import derive_id
from interviews.challenges.storage import ID_PATTERN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Word count", "word-count"),
        ("  Crème brûlée!  ", "creme-brulee"),
        ("SQL: the 2nd", "sql-the-2nd"),
        ("x" * 200, "x" * 50),
        ("C++", "c"),
    ],
)
def test_id_is_like_the_name(name: str, expected: str) -> None:
    assert derive_id(name) == expected


@pytest.mark.parametrize("name", ["Пример", "解答 2", "!!!", "اختبار A1"])
def test_name_without_a_readable_id_gets_a_random_one(name: str) -> None:
    assert re.fullmatch("challenge-[0-9a-f]{6}", derive_id(name))
    assert ID_PATTERN.fullmatch(derive_id(name))
    assert derive_id(name) != derive_id(name)
