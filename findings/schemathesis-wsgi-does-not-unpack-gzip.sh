#!/usr/bin/env bash
# Schemathesis: over WSGI it asks for gzip, and then reads the packed bytes as text.
#
# Versions: schemathesis 4.32.5, Django 5.2.19 with its GZipMiddleware.
# Expected: a case that asks for gzip by itself unpacks the answer, as it does over HTTP.
# Seen: the request has an Accept-Encoding that names gzip, the response's content stays packed, `json()`
# cannot decode it, and a valid answer fails the check as one that cannot be deserialized.
# Output:
#   as it is: content-encoding gzip, UnicodeDecodeError, FailureGroup
#   identity: content-encoding none, 100 names, valid
# What helps: `case.call(headers={"Accept-Encoding": "identity"})`.
#
# Prints what became of the same answer twice, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5 django==5.2.19

cat >"$folder/answers.py" <<'PY'
from django.conf import settings

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="for-this-script-only",
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware"],
)
import django

django.setup()
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path


def people(request):
    return JsonResponse({"names": ["Ada"] * 100})


urlpatterns = [path("people", people)]
app = get_wsgi_application()
answer = {"description": "All.", "content": {"application/json": {"schema": {"type": "object"}}}}
schema = schemathesis.openapi.from_dict(
    {
        "openapi": "3.1.0",
        "info": {"title": "People", "version": "1"},
        "paths": {"/people": {"get": {"responses": {"200": answer}}}},
    }
)
case = schema["/people"]["GET"].Case()


def outcome(call):
    try:
        return call()
    except BaseException as error:
        return type(error).__name__


for name, headers in (("as it is", {}), ("identity", {"Accept-Encoding": "identity"})):
    response = case.call(app=app, headers=headers)
    encoding = (response.headers.get("content-encoding") or ["none"])[0]
    names = outcome(lambda: f"{len(response.json()['names'])} names")
    checked = outcome(lambda: case.validate_response(response) or "valid")
    print(f"{name}: content-encoding {encoding}, {names}, {checked}")
PY
"$folder/venv/bin/python" "$folder/answers.py" | tee "$folder/written.txt"
diff "$folder/written.txt" - <<'EXPECTED'
as it is: content-encoding gzip, UnicodeDecodeError, FailureGroup
identity: content-encoding none, 100 names, valid
EXPECTED
