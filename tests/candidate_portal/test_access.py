"""Guessing passcodes on page, API and stream is throttled, without locking others out."""

import pytest
from django.test import Client
from pynamodb.exceptions import QueryError

from candidate_portal import access
from candidate_portal.access import authorize_candidate_stream
from interviews import queries
from operations.sse.consumer import Audience, StreamDenied


def guess(client, times, address="203.0.113.7"):
    return [
        client.get("/take-home/ZZZZZZZZ/", REMOTE_ADDR=address).status_code for _ in range(times)
    ]


def scope_of(passcode, address="203.0.113.7", cookies=""):
    return {
        "query_string": f"passcode={passcode}".encode(),
        "client": [address, 5000],
        "headers": [(b"cookie", cookies.encode())],
    }


async def refusal(scope):
    with pytest.raises(StreamDenied) as caught:
        await authorize_candidate_stream(scope)
    return caught.value


def test_eleventh_wrong_passcode_in_a_minute_is_throttled(client, tables):
    assert guess(client, 12) == [404] * 10 + [429] * 2


def test_throttled_response_says_when_to_retry(client, take_home):
    guess(client, 11)
    for path in (f"/take-home/{take_home.passcode}/", "/api/interviews/by-passcode/ZZZZZZZZ"):
        answer = client.get(path, REMOTE_ADDR="203.0.113.7")
        assert answer.status_code == 429
        assert 1 <= int(answer["Retry-After"]) <= 60


def test_right_passcode_is_refused_while_throttled(client, take_home):
    guess(client, 10)
    answer = client.get(f"/take-home/{take_home.passcode}/", REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 429


async def test_page_api_and_stream_count_together(tables, async_client):
    for _ in range(4):
        await async_client.get("/take-home/ZZZZZZZZ/")
        await async_client.get("/api/interviews/by-passcode/ZZZZZZZZ")
    here = "127.0.0.1"
    assert [(await refusal(scope_of("ZZZZZZZZ", here))).status for _ in range(3)] == [403, 403, 429]
    assert (await async_client.get("/take-home/ZZZZZZZZ/")).status_code == 429


def test_another_address_is_not_throttled(client, take_home):
    guess(client, 11)
    answer = client.get(f"/take-home/{take_home.passcode}/", REMOTE_ADDR="203.0.113.8")
    assert answer.status_code == 200


def test_ipv6_network_counts_as_one_address(client, tables):
    addresses = [f"2001:db8:0:1::{number:x}" for number in range(11)]
    statuses = [guess(client, 1, address)[0] for address in addresses]
    assert statuses == [404] * 10 + [429]
    assert guess(client, 1, "2001:db8:0:2::1") == [404]


def test_right_passcodes_are_not_counted(client, take_home):
    for _ in range(15):
        assert client.get(f"/take-home/{take_home.passcode}/").status_code == 200


def test_browser_that_opened_the_test_is_not_throttled(client, take_home):
    path = f"/take-home/{take_home.passcode}/"
    client.get(path, REMOTE_ADDR="203.0.113.7")
    guess(Client(), 11)
    assert client.get(path, REMOTE_ADDR="203.0.113.7").status_code == 200
    start = client.post(f"{path}start", REMOTE_ADDR="203.0.113.7", headers={"HX-Request": "true"})
    assert start.status_code == 200


async def test_browser_that_opened_the_test_keeps_the_stream(client, take_home):
    client.get(f"/take-home/{take_home.passcode}/")
    cookie = f"{access.COOKIE_NAME}={client.cookies[access.COOKIE_NAME].value}"
    for _ in range(11):
        await refusal(scope_of("ZZZZZZZZ"))
    scope = scope_of(take_home.passcode, cookies=cookie)
    assert await authorize_candidate_stream(scope) == Audience(take_home.id)


def test_browser_that_opened_a_test_is_throttled_for_others(client, invite):
    mine, other = invite(), invite()
    client.get(f"/take-home/{mine.passcode}/", REMOTE_ADDR="203.0.113.7")
    assert guess(client, 11) == [404] * 10 + [429]
    answer = client.get(f"/take-home/{other.passcode}/", REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 429


def test_forged_cookie_is_ignored(client, take_home):
    client.cookies[access.COOKIE_NAME] = (
        f'["{access._passcode_fingerprint(take_home.passcode)}"]:x:y'
    )
    guess(client, 11)
    answer = client.get(f"/take-home/{take_home.passcode}/", REMOTE_ADDR="203.0.113.7")
    assert answer.status_code == 429


def test_cookie_is_http_only_and_holds_no_passcode(client, take_home):
    client.get(f"/take-home/{take_home.passcode}/")
    cookie = client.cookies[access.COOKIE_NAME]
    assert take_home.passcode not in cookie.value
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


async def test_stream_receives_only_its_interview(take_home):
    assert await authorize_candidate_stream(scope_of(take_home.passcode)) == Audience(take_home.id)


async def test_stream_refuses_a_wrong_passcode(take_home):
    for passcode in ("ZZZZZZZZ", "", take_home.id, "%FF"):
        refused = await refusal(scope_of(passcode))
        assert (refused.status, refused.code) == (403, "forbidden")
        assert (str(refused), refused.retry_after) == ("This passcode opens no test.", None)


async def test_stream_says_when_to_try_again(tables):
    for _ in range(10):
        await refusal(scope_of("ZZZZZZZZ"))
    refused = await refusal(scope_of("ZZZZZZZZ"))
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert str(refused) == "Too many wrong passcodes. Please wait a minute and try again."
    assert 1 <= refused.retry_after <= 60


async def test_stream_is_unavailable_while_dynamodb_is(take_home, monkeypatch):
    def away(passcode):
        raise QueryError("no answer")

    monkeypatch.setattr(queries, "get_by_passcode", away)
    refused = await refusal(scope_of(take_home.passcode))
    assert (refused.status, refused.code, refused.retry_after) == (503, "unavailable", 5)
    assert str(refused) == "Please try again in a moment."


async def test_stream_ignores_a_malformed_cookie(take_home):
    for cookies in ("opened=", "opened=a:b:c", "=;;=\x01", f"{access.COOKIE_NAME}=" + "x" * 5000):
        scope = scope_of(take_home.passcode, cookies=cookies)
        assert await authorize_candidate_stream(scope) == Audience(take_home.id)
