"""Files with their execute bits."""

from interviews.challenges.starting_files import StartingFiles

PLAIN = {"README.md": b"x", "run.sh": b"#!/bin/sh\n"}


def test_it_equals_a_dict_of_its_content() -> None:
    assert StartingFiles(PLAIN) == PLAIN
    assert StartingFiles(PLAIN) != PLAIN | {"more": b""}


def test_sets_that_differ_in_a_bit_are_not_equal() -> None:
    assert StartingFiles(PLAIN, ["run.sh"]) == StartingFiles(PLAIN)
    assert StartingFiles(PLAIN, []) != StartingFiles(PLAIN)


def test_known_modes_win_over_the_content() -> None:
    assert StartingFiles(PLAIN, ["README.md", "gone"]).executable == {"README.md"}
    assert StartingFiles.of(PLAIN).executable == {"run.sh"}
    plain = StartingFiles(PLAIN, [])
    assert StartingFiles.of(plain) is plain


def test_files_that_are_added_bring_their_own_bits() -> None:
    before = StartingFiles({"a": b"1", "b": b"1", "c": b"1"}, ["a", "b"])
    both = before | StartingFiles({"b": b"2", "c": b"2"}, ["c"])
    assert both == StartingFiles({"a": b"1", "b": b"2", "c": b"2"}, ["a", "c"])


def test_paths_that_go_take_their_bits_along() -> None:
    files = StartingFiles({"top/a": b"1", "top/b": b"1"}, ["top/a", "top/b"])
    assert files.without({"top/a"}) == StartingFiles({"top/b": b"1"}, ["top/b"])
    assert files.without_top_folder() == StartingFiles({"a": b"1", "b": b"1"}, ["a", "b"])
