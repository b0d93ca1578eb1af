"""How texts of any script are split into words."""

import pytest

from interviews.search import tokenizer


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada Lovelace", ["ada", "lovelace"]),
        ("Zoë MÜLLER-Straße", ["zoe", "muller", "strasse"]),
        ("Łukasz Sørensen", ["lukasz", "sorensen"]),
        ("İrem Çelik", ["irem", "celik"]),
        ("Нина Ёлкина", ["нина", "елкина"]),
        ("李小龍", ["李小龍"]),
        ("ﾀﾅｶ", ["タナカ"]),
        ("김철수", ["김철수"]),
        ("أَحْمَد", ["احمد"]),
        ("समीर वर्मा", ["समीर", "वरमा"]),
        ("Ada ada ADA", ["ada"]),
        ("R2-D2", ["r2", "d2"]),
        ("", []),
        ("\u202e ... \x00 💥", []),
    ],
)
def test_split_words_ignores_case_and_accents(text, found):
    assert tokenizer.split_words(text) == found


def test_words_are_indexed_with_and_without_an_apostrophe():
    assert tokenizer.indexed_words("O'Neil", "Word count") == [
        "o",
        "neil",
        "oneil",
        "word",
        "count",
    ]


def test_terms_are_prefixes_of_two_to_ten_letters():
    assert tokenizer.index_terms(["ada", "x"]) == ["ad", "ada", "x"]
    longest = tokenizer.index_terms(["abcdefghijkl"])
    assert (longest[0], longest[-1], len(longest)) == ("ab", "abcdefghij", 9)


def test_terms_of_scripts_without_spaces_start_anywhere():
    assert tokenizer.index_terms(["李小龍"]) == ["李", "李小", "李小龍", "小", "小龍", "龍"]


@pytest.mark.parametrize("name", ["李" * 200, "ab " * 66, "長い名前 " * 40, "x" * 200])
def test_terms_of_a_long_name_are_limited(name):
    assert len(tokenizer.index_terms(tokenizer.indexed_words(name))) <= tokenizer.MAX_TERMS


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("ada", True),
        ("love", True),
        ("LOVELACE a", True),
        ("lace", False),
        ("ada grace", False),
        ("龍", True),
        ("小龍 ada", True),
        ("龍小", False),
        ("a", False),
        ("o", True),
        ("o ada", True),
    ],
)
def test_words_match_prefixes_and_parts_of_unspaced_words(typed, fits):
    found = tokenizer.indexed_words("Ada O'Lovelace 李小龍", "Lovelace")
    assert tokenizer.words_match(found, tokenizer.split_words(typed)) is fits


def test_every_matching_text_has_the_lookup_term():
    found = tokenizer.indexed_words("Ada O'Lovelace 李小龍", "Settlement check")
    for part in ("ad", "lovel", "settlement", "o", "小", "小龍", "olove"):
        assert tokenizer.words_match(found, [part])
        assert tokenizer.lookup_term(part) in tokenizer.index_terms(found)
