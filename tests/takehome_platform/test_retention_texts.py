"""How long an interview is kept is said by RETENTION_DAYS, and by no page or text on its own."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

ROOT = Path(settings.BASE_DIR)
APPS = ("candidate_portal", "dashboard", "interviews", "operations", "takehome_platform")
FOLDERS = (*APPS, "docs", "static", "templates")
SUFFIXES = {".py", ".html", ".txt", ".md", ".js", ".yml"}
AT_THE_TOP = ("README.md", "CONTRIBUTING.md", ".env.example")
# How long start times are kept, which name nobody.
NOT_OF_INTERVIEWS = {"START_TIMES_RETENTION = timedelta(days=90)"}
BY_HAND = re.compile(r"\b(90|ninety)[ -]days?\b|\bdays=90\b|\bthree months\b", re.IGNORECASE)


def said_by_hand(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line for line in lines if BY_HAND.search(line) and line not in NOT_OF_INTERVIEWS]


@pytest.mark.parametrize("place", [*FOLDERS, *AT_THE_TOP])
def test_no_text_says_by_hand_how_long_interviews_are_kept(place: str) -> None:
    inside = (path for path in (ROOT / place).rglob("*") if path.suffix in SUFFIXES)
    paths = [ROOT / place] if place in AT_THE_TOP else sorted(inside)
    assert paths != []
    found = {str(path.relative_to(ROOT)): said_by_hand(path) for path in paths}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_default_is_explained_in_the_settings() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    assert "Default: `90`" in page.partition("### RETENTION_DAYS")[2].partition("###")[0]


@pytest.mark.parametrize(("days", "said"), [(90, "90 days"), (30, "30 days"), (1, "1 day")])
def test_pages_say_the_number_of_days(
    client: Client, staff: User, settings: Any, tables: None, days: int, said: str
) -> None:
    client.force_login(staff)
    settings.RETENTION_DAYS = days
    gone = client.get("/interviews/takehome-none/")
    assert f"it ended more than {said} ago" in gone.content.decode()
    assert f"Uploads and their results are kept for {said}." in client.get("/invitations/").text
    assert f"appear here with their files, for {said}." in client.get("/history/").text
    narrowed = client.get("/history/?q=nobody").text
    assert f"Tests and interviews are kept for {said} after they end." in narrowed
