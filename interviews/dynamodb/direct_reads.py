"""Reads of the tables in one plain request, at a fraction of botocore's processor time.

For each call botocore resolves the endpoint by rules, walks the shapes of request and answer, and
tells a dozen events: most of what a small read costs. `DirectReads` writes and signs the same
request itself, and reads the same JSON. What is not answered as expected is asked again by
botocore, with its retries and its errors: a read may be repeated.
"""

import hashlib
import hmac
import json
import re
import zlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.credentials import ReadOnlyCredentials

from interviews.dynamodb import connections

READS = frozenset({"GetItem", "BatchGetItem", "Query"})
# botocore decodes binary values. No attribute of ours is one, but a legacy row may have some.
BINARY = re.compile(rb'"BS?"\s*:')
ALGORITHM = "AWS4-HMAC-SHA256"
CONTENT_TYPE = "application/x-amz-json-1.0"


class DirectReads:
    """The first base class of botocore's DynamoDB client."""

    def _make_api_call(self, operation_name: str, api_params: dict[str, Any]) -> Any:
        answer = _read(self, operation_name, {**api_params}) if operation_name in READS else None
        if answer is None:
            return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
        return answer


def add_to_client(base_classes: list[type], **_: Any) -> None:
    """Handle botocore's event `creating-client-class.dynamodb`."""
    base_classes.insert(0, DirectReads)


def _read(client: Any, operation: str, params: dict[str, Any]) -> Any:
    """Return the answer of the table, or None if botocore has to ask for it."""
    signer = client._request_signer
    if signer._credentials is None or signer.signature_version != "v4":
        return None
    model = client.meta.service_model.operation_model(operation)
    emit = client.meta.events.emit
    # Those who listen to botocore's calls, change or answer them, hear of this one too.
    emit(f"before-parameter-build.dynamodb.{operation}", params=params, model=model, context={})
    try:
        body = json.dumps(params).encode()
    except TypeError:  # Some value is binary.
        return None
    url = client.meta.endpoint_url + "/"
    headers = signed_headers(
        signer._credentials.get_frozen_credentials(),
        signer.region_name,
        url,
        f"DynamoDB_20120810.{operation}",
        body,
        datetime.now(UTC),
    )
    request = {"method": "POST", "url": url, "headers": headers, "body": body}
    _, answered = client.meta.events.emit_until_response(
        f"before-call.dynamodb.{operation}",
        model=model,
        params=request,
        request_signer=signer,
        context={},
    )
    if answered is not None:
        http, answer = answered
    else:
        http, answer = _send(client, operation, request)
    if answer is not None:
        emit(
            f"after-call.dynamodb.{operation}",
            http_response=http,
            parsed=answer,
            model=model,
            context={},
        )
        if http.status_code >= 300:
            code = answer.get("Error", {}).get("Code")
            raise client.exceptions.from_code(code)(answer, operation)
    return answer


def _send(
    client: Any, operation: str, request: dict[str, Any]
) -> tuple[Any, dict[str, Any] | None]:
    prepared = AWSPreparedRequest(**request, stream_output=False)
    heard = client.meta.events.emit(f"before-send.dynamodb.{operation}", request=prepared)
    response = next((each for _, each in heard if each is not None), None)
    if response is None:
        response = connections.exchange(client._endpoint.http_session, prepared)
    if response is None or response.status_code != 200 or BINARY.search(response.content):
        return response, None
    checksum = response.headers.get("x-amz-crc32")
    if checksum is not None and int(checksum) != zlib.crc32(response.content):
        return response, None
    return response, json.loads(response.content)


def signed_headers(
    credentials: ReadOnlyCredentials, region: str, url: str, target: str, body: bytes, at: datetime
) -> dict[str, str]:
    """Return the headers of a POST to DynamoDB, with AWS's signature of version 4.

    `target` is the operation, as in DynamoDB_20120810.GetItem, and `at` an aware UTC datetime.
    """
    time = at.strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": CONTENT_TYPE,
        "host": urlsplit(url).netloc,
        "x-amz-date": time,
        "x-amz-target": target,
    }
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{time[:8]}/{region}/dynamodb/aws4_request"
    text = f"{ALGORITHM}\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = _signing_key(credentials.secret_key, time[:8], region)
    signature = _hmac(key, text).hex()
    headers["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key}/{scope},"
        f" SignedHeaders={names}, Signature={signature}"
    )
    headers["accept-encoding"] = "identity"
    return headers


@lru_cache(maxsize=4)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
