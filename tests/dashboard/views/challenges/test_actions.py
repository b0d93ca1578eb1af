"""Archiving, dry runs and versions of a challenge."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client

from interviews import queries
from interviews.attributes import DRY_RUN
from interviews.challenges import library, versions
from interviews.challenges.models import Challenge
from interviews.models import Interview
from tests.dashboard.html import soup
from tests.dashboard.views.challenges.reading import FRAGMENT, stored_challenge, words


def test_archive_and_restore(staff_client: Client, challenge: Challenge) -> None:
    response = staff_client.post("/challenges/word-count/archive/")
    assert (response.status_code, response["Location"]) == (302, "/challenges/word-count/")
    assert stored_challenge().is_archived
    page = soup(staff_client.get("/challenges/word-count/"))
    assert page.select_one(".badge").get_text() == "Archived"
    response = staff_client.post("/challenges/word-count/restore/", headers=FRAGMENT)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/challenges/word-count/")
    assert not stored_challenge().is_archived
    assert staff_client.post("/challenges/missing/archive/").status_code == 404


def test_archived_challenge_keeps_the_interviews_that_it_has(
    staff_client: Client, take_home: Interview, engine
) -> None:
    staff_client.post("/challenges/word-count/archive/")
    page = staff_client.get(f"/interviews/{take_home.id}/")
    assert "Word count" in page.content.decode()
    assert staff_client.get(f"/take-home/{take_home.passcode}/").status_code == 200
    response = staff_client.post(
        "/api/takehome",
        {"candidateName": "Ada", "challenge": "word-count"},
        content_type="application/json",
    )
    assert response.json()["error"]["field"] == "challenge"


def test_dry_run_opens_a_workspace_of_that_version(
    staff_client: Client, second: Challenge, engine
) -> None:
    response = staff_client.post("/challenges/word-count/dry-run/", {"version": "1"})
    [interview] = queries.list_page(DRY_RUN).items
    assert (response.status_code, response["Location"]) == (302, f"/interviews/{interview.id}/")
    assert (interview.challenge_version, interview.created_by) == (1, "recruiter")
    page = soup(staff_client.get("/challenges/word-count/"))
    assert [words(each) for each in page.select(".dry-runs a")] == ["Dry run of version 1"]
    assert stored_challenge().usage_count is None
    assert staff_client.post("/challenges/word-count/dry-run/", {"version": "9"}).status_code == 404


def test_dry_run_of_a_row_without_versions_gives_it_one(
    staff_client: Client, tables, engine
) -> None:
    Challenge("old", name="Old", duration_minutes=60).save()
    assert words(soup(staff_client.get("/challenges/old/")).select_one("#part-versions p")) == (
        "This becomes version 1 when you next save it."
    )
    staff_client.post("/challenges/old/dry-run/", {"version": ""})
    [interview] = queries.list_page(DRY_RUN).items
    assert interview.challenge_version == 1


def test_dry_run_that_failed_says_why(staff_client: Client, challenge: Challenge) -> None:
    library.record_dry_run("word-count", 1, None, "dryrun-1", "No room.")
    facts = soup(staff_client.get("/challenges/word-count/")).select(".facts dd")
    assert words(facts[-1]).startswith("Failed on ")
    assert words(facts[-1]).endswith(": No room.")


def test_versions_are_paged(staff_client: Client, challenge: Challenge, monkeypatch) -> None:
    monkeypatch.setattr(library, "PAGE_SIZE", 2)
    about = library.resolve_version(challenge).about
    for base in (1, 2):
        files = {"README.md": f"{base}".encode()}
        versions.save_version("word-count", about, files, base=base, by="ada")
    page = soup(staff_client.get("/challenges/word-count/"))
    assert [words(each) for each in page.select(".versions a")] == ["Version 3", "Version 2"]
    older = page.select_one("#part-versions > p > a")["href"]
    assert older == "?before=2#versions-title"
    page = soup(staff_client.get("/challenges/word-count/?before=2"))
    assert [words(each) for each in page.select(".versions a")] == ["Version 1"]


def test_interview_keeps_the_version_it_was_created_with(
    staff_client: Client, challenge: Challenge, invite: Callable[..., Interview]
) -> None:
    interview = invite()
    versions.save_version(
        "word-count",
        library.resolve_version(challenge).about,
        {"README.md": b"# Later\n"},
        base=1,
        by="ada",
    )
    assert interview.challenge_version == 1
    version = library.get_version("word-count", int(interview.challenge_version))
    assert version is not None
    assert library.read_files(version)["README.md"] == b"# Word count\n"
    assert stored_challenge().usage_count == 1
    assert (datetime.now(UTC) - stored_challenge().last_used_at).total_seconds() < 60
