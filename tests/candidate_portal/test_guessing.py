"""Many addresses together guess no passcode either, and lock nobody out."""

import pytest
import time_machine
from django.test import Client

from candidate_portal import guessing
from interviews.models import Interview

WRONG = "/take-home/ZZZZZZZZ/"


@pytest.fixture(autouse=True)
def few_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "MAX_IN_ALL", 20)


def guess(address: str, path: str = WRONG) -> int:
    return Client().get(path, REMOTE_ADDR=address).status_code


def attack() -> None:
    """Wrong passcodes from more addresses than the limit for all together."""
    assert {guess(f"198.51.100.{number}") for number in range(20)} == {404}


def test_networks_of_one_ipv6_site_count_together(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "MAX_PER_SITE", 12)
    statuses = [guess(f"2001:db8:0:{number:x}::1") for number in range(13)]
    assert statuses == [404] * 12 + [429]
    assert guess("2001:db8:1::1") == 404


def test_an_address_has_one_guess_while_many_guess(take_home: Interview) -> None:
    attack()
    assert guess("203.0.113.7") == 404
    assert guess("203.0.113.7") == 429
    assert guess("203.0.113.7", f"/take-home/{take_home.passcode}/") == 429


def test_a_right_passcode_gets_in_while_many_guess(take_home: Interview) -> None:
    attack()
    candidate = Client(REMOTE_ADDR="203.0.113.8")
    path = f"/take-home/{take_home.passcode}/"
    assert candidate.get(path).status_code == 200
    # Another one behind the same address guesses; this browser is known.
    assert [guess("203.0.113.8") for _ in range(2)] == [404, 429]
    assert candidate.get(path).status_code == 200


def test_the_brake_is_off_again_a_minute_after_the_attack(tables: None) -> None:
    with time_machine.travel("2030-01-01 00:00:00Z", tick=False) as clock:
        attack()
        assert [guess("203.0.113.7") for _ in range(2)] == [404, 429]
        answer = Client().get(WRONG, REMOTE_ADDR="203.0.113.7")
        assert answer["Retry-After"] == str(guessing.BRAKED_MINUTES * 60)
        clock.shift(61)
        assert [guess("203.0.113.7") for _ in range(2)] == [404, 404]


def test_the_brake_holds_for_ten_minutes_while_the_attack_goes_on(tables: None) -> None:
    with time_machine.travel("2030-01-01 00:00:00Z", tick=False) as clock:
        attack()
        assert [guess("203.0.113.7") for _ in range(2)] == [404, 429]
        clock.shift(9 * 60)
        for number in range(100, 120):
            guess(f"198.51.100.{number}")
        assert guess("203.0.113.7") == 429
        clock.shift(50)
        clock.shift(11)
        for number in range(120, 140):
            guess(f"198.51.100.{number}")
        assert guess("203.0.113.7") == 404


def test_an_attack_is_written_to_the_log(tables: None, caplog: pytest.LogCaptureFixture) -> None:
    attack()
    guess("203.0.113.7")
    assert "passcodes_guessed" in caplog.text
