"""The pinned time zone data wins over the system's, in every process."""

import os
import subprocess
import sys
import zoneinfo
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from interviews.local_time import local_to_utc, zone_data
from takehome_platform.local_stack.config import ROOT

# As people in Alberta, British Columbia and Morocco read their clocks since autumn 2026.
SINCE_2026F = [
    ("2026-12-15T10:00", "America/Edmonton", "2026-12-15T16:00:00+00:00"),
    ("2026-12-15T10:00", "America/Vancouver", "2026-12-15T17:00:00+00:00"),
    ("2026-12-15T10:00", "Africa/Casablanca", "2026-12-15T10:00:00+00:00"),
    # In Ramadan, for which the clocks do not change any more.
    ("2027-02-20T10:00", "Africa/Casablanca", "2027-02-20T10:00:00+00:00"),
]


@pytest.mark.parametrize(("local", "zone", "instant"), SINCE_2026F)
def test_changed_rules_are_known(local: str, zone: str, instant: str) -> None:
    assert local_to_utc(local, zone).isoformat() == instant


@pytest.fixture
def older_system(tmp_path: Path) -> Path:
    """A system's database in which Edmonton still changes its clocks, as Denver does."""
    zone = tmp_path / "America" / "Edmonton"
    zone.parent.mkdir()
    zone.write_bytes(resources.files("tzdata.zoneinfo.America").joinpath("Denver").read_bytes())
    return tmp_path


@pytest.mark.parametrize(
    "module",
    [
        "interviews.local_time",
        "takehome_platform.settings",
        "takehome_platform.asgi",
        "takehome_platform.celery",
        "takehome_platform.local_stack.config",
        "tests.settings",
    ],
)
def test_the_pinned_data_wins_over_an_older_system(older_system: Path, module: str) -> None:
    script = (
        "from datetime import datetime, UTC; from zoneinfo import ZoneInfo\n"
        "edmonton = lambda: datetime(2026, 12, 15, 10, tzinfo=ZoneInfo('America/Edmonton'))\n"
        "before = edmonton().astimezone(UTC).hour\n"
        f"import {module}\n"
        "print(before, edmonton().astimezone(UTC).hour)"
    )
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONTZPATH": str(older_system),
        "SECRET_KEY": "b7!kq2-mXw9$z4Lr0pTn6vYc8sHd1fGj3aQe5uRi7oWx2yZt-KqPz",
        "DEBUG": "true",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "17 16\n", ran.stderr


def test_no_zone_of_the_system_is_used() -> None:
    assert zoneinfo.TZPATH == ()
    source = resources.files("tzdata.zoneinfo").joinpath("tzdata.zi").read_text()
    assert source.startswith(f"# version {zone_data.VERSION}\n")
    year, letter = zone_data.VERSION[:4], zone_data.VERSION[4]
    assert zone_data.PACKAGE_VERSION.startswith(f"{year}.{ord(letter) - ord('a') + 1}")


def test_the_earliest_day_of_the_data_is_in_the_year_of_its_version() -> None:
    since = zone_data.not_older_than()
    assert since.year == int(zone_data.VERSION[:4])
    assert since >= date(2026, 7, 6)


def test_without_a_list_of_leap_seconds_it_is_the_first_day_of_the_year(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert zone_data.not_older_than() == date(int(zone_data.VERSION[:4]), 1, 1)
