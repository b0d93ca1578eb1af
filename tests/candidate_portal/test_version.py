"""The page is of the version of the challenge that the candidate was invited to."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from pynamodb.connection.base import Connection

from interviews.challenges import versions
from interviews.challenges.models import Challenge, Version
from interviews.models import Interview
from tests.conftest import fresh


@pytest.fixture
def rewritten(challenge: Challenge, take_home: Interview) -> Interview:
    """A test whose challenge has another name, text and language by now."""
    versions.put_challenge(
        challenge.id,
        name="Letter count",
        description="Count its letters.",
        language="Go",
        duration_minutes=60,
        files={"README.md": b"# Letter count\n"},
    )
    assert int(Challenge.get(challenge.id).number) > int(take_home.challenge_version)
    return take_home


def page_of(client: Client, interview: Interview) -> str:
    return client.get(f"/take-home/{interview.passcode}/").text


def test_a_newer_version_changes_nothing_for_who_was_invited_before(
    client: Client, rewritten: Interview
) -> None:
    page = page_of(client, rewritten)
    assert "Word count" in page and "Count the words of a text." in page
    # What is read of it: a random token in the page's source may have any two letters.
    text = BeautifulSoup(page, "html.parser").get_text()
    assert not [word for word in ("Letter", "letters", "Go") if word in text]
    answer = client.get(f"/api/interviews/by-passcode/{rewritten.passcode}").json()
    assert "Letter" not in str(answer)


def test_who_is_invited_again_reads_the_newer_one(client: Client, rewritten: Interview) -> None:
    rewritten.change(challenge_version=rewritten.challenge_version + 1)
    assert "Count its letters." in page_of(client, fresh(rewritten))


def test_without_its_version_the_page_shows_the_current_one(
    client: Client, rewritten: Interview
) -> None:
    Version.get(rewritten.challenge, int(rewritten.challenge_version)).delete()
    assert "Count its letters." in page_of(client, rewritten)
    # Interviews of before there were versions have none, and then challenges had none either.
    rewritten.change(challenge_version=None)
    assert "Count its letters." in page_of(client, fresh(rewritten))
    Challenge.get(rewritten.challenge).update([Challenge.number.remove()])
    assert "Count its letters." in page_of(client, rewritten)


def test_without_its_challenge_the_page_has_its_id(client: Client, rewritten: Interview) -> None:
    for version in Version.query(rewritten.challenge):
        version.delete()
    Challenge.get(rewritten.challenge).delete()
    assert rewritten.challenge in page_of(client, rewritten)


def test_a_page_reads_its_row_alone_again(
    client: Client, running: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_of(client, running)
    asked, dispatch = [], Connection.dispatch

    def record(connection: Connection, operation: str, wanted: dict[str, Any]) -> Any:
        asked.append(operation)
        return dispatch(connection, operation, wanted)

    monkeypatch.setattr(Connection, "dispatch", record)
    page_of(client, running)
    assert asked == ["GetItem"]
