"""Merged sources are one list: newest first, each row once, for any page size."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.models import Interview
from interviews.pagination import cursors, merge
from interviews.pagination.cursors import InvalidCursorError
from interviews.pagination.merge import Source, SourcePage, SourceRow


def source(name: str, seconds: list[int], looks_at: int) -> Source:
    """Odd seconds do not belong on the list; each read examines at most `looks_at` rows."""
    ordered = sorted(seconds, reverse=True)
    rows = [
        SourceRow(datetime.fromtimestamp(at, UTC), [at, number], f"{name}{number}")
        for number, at in enumerate(ordered)
    ]

    def read(after, limit):
        first = after[1] + 1 if after else 0
        part = rows[first : first + min(looks_at, limit)]
        more = first + len(part) < len(rows)
        return SourcePage(
            [row for row in part if row.cursor_key[0] % 2 == 0], part[-1] if more else None
        )

    return Source(name, read)


def resolve(rows):
    return {row.id: Interview(id=row.id, created_at=row.sort_time) for row in rows}


@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, 60), max_size=15), st.integers(1, 5)),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 7),
)
def test_every_row_is_on_one_page_in_the_order_of_time(parts, size):
    sources = [source("abcd"[n], seconds, at_once) for n, (seconds, at_once) in enumerate(parts)]
    found, cursor, pages = [], None, 0
    while True:
        items, cursor = merge.merged_page(sources, resolve, size=size, cursor=cursor)
        assert len(items) <= size
        found += items
        pages += 1
        assert pages < 200
        if cursor is None:
            break
    at = [int(one.created_at.timestamp()) for one in found]
    wanted = [second for seconds, _ in parts for second in seconds if second % 2 == 0]
    assert at == sorted(wanted, reverse=True)
    assert len({one.id for one in found}) == len(found)


@pytest.mark.parametrize("begun", [[], {"b": 0}, {"a": 1}, {"a": "x"}, {"a": [1]}, None, "a"])
def test_a_cursor_of_another_list_is_refused(begun):
    with pytest.raises(InvalidCursorError):
        merge.merged_page(
            [source("a", [2], 1)], resolve, size=1, cursor=cursors.encode_cursor(begun)
        )
