"""Signatures according to the Standard Webhooks specification."""

import base64
import hashlib
import hmac

import pytest
import time_machine
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from operations.webhooks import signing

BODY = '{"status":"completed","candidateName":"Ada \\u00e9"}'


def test_secret_is_32_random_bytes_in_the_specified_format():
    secrets = {signing.new_secret() for _ in range(3)}
    assert len(secrets) == 3
    assert {secret[:6] for secret in secrets} == {"whsec_"}
    assert {len(base64.b64decode(secret[6:])) for secret in secrets} == {32}


@time_machine.travel("2026-03-30T12:00:00Z", tick=False)
def test_signature_equals_an_independent_computation():
    secret = signing.new_secret()
    headers = signing.signature_headers("5a1c", BODY, [secret])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"5a1c.1774872000.{BODY}".encode()
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers == {
        "webhook-id": "5a1c",
        "webhook-timestamp": "1774872000",
        "webhook-signature": f"v1,{signature}",
    }


def test_signature_equals_the_reference_librarys_test_vector():
    """The test vector of another implementation."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with time_machine.travel(1614265330, tick=False):
        headers = signing.signature_headers(
            "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', [secret]
        )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_both_secrets_verify_and_no_other():
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.signature_headers("5a1c", BODY, [new, old])
    for secret in (old, new):
        assert Verifier(secret).verify(BODY, headers)["status"] == "completed"
    with pytest.raises(WebhookVerificationError):
        Verifier(signing.new_secret()).verify(BODY, headers)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_signature_covers_id_and_time(name):
    secret = signing.new_secret()
    headers = signing.signature_headers("5", BODY, [secret])
    headers[name] = str(int(headers[name]) + 1)
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(BODY, headers)
