"""Paths are bytes: they are ordered as a tree, and come back from a URL as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.submissions import paths

NAMES = st.binary(min_size=1, max_size=4).map(lambda name: name.translate(None, b"\0/") or b"x")
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(b"/".join)


@given(PATHS)
def test_key_names_one_path(path):
    assert paths.path_of_key(paths.sort_key(path)) == path


def test_folders_come_first_and_whole():
    names = [b"z", b"src/b", b"src!x/a", b"src/a/c", b"src", b"a", b"src/\x01/\xff"]
    assert sorted(names, key=paths.sort_key) == [
        b"src/\x01/\xff",
        b"src/a/c",
        b"src/b",
        b"src!x/a",
        b"a",
        b"src",
        b"z",
    ]


@given(PATHS)
def test_path_comes_back_from_a_url(path):
    query = f"opening=0&path={paths.quoted(path)}&view=side"
    assert query.isascii()
    assert paths.path_in_query(query, "path") == path


def test_path_that_is_not_in_the_query_is_none():
    assert paths.path_in_query("opening=0", "path") is None


@pytest.mark.parametrize(
    "path", [b"../a", b"a/../b", b"/etc/passwd", b"a//b", b"./a", b"", b"a\0b"]
)
def test_path_that_leads_out_is_refused(path):
    assert not paths.is_inside(path)


def test_what_hides_is_shown():
    assert paths.shown("é\u202egpj.exe".encode()) == "é\\u202egpj.exe"
    assert paths.shown(b"caf\xe9\n") == "caf\\xe9\\n"
