"""Which words find an interview while its name changes."""

import pytest

from interviews.models import Interview
from interviews.search import index, lookup, renames
from tests.conftest import fresh


def found_by(text):
    return [each.id for each in lookup.search_page(text, lookup.Filters()).items]


def test_words_are_those_of_the_row_with_the_changes(take_home):
    words = renames.words_of(take_home, {"candidate_name": "Augusta", "challenge": "gone"})
    assert words == ["augusta", "gone"]


def test_words_of_the_row_alone_are_kept(take_home):
    index.add_words(take_home, ["augusta"])
    renames.settle_words(take_home)
    assert (found_by("ada"), found_by("augusta")) == ([take_home.id], [])


def test_row_that_changes_meanwhile_is_settled_again(take_home, monkeypatch):
    """Another edit is written, and settled, before this one has written the index."""
    keep_words = index.keep_words
    names = iter(["Augusta", "Grace"])

    def keep_late(interview, words):
        if name := next(names, None):
            fresh(take_home).change(candidate_name=name)
        keep_words(interview, words)

    monkeypatch.setattr(index, "keep_words", keep_late)
    renames.settle_words(take_home)
    assert found_by("grace") == [take_home.id]
    assert (found_by("ada"), found_by("augusta")) == ([], [])


@pytest.mark.parametrize("is_deleted_early", [True, False])
def test_deleted_row_leaves_no_word(take_home, monkeypatch, is_deleted_early):
    keep_words = index.keep_words

    def delete_and_keep(interview, words):
        keep_words(interview, words)
        Interview(take_home.id).delete()

    index.add_words(take_home, ["augusta"])
    if is_deleted_early:
        Interview(take_home.id).delete()
    monkeypatch.setattr(index, "keep_words", delete_and_keep)
    renames.settle_words(take_home)
    assert index.terms_ttl(take_home) is None


def test_words_of_before_are_known_until_their_terms_are_removed(take_home, monkeypatch):
    """A process that dies while it removes them leaves none that a deletion would not find."""
    index.add_words(take_home, ["augusta"])

    class DiesOnExit:
        save = delete = staticmethod(lambda term: None)

        def __enter__(self):
            return self

        def __exit__(self, *raised):
            raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(index.SearchTerm, "batch_write", DiesOnExit)
        with pytest.raises(ConnectionError):
            index.keep_words(take_home, ["augusta"])
    index.unindex_interview(take_home)
    assert list(index.SearchTerm.scan()) == []
