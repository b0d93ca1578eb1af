"""The filters of the dashboard's templates."""

import pytest
from django.utils import translation

from dashboard.templatetags.dashboard import actor_name


@pytest.mark.parametrize(
    ("by", "english", "german"),
    [
        ("ada", "ada", "ada"),
        ("candidate", "candidate", "Kandidat:in"),
        ("schedule", "automatically", "automatisch"),
        ("worker", "automatically", "automatisch"),
        ("the platform", "the platform", "Takehome Platform"),
    ],
)
def test_an_actor_that_is_no_person_is_named_in_the_language_of_the_reader(
    by: str, english: str, german: str
) -> None:
    assert actor_name(by) == english
    with translation.override("de"):
        assert actor_name(by) == german
