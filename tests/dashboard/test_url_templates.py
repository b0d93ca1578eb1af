"""URLs with one id are those that Django makes."""

import pytest
from django.urls import NoReverseMatch, reverse

from dashboard.url_templates import url_with_id


@pytest.mark.parametrize("name", ["dashboard:interview", "dashboard:end", "candidate_portal:page"])
@pytest.mark.parametrize("id_", ["takehome-12-ab", "-id-", "a b", "ä?&#%", "x:y@z~'(1)", '"<i>'])
def test_url_is_that_of_reverse(name: str, id_: str) -> None:
    assert url_with_id(name, id_) == reverse(name, args=[id_])


def test_slash_of_an_id_leads_to_no_other_page() -> None:
    assert url_with_id("dashboard:interview", "a/end") == "/interviews/a%2Fend/"


def test_name_without_an_id_is_refused() -> None:
    with pytest.raises(NoReverseMatch):
        url_with_id("dashboard:history", "a")
