"""The checks that candidates may run themselves, on their page and in their API."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from interviews.challenges import library, versions
from interviews.challenges.checks.manifest import MANIFEST
from interviews.challenges.models import Challenge
from interviews.challenges.starting_files import StartingFiles
from interviews.models import Interview
from operations import actions
from operations.worker import runner
from tests.checking import CHECK_FILES, TOML
from tests.conftest import fresh
from tests.fakes import FakeProvisioner

COMMAND = "python3 -m unittest <tests> && echo 'done'"
VISIBLE = b"visible = true\n"
NAMED = TOML.replace(VISIBLE, VISIBLE + f'candidate_command = "{COMMAND}"\n'.encode())


def save(manifest: bytes) -> None:
    current = library.get_version("word-count", None)
    assert current is not None
    files = library.read_files(current) | CHECK_FILES
    files |= StartingFiles({MANIFEST: manifest})
    versions.save_version("word-count", current.about, files, base=int(current.number), by="ada")


@pytest.fixture
def begin(
    challenge: Challenge, invite: Callable[..., Interview], engine: FakeProvisioner
) -> Callable[[], Interview]:
    """Call it for a candidate who is invited to the current version, and works."""

    def call() -> Interview:
        interview = invite()
        runner.run_operation(actions.activate(interview, by="candidate"))
        return fresh(interview)

    return call


@pytest.fixture
def running(begin: Callable[[], Interview]) -> Interview:
    save(NAMED)
    return begin()


def page_of(client: Client, interview: Interview) -> str:
    return client.get(f"/take-home/{interview.passcode}/").text


def answer_of(client: Client, interview: Interview) -> dict[str, object]:
    return dict(client.get(f"/api/interviews/by-passcode/{interview.passcode}").json())


def test_who_works_reads_what_they_can_run_and_nothing_else(
    client: Client, running: Interview
) -> None:
    page = page_of(client, running)
    assert "python3 -m unittest &lt;tests&gt; &amp;&amp; echo &#39;done&#39;" in page
    assert "Given" in page and "Checks you can run" in page
    answer = answer_of(client, running)
    assert answer["checks"] == [{"name": "Given", "command": COMMAND}]
    for secret in ("run given", "Hidden", "run hidden", "test_count", ".checks", "solved"):
        assert secret not in page
        assert secret not in str(answer)


def test_nobody_reads_them_without_a_workspace(
    client: Client, challenge: Challenge, invite: Callable[..., Interview]
) -> None:
    save(NAMED)
    before = invite()
    assert "Checks you can run" not in page_of(client, before)
    assert answer_of(client, before)["checks"] == []


def test_a_visible_check_without_a_command_is_not_mentioned(
    client: Client, begin: Callable[[], Interview]
) -> None:
    """As in all versions of before there were such commands."""
    save(TOML)
    interview = begin()
    assert "Checks you can run" not in page_of(client, interview)
    assert answer_of(client, interview)["checks"] == []


def test_they_are_those_of_the_invitation(client: Client, running: Interview) -> None:
    save(NAMED.replace(b"unittest", b"pytest"))
    assert "unittest" in page_of(client, fresh(running))


def test_an_edit_of_the_text_keeps_them(
    client: Client, running: Interview, begin: Callable[[], Interview]
) -> None:
    current = library.get_version("word-count", None)
    assert current is not None
    files = library.read_files(current)
    number = int(current.number)
    # As a form has it, which knows nothing of them.
    about = replace(current.about, candidate_checks=())
    # The same again is no version.
    again = versions.save_version("word-count", about, files, base=number, by="ada")
    assert int(again.number) == number
    about = replace(about, description="Another text.")
    versions.save_version("word-count", about, files, base=number, by="ada")
    later = begin()
    assert later.challenge_version == number + 1
    assert answer_of(client, later)["checks"] == [{"name": "Given", "command": COMMAND}]
