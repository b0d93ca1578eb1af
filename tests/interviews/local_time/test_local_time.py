"""Local times to UTC: hours that a clock change skips or repeats, and invalid input."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interviews import local_time
from interviews.local_time import (
    AmbiguousTimeError,
    InvalidLocalTimeError,
    UnknownZoneError,
    local_to_utc,
    zone_names,
)

NO_TIME = "Enter a valid date and time."


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def refusal(*args) -> str:
    with pytest.raises(InvalidLocalTimeError) as caught:
        local_to_utc(*args)
    return str(caught.value)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        ("2026-11-24T09:00", "UTC", "2026-11-24T09:00"),
        ("2026-11-24T09:00", "Europe/Berlin", "2026-11-24T08:00"),
        ("2026-07-24T09:00:30", "Europe/Berlin", "2026-07-24T07:00:30"),
        ("2026-11-24T09:00", "Asia/Kathmandu", "2026-11-24T03:15"),
        # An alias of Asia/Kolkata that some browsers still use.
        ("2026-11-24T09:00", "Asia/Calcutta", "2026-11-24T03:30"),
        # The last instant before a gap, and the first after it.
        ("2027-03-28T01:59:59", "Europe/Berlin", "2027-03-28T00:59:59"),
        ("2027-03-28T03:00", "Europe/Berlin", "2027-03-28T01:00"),
        # The last before a repeated hour, and the first after it.
        ("2027-10-31T01:59:59", "Europe/Berlin", "2027-10-30T23:59:59"),
        ("2027-10-31T03:00", "Europe/Berlin", "2027-10-31T02:00"),
    ],
)
def test_unambiguous_time_is_converted(local: str, zone: str, expected: str) -> None:
    assert local_to_utc(local, zone) == utc(expected)


@pytest.mark.parametrize(
    ("local", "zone", "sentence"),
    [
        (
            "2026-03-29T02:30",
            "Europe/Berlin",
            "On 29 Mar 2026, clocks in Europe/Berlin go forward from 02:00 to 03:00, so 02:30 "
            "doesn't exist. The next valid time is 03:00.",
        ),
        (
            "2026-10-04T02:15",
            "Australia/Lord_Howe",
            "On 4 Oct 2026, clocks in Australia/Lord_Howe go forward from 02:00 to 02:30, so 02:15 "
            "doesn't exist. The next valid time is 02:30.",
        ),
        (
            "2011-12-30T12:00",
            "Pacific/Apia",
            "On 30 Dec 2011, clocks in Pacific/Apia go forward from 00:00 to 31 Dec 2011, 00:00, "
            "so 12:00 doesn't exist. The next valid time is 31 Dec 2011, 00:00.",
        ),
    ],
)
def test_skipped_time_names_the_change_and_the_next_time(
    local: str, zone: str, sentence: str
) -> None:
    assert refusal(local, zone) == sentence


def test_repeated_time_needs_a_choice() -> None:
    with pytest.raises(AmbiguousTimeError) as caught:
        local_to_utc("2026-10-25T02:30", "Europe/Berlin")
    assert (str(caught.value), caught.value.options) == (
        "On 25 Oct 2026, clocks in Europe/Berlin go back from 03:00 to 02:00, "
        "so 02:30 occurs twice.",
        ("The first 02:30 CEST (UTC+02:00)", "The second 02:30 CET (UTC+01:00)"),
    )


def test_repeated_time_is_the_chosen_one() -> None:
    chosen = [local_to_utc("2026-10-25T02:30", "Europe/Berlin", second) for second in (False, True)]
    assert chosen == [utc("2026-10-25T00:30"), utc("2026-10-25T01:30")]


def test_zone_without_abbreviation_shows_its_offset() -> None:
    with pytest.raises(AmbiguousTimeError) as caught:
        local_to_utc("2026-04-05T01:45", "Australia/Lord_Howe")
    assert caught.value.options == ("The first 01:45 (UTC+11:00)", "The second 01:45 (UTC+10:30)")


def test_choice_is_ignored_for_an_unambiguous_time() -> None:
    assert local_to_utc("2026-11-24T09:00", "Europe/Berlin", True) == utc("2026-11-24T08:00")
    assert "doesn't exist" in refusal("2026-03-29T02:30", "Europe/Berlin", True)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "\x00"]
)
def test_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZoneError):
        local_to_utc("2026-11-24T09:00", zone)


@pytest.mark.parametrize(
    "local",
    ["", "tomorrow", "2026-11-24", "2026-02-30T09:00", "2026-11-24T25:00", "2026-11-24 09:00",
     "2026-11-24T09:00Z", "2026-11-24T09:00+01:00", "9" * 5000, "２０２６-11-24T09:00", "\x00"],
)  # fmt: skip
def test_invalid_time_is_refused(local: str) -> None:
    assert refusal(local, "Europe/Berlin") == NO_TIME


@pytest.mark.parametrize(
    ("local", "zone"),
    [("0001-01-01T00:00", "Asia/Tokyo"), ("9999-12-31T23:59", "America/New_York")],
)
def test_times_at_the_limits_of_the_calendar_are_refused(local: str, zone: str) -> None:
    assert refusal(local, zone) == NO_TIME


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tehran"]),
)
@example(datetime(2027, 3, 28, 2, 30), "Europe/Berlin")  # noqa: DTZ001
@example(datetime(2027, 10, 31, 2, 30), "Europe/Berlin")  # noqa: DTZ001
def test_result_shows_the_local_time(local: datetime, zone: str) -> None:
    """And a time without a result never occurs."""
    local = local.replace(microsecond=0)
    try:
        found = [local_to_utc(local.isoformat(), zone)]
    except AmbiguousTimeError:
        found = [local_to_utc(local.isoformat(), zone, second) for second in (False, True)]
        assert found[0] < found[1]
    except InvalidLocalTimeError:
        found = []
    shown = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in found]
    assert shown == [local] * len(found)
    if not found:
        day = [local.replace(tzinfo=UTC) + timedelta(minutes=15) * n for n in range(-96, 97)]
        on_the_wall = {at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in day}
        assert local not in on_the_wall


def test_zones_have_the_names_that_browsers_use() -> None:
    wanted = {"UTC", "Europe/Berlin", "Asia/Calcutta", "Asia/Kolkata", "America/Argentina/Ushuaia"}
    assert wanted - set(zone_names()) == set()


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" Berlin ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("Mars", None),
        ("", None),
    ],
)
def test_zone_is_found_by_its_city(typed, zone):
    assert local_time.find_zone(typed) == zone


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        ("2026-11-24T09:00", "Europe/Berlin", ["2026-11-24T08:00"]),
        ("2026-10-25T02:30", "Europe/Berlin", ["2026-10-25T00:30", "2026-10-25T01:30"]),
        # Skipped: with the offset from before the change it is 03:30.
        ("2026-03-29T02:30", "Europe/Berlin", ["2026-03-29T01:30"]),
    ],
)
def test_readings_are_all_instants_that_a_local_time_may_mean(local, zone, expected):
    assert local_time.readings(local, zone) == tuple(map(utc, expected))


@pytest.mark.parametrize(
    ("local", "zone"),
    [("2026-11-24T09:00", "Mars/Base"), ("9 am", "UTC"), ("0001-01-01T00:00", "Asia/Tokyo")],
)
def test_readings_refuse_what_names_no_instant(local, zone):
    with pytest.raises(InvalidLocalTimeError):
        local_time.readings(local, zone)


@pytest.mark.parametrize("local", ["2026-11-24T09:00", "2026-07-24T09:00:30"])
def test_an_instant_has_the_local_time_it_was_read_from(local):
    at = local_to_utc(local, "Asia/Kathmandu")
    assert local_time.utc_to_local(at, "Asia/Kathmandu") == local
