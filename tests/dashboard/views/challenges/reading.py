"""Parts of the pages of challenges."""

from interviews.challenges import library
from interviews.challenges.models import Challenge

FRAGMENT = {"HX-Request": "true"}


def words(element) -> str:
    return " ".join(element.get_text().split())


def stored_challenge() -> Challenge:
    challenge = library.get_challenge("word-count")
    assert challenge is not None
    return challenge
