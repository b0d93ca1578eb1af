"""Secrets and signatures according to the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

SECRET_BYTES = 32


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature_headers(message_id: str, body: str, keys: Iterable[str]) -> dict[str, str]:
    """Return the headers for sending the body now, with one signature per key."""
    signed_at = datetime.now(UTC)
    signatures = [Signer(key).sign(message_id, signed_at, body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
