"""Split texts of any script into words that a search compares. No I/O.

Case, accents and character width do not matter. A search term is a prefix of a word; in scripts
without spaces between words, it is a prefix of any suffix of it.
"""

import re
import unicodedata

# The longest prefix of a word that is indexed, in characters.
MAX_TERM_LENGTH = 10
# Limits per interview, so that a name of 200 characters cannot fill the table.
MAX_WORDS = 20
MAX_PARTS = 20
MAX_TERMS = 250

# Letters that people type as others, and that Unicode normalization does not decompose.
LETTER_FOLDS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
EMAIL_SIGN = "@"
APOSTROPHES = str.maketrans("", "", "'`\u2018\u2019\u02bc\u02b9")
# Thai, Lao, Myanmar, Khmer; kana, bopomofo, Han, Hangul, and the planes of rare Han characters.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u312f\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def split_words(text: str) -> list[str]:
    """Return the distinct words of a text in order, without case and accents."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    without_accents = "".join(char for char in folded if not unicodedata.combining(char))
    plain = unicodedata.normalize("NFC", without_accents).translate(LETTER_FOLDS)
    return list(dict.fromkeys("".join(c if _is_letter(c) else " " for c in plain).split()))


def indexed_words(*texts: str) -> list[str]:
    """Return the words that find these texts: "O'Neil" gives `o`, `neil` and `oneil`."""
    unique_words: dict[str, None] = {}
    for text in texts:
        unique_words |= dict.fromkeys(
            [*split_words(text), *split_words(text.translate(APOSTROPHES))][:MAX_WORDS]
        )
    return list(unique_words)


def email_words(email: str | None) -> list[str]:
    """Return the one word that finds an address, which no word of a name begins like.

    Split at its dots, every address would be found by "com", and every name by a part of one.
    """
    return [EMAIL_SIGN + email.casefold()] if email and not re.search(r"\s", email) else []


def query_words(text: str) -> list[str]:
    """Return the words of a text that somebody typed: what has an @ is an address, or its start."""
    words: dict[str, None] = {}
    for part in text.split():
        is_address = EMAIL_SIGN in part[1:]
        words |= dict.fromkeys(email_words(part) if is_address else split_words(part))
    return list(words)


def lookup_term(word: str) -> str:
    """Return the indexed term to look up for a typed word."""
    return word[:MAX_TERM_LENGTH]


def is_prefix(word: str) -> bool:
    """True if the word is long enough to match as a prefix; one Latin letter is not."""
    return len(word) >= _min_prefix_length(word)


def index_terms(words: list[str]) -> list[str]:
    """Return the terms to index for `indexed_words`: the prefixes of each word."""
    prefixes: dict[str, None] = {}
    for part in _with_suffixes(words):
        longest = min(len(part), MAX_TERM_LENGTH)
        shortest = min(_min_prefix_length(part), longest)
        prefixes |= dict.fromkeys(part[:length] for length in range(shortest, longest + 1))
    return list(prefixes)[:MAX_TERMS]


def words_match(words: list[str], typed: list[str]) -> bool:
    """True if each typed word is a prefix of one of the `indexed_words`, or of a suffix of one.

    The initial in "J Smith" is a prefix too, but alone it only matches a one-letter word.
    """
    parts = _with_suffixes(words)
    if not any(map(is_prefix, typed)):
        return set(typed) <= set(parts)
    return all(any(part.startswith(word) for part in parts) for word in typed)


def _with_suffixes(words: list[str]) -> list[str]:
    """Return the words, then the suffixes of words in scripts without spaces."""
    suffixes = (
        word[place:]
        for word in words
        if UNSPACED.search(word)
        for place in range(1, min(len(word), MAX_PARTS))
    )
    return [*words, *suffixes]


def _min_prefix_length(word: str) -> int:
    """Return the shortest useful prefix: 1 character in scripts with thousands of them, else 2."""
    return 1 if UNSPACED.match(word) else 2


def _is_letter(char: str) -> bool:
    """Marks count too: some scripts write them around their letters."""
    return char.isalnum() or unicodedata.category(char).startswith("M")
