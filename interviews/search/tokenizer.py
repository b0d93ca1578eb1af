"""The words of a text as a search compares them, in any script. No I/O.

Case, accents and the width of letters do not matter. What a person types is the beginning of a
word; in scripts that put no space between words, also of any later part of it.
"""

import re
import unicodedata

# A term is the beginning of a word: at most so many of its characters.
MAX_TERM_LENGTH = 10
# A name of two hundred characters must not fill the table: so many words, parts and terms are kept.
MAX_WORDS = 20
MAX_PARTS = 20
MAX_TERMS = 250

# Letters that are typed as others, and that Unicode does not take apart.
LETTER_FOLDS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
APOSTROPHES = str.maketrans("", "", "'`\u2018\u2019\u02bc\u02b9")
# Thai, Lao, Myanmar, Khmer; kana, bopomofo, Han, Hangul, and the planes of rare Han characters.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u312f\u3400-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def split_words(text: str) -> list[str]:
    """The different words of a text, in their order, without case and accents."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    plain = unicodedata.normalize("NFC", bare).translate(LETTER_FOLDS)
    return list(dict.fromkeys("".join(c if _is_letter(c) else " " for c in plain).split()))


def indexed_words(*texts: str) -> list[str]:
    """The words under which the texts can be found: "O'Neil" is `o neil`, and `oneil` as well."""
    found: dict[str, None] = {}
    for text in texts:
        found |= dict.fromkeys(
            [*split_words(text), *split_words(text.translate(APOSTROPHES))][:MAX_WORDS]
        )
    return list(found)


def lookup_term(word: str) -> str:
    """What to look up for a word that a person typed."""
    return word[:MAX_TERM_LENGTH]


def is_prefix(word: str) -> bool:
    """Is it long enough to stand for all words that begin so? One letter is only itself."""
    return len(word) >= _min_prefix_length(word)


def index_terms(found: list[str]) -> list[str]:
    """Everything to look `indexed` words up under: the beginnings of each."""
    beginnings: dict[str, None] = {}
    for part in _with_suffixes(found):
        longest = min(len(part), MAX_TERM_LENGTH)
        shortest = min(_min_prefix_length(part), longest)
        beginnings |= dict.fromkeys(part[:length] for length in range(shortest, longest + 1))
    return list(beginnings)[:MAX_TERMS]


def words_match(found: list[str], wanted: list[str]) -> bool:
    """Does each wanted word begin one of the `indexed` ones, or a later part of it?

    The initial in "J Smith" does so too, but alone it finds only what is one letter.
    """
    parts = _with_suffixes(found)
    if not any(map(is_prefix, wanted)):
        return set(wanted) <= set(parts)
    return all(any(part.startswith(word) for part in parts) for word in wanted)


def _with_suffixes(found: list[str]) -> list[str]:
    """The words themselves first; then where else one may begin to read them."""
    later = (
        word[place:]
        for word in found
        if UNSPACED.search(word)
        for place in range(1, min(len(word), MAX_PARTS))
    )
    return [*found, *later]


def _min_prefix_length(word: str) -> int:
    """How many of its characters say something: fewer in scripts with thousands of them."""
    return 1 if UNSPACED.match(word) else 2


def _is_letter(char: str) -> bool:
    """Also the signs that some scripts write around their letters."""
    return char.isalnum() or unicodedata.category(char).startswith("M")
