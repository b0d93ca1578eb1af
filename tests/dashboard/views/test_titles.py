"""Each page has a title of its own, in each language: it names the browser's tab."""

import re

import pytest
from django.test import Client

from interviews.challenges.models import Challenge
from interviews.models import Interview
from tests.e2e.pages import STAFF_PAGES

# Names, and words that German has from English.
SAME = {"admin", "branding", "challenge", "person", "webhooks"}


def titles(client: Client, paths: dict[str, str], language: str) -> dict[str, str]:
    found = {}
    for name, path in paths.items():
        page = client.get(path, headers={"Accept-Language": language}).text
        found[name] = re.sub(
            r"\s+", " ", re.findall(r"<title>(.*?)</title>", page, re.S)[0]
        ).strip()
    return found


@pytest.mark.django_db
def test_every_page_has_a_title_of_its_own(
    staff_client: Client, challenge: Challenge, take_home: Interview
) -> None:
    paths = {
        name: path.replace("settlement-check", challenge.id).replace(
            "/people/1/", f"/people/{staff_client.session['_auth_user_id']}/"
        )
        for name, path in STAFF_PAGES.items()
        # It is the history of take-home tests.
        if name != "take-homes-ended"
    } | {"interview": f"/interviews/{take_home.id}/"}
    english, german = (titles(staff_client, paths, language) for language in ("en", "de"))
    for found in (english, german):
        assert len(set(found.values())) == len(found), sorted(found.values())
        assert all(
            title and not title.startswith(("·", "Takehome Platform")) for title in found.values()
        )
    assert {name for name in paths if english[name] == german[name]} <= SAME, english
