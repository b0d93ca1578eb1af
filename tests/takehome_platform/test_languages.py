"""Pages speak the browser's language, and the deployment's where they do not have it."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import translation

from takehome_platform.env_validators import parse_language

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de", "de"), ("de-AT,de;q=0.9,en;q=0.8", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en")],
)
def test_a_page_is_in_the_language_of_the_browser(
    client: Client, accepted: str, language: str
) -> None:
    response = client.get("/login/", headers={"accept-language": accepted})
    page = response.content.decode()
    assert f'<html lang="{language}">' in page
    assert f"/shared/texts/{language}.js" in page
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


def test_the_language_that_was_chosen_comes_before_the_browsers(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    response = client.get("/login/", headers={"accept-language": "en"})
    assert b'<html lang="de">' in response.content


def test_a_page_in_german_has_german_texts(client: Client) -> None:
    response = client.get("/login/", headers={"accept-language": "de"})
    assert "Zum Hauptinhalt springen" in response.content.decode()


def test_a_deployment_decides_for_other_browsers(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "de")
    response = client.get("/login/", headers={"accept-language": "fr"})
    assert b'<html lang="de">' in response.content


def test_the_setting_is_one_of_the_languages_in_any_case() -> None:
    assert parse_language("DEFAULT_LANGUAGE", " DE ", ["en", "de"]) == "de"
    assert parse_language("DEFAULT_LANGUAGE", "", ["en", "de"]) == "en"


def test_a_language_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ImproperlyConfigured, match="DEFAULT_LANGUAGE must be one of: en, de"):
        parse_language("DEFAULT_LANGUAGE", "fr", ["en", "de"])


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_begins_in_the_default_language(client: Client, turn: str) -> None:
    # In whichever order these two run, the second would begin in the first one's language.
    assert translation.get_language() == settings.LANGUAGE_CODE
    client.get("/login/", headers={"accept-language": "de"})
    assert translation.get_language() == "de"
