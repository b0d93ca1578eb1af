#!/usr/bin/env bash
# pynamodb's `cause_response_code` raises AttributeError if DynamoDB did not answer in time.
#
# Version: pynamodb 6.1.0 with botocore 1.44.5.
# Expected: the code of an error to which there was no answer is None, whatever kept the answer away.
# Seen: it is None if nobody listens at the endpoint, and an AttributeError if somebody listens and
# stays silent. pynamodb reads `getattr(cause, "response", {}).get(...)`. botocore's exceptions for
# connections that cannot be made have no attribute `response`; those for time-outs are subclasses of
# HTTPClientError, which always has one, and it is None. So code that asks for the code in order to
# tell a lost race from a failure fails in its error handling, and only in slow outages.
# `cause_response_message` does the same. Output on Python 3.11:
#   nobody listens: GetError from EndpointConnectionError, code None
#   nobody answers: GetError from ReadTimeoutError, code raises AttributeError
# What helps: read the code from `error.cause` with `getattr(cause, "response", None) or {}`.
#
# Prints what was seen, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pynamodb==6.1.0 botocore==1.44.5

cat >"$folder/ask.py" <<'PY'
import socket

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import GetError
from pynamodb.models import Model


def told(port):
    class Row(Model):
        class Meta:
            table_name = "rows"
            host = f"http://127.0.0.1:{port}"
            region = "us-east-1"
            aws_access_key_id = aws_secret_access_key = "none"
            connect_timeout_seconds = read_timeout_seconds = 1
            max_retry_attempts = 0

        id = UnicodeAttribute(hash_key=True)

    try:
        Row.get("1")
    except GetError as error:
        try:
            code = error.cause_response_code
        except AttributeError as failure:
            code = f"raises {type(failure).__name__}"
        return f"GetError from {type(error.cause).__name__}, code {code}"
    return "an answer"


with socket.socket() as server:
    server.bind(("127.0.0.1", 0))
    port = server.getsockname()[1]
    nobody = told(port)
    server.listen()
    silent = told(port)
print(f"nobody listens: {nobody}")
print(f"nobody answers: {silent}")
raise SystemExit(
    nobody != "GetError from EndpointConnectionError, code None"
    or silent != "GetError from ReadTimeoutError, code raises AttributeError"
)
PY
"$folder/venv/bin/python" "$folder/ask.py"
