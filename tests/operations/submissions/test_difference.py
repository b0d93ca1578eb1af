"""The difference of two texts: right for any two, least for usual ones, and bounded."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from operations.submissions import difference
from operations.submissions.difference import Block, compare

TEXTS = st.lists(st.sampled_from("abcdef"), max_size=12)


def check(old, new, found):
    """The blocks cover both texts in order, and what is said to be the same is."""
    assert [line for b in found.blocks for line in old[b.old_start : b.old_end]] == old
    assert [line for b in found.blocks for line in new[b.new_start : b.new_end]] == new
    for block in found.blocks:
        if block.is_same:
            same = old[block.old_start : block.old_end]
            assert same == new[block.new_start : block.new_end]


@given(TEXTS, TEXTS)
def test_blocks_cover_both_texts(old, new):
    found = compare(old, new)
    check(old, new, found)
    assert found.is_complete
    if old == new:
        assert found.added == found.deleted == 0


def least(old, new):
    """The length of the longest common subsequence, by its textbook definition."""
    row = [0] * (len(new) + 1)
    for a in old:
        before = row[:]
        for place, b in enumerate(new, 1):
            row[place] = before[place - 1] + 1 if a == b else max(before[place], row[place - 1])
    return row[-1]


@given(st.lists(st.sampled_from("ab"), max_size=12), st.lists(st.sampled_from("ab"), max_size=12))
def test_difference_of_lines_that_repeat_is_complete(old, new):
    # No line is there once in both: nothing is taken for an anchor.
    old, new = [*old, "a", "b", "a", "b"], [*"abab", *new]
    found = compare(old, new)
    assert len(old) - found.deleted == least(old, new)


def test_changed_line_is_one_block():
    old = ["def f():", "    return 1", "", "def g():", "    return 2"]
    new = ["def f():", "    return 3", "", "def g():", "    return 2"]
    assert compare(old, new).blocks == [
        Block(True, 0, 1, 0, 1),
        Block(False, 1, 2, 1, 2),
        Block(True, 2, 5, 2, 5),
    ]


def test_white_space_can_be_ignored():
    old, new = ["if x:", "\treturn  1"], ["if x :", "    return 1", ""]
    assert compare(old, new).deleted == 2
    found = compare(old, new, ignores_space=True)
    assert (found.deleted, found.added) == (0, 1)


def test_long_texts_are_bounded():
    """Lines that repeat in another order: difflib takes minutes for them."""
    old = [str(number * number % 97) for number in range(20_000)]
    new = [str(number * 3 % 89) for number in range(20_000)]
    found = compare(old, new)
    check(old, new, found)
    assert not found.is_complete


def test_steps_are_counted(monkeypatch):
    old, new = list("abab" * 50), list("baab" * 50)
    assert compare(old, new).is_complete
    monkeypatch.setattr(difference, "MAX_STEPS", 500)
    found = compare(old, new)
    check(old, new, found)
    assert not found.is_complete


def test_search_for_anchors_is_counted(monkeypatch):
    old = [str(number) for number in range(500)]
    new = ["first", *old[:250], "second", *old[250:], "end"]
    assert compare(old, new).is_complete
    monkeypatch.setattr(difference, "MAX_STEPS", 100)
    found = compare(old, new)
    check(old, new, found)
    assert not found.is_complete


def test_usual_change_is_as_small_as_that_of_difflib():
    old = [f"line {number % 40}" for number in range(400)]
    new = old[:100] + ["new"] * 5 + old[100:250] + old[270:]
    found = compare(old, new)
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    assert found.added <= sum(j2 - j1 for tag, _, _, j1, j2 in codes if tag != "equal")
