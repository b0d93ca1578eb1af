"""Codes of the app and recovery codes: each is taken once, and no secret can be read."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
import time_machine
from django.contrib.auth.models import User
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from dashboard.second_factor import devices
from dashboard.second_factor.devices import CodeKind
from tests.authenticator import code_for_text
from tests.second_factor import code_of, turn_on

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_it_is_off_until_a_code_confirms_the_key(staff: User) -> None:
    device = devices.start_set_up(staff)
    assert devices.is_on(staff) is False
    assert devices.confirm(staff, "000000x") is False
    assert devices.confirm(staff, code_for_text(devices.key_text(device))) is True
    assert devices.is_on(staff) is True
    assert devices.in_set_up(staff) is None


def test_a_new_set_up_drops_the_key_that_nobody_confirmed(staff: User) -> None:
    first = devices.start_set_up(staff)
    second = devices.start_set_up(staff)
    assert first.key != second.key
    assert TOTPDevice.objects.get(user=staff).key == second.key


def test_a_code_is_taken_once(staff: User) -> None:
    turn_on(staff)
    code = code_of(staff)
    assert devices.use_code(staff, code) is CodeKind.APP
    assert devices.use_code(staff, code) is None


@pytest.mark.parametrize("neighbour", [-1, 0, 1])
def test_the_code_before_and_after_are_taken_and_no_other(staff: User, neighbour: int) -> None:
    with time_machine.travel(NOON, tick=False):
        turn_on(staff)
        assert devices.use_code(staff, code_of(staff, steps=-2)) is None
        assert devices.use_code(staff, code_of(staff, steps=2)) is None
        assert devices.use_code(staff, code_of(staff, steps=neighbour)) is CodeKind.APP


def test_wrong_codes_do_not_keep_a_right_one_out(staff: User) -> None:
    """The platform's own limits do that, and say so."""
    turn_on(staff)
    for _ in range(20):
        assert devices.use_code(staff, "wrong-code") is None
        assert devices.use_code(staff, f"{(int(code_of(staff)) + 500_000) % 1_000_000:06}") is None
    assert devices.use_code(staff, code_of(staff)) is CodeKind.APP


@pytest.mark.parametrize("form", ["{0[0]} {0[1]}", " {0[0]}-{0[1]} "])
def test_a_code_may_be_written_in_groups(staff: User, form: str) -> None:
    turn_on(staff)
    code = code_of(staff)
    assert devices.use_code(staff, form.format((code[:3], code[3:]))) is CodeKind.APP


def test_only_ascii_digits_are_a_code(staff: User) -> None:
    turn_on(staff)
    arabic = code_of(staff).translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    for text in (arabic, f"+{code_of(staff)}", f"0{code_of(staff)}", ""):
        assert devices.use_code(staff, text) is None
    assert devices.use_code(staff, code_of(staff)) is CodeKind.APP


def test_each_recovery_code_is_taken_once_however_it_is_written(staff: User) -> None:
    codes = turn_on(staff)
    assert len(set(codes)) == devices.recovery_codes_left(staff) == 10
    for code in (codes[0], codes[1].upper(), f" {codes[2].replace('-', ' ')} "):
        assert devices.use_code(staff, code) is CodeKind.RECOVERY
        assert devices.use_code(staff, code) is None
    assert devices.recovery_codes_left(staff) == 7


def test_new_recovery_codes_replace_the_old_ones(staff: User) -> None:
    old = turn_on(staff)
    new = devices.new_recovery_codes(staff)
    assert devices.use_code(staff, old[0]) is None
    assert devices.use_code(staff, new[0]) is CodeKind.RECOVERY


def test_a_recovery_code_is_worth_nothing_to_somebody_else(staff: User, outsider: User) -> None:
    codes = turn_on(staff)
    turn_on(outsider)
    assert devices.use_code(outsider, codes[0]) is None


def test_recovery_codes_are_stored_as_hashes(staff: User) -> None:
    codes = turn_on(staff)
    stored = " ".join(StaticToken.objects.values_list("token", flat=True)).lower()
    assert not any(code.replace("-", "") in stored for code in codes)


def test_without_an_app_recovery_codes_are_worth_nothing(staff: User) -> None:
    codes = turn_on(staff)
    TOTPDevice.objects.filter(user=staff).delete()
    assert devices.use_code(staff, codes[0]) is None


def test_remove_takes_everything_away(staff: User) -> None:
    turn_on(staff)
    assert devices.remove(staff) is True
    assert devices.remove(staff) is False
    assert devices.recovery_codes_left(staff) == 0


def test_the_picture_holds_the_key_as_apps_read_it(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    whole = segno.make

    def make(uri: str, **rest: Any) -> Any:
        seen.append(uri)
        return whole(uri, **rest)

    monkeypatch.setattr(segno, "make", make)
    device = devices.start_set_up(staff)
    svg = devices.qr_code(device)
    assert svg.startswith("<svg") and "http" not in svg and "style" not in svg
    uri = urlsplit(seen[0])
    values = parse_qs(uri.query)
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/recruiter")
    assert values["secret"] == [devices.key_text(device).replace(" ", "")]
    assert values["issuer"] == ["Takehome Platform"]


def test_a_clock_that_drifts_is_followed(staff: User) -> None:
    turn_on(staff)
    at = NOON
    for behind in (-1, -2, -3):
        with time_machine.travel(at, tick=False):
            assert devices.use_code(staff, code_of(staff, steps=behind)) is CodeKind.APP
        at += timedelta(hours=1)
