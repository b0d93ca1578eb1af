"""One POST to a receiver that may be slow, broken, endless, or at a forbidden address."""

import threading

import pytest

from operations.webhooks import address_check, http_client
from tests import receiver as receivers
from tests.receiver import LOOPBACK, seconds, status, unused_port

BODY = '{"id":"1"}'


def post(url):
    return http_client.post_json(url, BODY, {"webhook-id": "1"})


def came_to(outcome):
    return outcome.is_delivered, outcome.status_code, outcome.error


@pytest.fixture
def hurried(monkeypatch):
    """Reduce the total timeout to one second."""
    monkeypatch.setattr(http_client, "TOTAL_TIMEOUT_SECONDS", 1.0)


def test_body_and_headers_arrive_unchanged(receiver):
    outcome = post(receiver.url)
    assert came_to(outcome) == (True, 200, "")
    (request,) = receiver.received
    assert (request.path, request.body) == ("/in?key=1", BODY.encode())
    assert request.headers == {
        "webhook-id": "1",
        "content-type": "application/json",
        "user-agent": "Takehome-Platform-Webhooks/1",
        "accept": "*/*",
        "connection": "close",
        "host": f"{LOOPBACK}:{receiver.port}",
        "content-length": "10",
    }


@pytest.mark.parametrize("path", ["", "/", "/a;b?c;d=%20", "/a?"])
def test_path_arrives_unchanged(receiver, path):
    post(f"http://{LOOPBACK}:{receiver.port}{path}")
    assert receiver.received[0].path in (path or "/", path.removesuffix("?"))


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_2xx_is_delivered(receiver, code):
    receiver.answer = status(code)
    assert came_to(post(receiver.url)) == (True, code, "")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (400, "It answered 400 Bad Request."),
        (404, "It answered 404 Not Found."),
        (500, "It answered 500 Internal Server Error."),
        (599, "It answered 599."),
    ],
)
def test_other_statuses_are_failures(receiver, code, sentence):
    receiver.answer = status(code)
    assert came_to(post(receiver.url)) == (False, code, sentence)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/", "/in"])
def test_redirect_is_not_followed(receiver, code, location):
    receiver.answer = status(code, Location=location)
    sentence = f"It answered {code}, a redirect. Redirects aren't followed."
    assert came_to(post(receiver.url)) == (False, code, sentence)
    assert len(receiver.received) == 1


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("answer", [receivers.silence, receivers.trickle])
def test_missing_response_times_out(receiver, answer):
    receiver.answer = answer
    outcomes = []
    assert seconds(lambda: outcomes.append(post(receiver.url))) < 3
    assert came_to(outcomes[0]) == (False, None, "It didn't respond within 1 seconds.")


@pytest.mark.usefixtures("hurried")
def test_endless_body_times_out(receiver):
    receiver.answer = receivers.trickling_body
    outcomes = []
    assert seconds(lambda: outcomes.append(post(receiver.url))) < 3
    assert came_to(outcomes[0]) == (
        True,
        200,
        "Its response wasn't complete within 1 seconds.",
    )


def test_large_body_is_not_read(receiver):
    receiver.answer = receivers.gigabyte
    sentence = "Its response was longer than the 64 KB that are read."
    assert came_to(post(receiver.url)) == (True, 200, sentence)
    # Only what was already in buffers; the rest is never sent.
    assert receiver.megabytes < 50


def test_body_of_a_failure_is_not_read(receiver):
    def failing_gigabyte(receiver, request):
        request.send_response_only = lambda *_: type(request).send_response_only(request, 500)
        receivers.gigabyte(receiver, request)

    receiver.answer = failing_gigabyte
    assert came_to(post(receiver.url)) == (False, 500, "It answered 500 Internal Server Error.")
    assert receiver.megabytes < 50


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (receivers.broken_off, "The connection was closed before a response arrived."),
        (receivers.nonsense, "Its response wasn't HTTP."),
    ],
)
def test_invalid_response_is_reported(receiver, answer, sentence):
    receiver.answer = answer
    assert came_to(post(receiver.url)) == (False, None, sentence)


def test_endless_headers_are_not_read(receiver):
    receiver.answer = status(200, X_Long="a" * 200_000)
    assert came_to(post(receiver.url)) == (False, None, "Its response wasn't HTTP.")


def test_refused_connection_is_reported(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    outcome = post(f"http://{LOOPBACK}:{unused_port()}/")
    assert came_to(outcome) == (False, None, "The connection was refused.")


@pytest.mark.parametrize(("value", "expected"), [("120", 120), ("9999999", 21_600), ("soon", 0)])
def test_retry_after_header_is_parsed_and_limited(receiver, value, expected):
    receiver.answer = status(503, Retry_After=value)
    assert post(receiver.url).retry_after == expected


# -- forbidden addresses ---------------------------------------------------------------------------


def test_private_address_is_refused_when_connecting(receiver, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    settings.DEBUG = True
    sentence = (
        f"{LOOPBACK} leads to {LOOPBACK}, which isn't a public address. "
        "(Set WEBHOOK_ALLOW_PRIVATE=true to allow it.)"
    )
    assert came_to(post(receiver.url)) == (False, None, sentence)
    assert receiver.received == []


def test_host_that_now_resolves_to_a_private_address_is_refused(receiver, settings, monkeypatch):
    """When the webhook was saved, its host had a public address."""
    settings.WEBHOOK_ALLOW_PRIVATE = False
    settings.DEBUG = True
    answers = iter([["93.184.216.34"], [LOOPBACK]])
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: next(answers))
    url = f"http://hooks.example.com:{receiver.port}/"
    assert address_check.resolve_public_addresses(*address_check.check_url(url)) == [
        "93.184.216.34"
    ]
    assert post(url).error.startswith(f"hooks.example.com leads to {LOOPBACK}")
    assert receiver.received == []


def test_host_is_resolved_once_for_check_and_connection(receiver, monkeypatch):
    """A DNS answer that changes after the check (DNS rebinding) has no effect."""
    queries = []

    def changing(host, port):
        queries.append((host, port))
        return [LOOPBACK] if len(queries) == 1 else ["169.254.169.254"]

    monkeypatch.setattr(address_check, "_getaddrinfo", changing)
    outcome = post(f"http://hooks.example.com:{receiver.port}/")
    assert came_to(outcome) == (True, 200, "")
    assert queries == [("hooks.example.com", receiver.port)]
    assert receiver.received[0].headers["host"] == f"hooks.example.com:{receiver.port}"


def test_next_address_is_tried_if_the_first_refuses(receiver, monkeypatch):
    monkeypatch.setattr(address_check, "_getaddrinfo", lambda host, port: ["127.0.0.2", LOOPBACK])
    outcome = post(f"http://hooks.example.com:{receiver.port}/")
    assert came_to(outcome) == (True, 200, "")


def test_plain_http_is_refused_once_it_is_no_longer_allowed(receiver, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    assert post(receiver.url).error.startswith("The address must start with https://")
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_used(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{LOOPBACK}:{unused_port()}")
    assert came_to(post(receiver.url)) == (True, 200, "")


def test_attempts_run_concurrently(receiver):
    """Each attempt has its own connection."""
    together = threading.Barrier(3)

    def all_at_once(receiver, request):
        together.wait(10)
        status(200)(receiver, request)

    receiver.answer = all_at_once
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(post(receiver.url))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [came_to(outcome) for outcome in outcomes] == [(True, 200, "")] * 3
