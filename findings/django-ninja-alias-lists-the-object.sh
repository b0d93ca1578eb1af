#!/usr/bin/env bash
# django-ninja: a response field with an alias costs a listing of all of the object's attributes.
#
# Versions: django-ninja 1.7.1, pydantic 2.14.3, Django 5.2.19.
# Expected: with `populate_by_name`, a field is found under its name as cheaply as one without alias.
# Seen: pydantic asks for the alias first. Ninja's getter answers an unknown name by Django's template
# `Variable`, whose failure formats `dir(object)`; with 40 fields on 50 rows that was two thirds of
# the time of an answer. With `serialization_alias` alone the answer is the same, and nothing is listed.
# Output, for 3 fields of which two have another name as alias:
#   alias_generator=to_camel: {"id": 1, "firstName": "Ada", "lastName": "Lovelace"}, listed 2 times
#   serialization_alias=to_camel: {"id": 1, "firstName": "Ada", "lastName": "Lovelace"}, listed 0 times
#
# Prints how often the object was listed, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  django-ninja==1.7.1 pydantic==2.14.3 django==5.2.19

cat >"$folder/answer.py" <<'PY'
import json

from django.conf import settings

settings.configure()
import django

django.setup()
from ninja import NinjaAPI, Schema
from ninja.testing import TestClient
from pydantic import AliasGenerator, ConfigDict
from pydantic.alias_generators import to_camel

listed = 0


class Person:
    id = 1
    first_name = "Ada"
    last_name = "Lovelace"

    def __dir__(self):
        global listed
        listed += 1
        return super().__dir__()


BOTH = ConfigDict(alias_generator=to_camel, populate_by_name=True)
ANSWER = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))
for name, config in (("alias_generator", BOTH), ("serialization_alias", ANSWER)):

    class PersonOut(Schema):
        model_config = config

        id: int
        first_name: str
        last_name: str

    api = NinjaAPI(urls_namespace=name)

    @api.get("/person", response=PersonOut, by_alias=True)
    def person(request):
        return Person()

    listed = 0
    answer = TestClient(api).get("/person").json()
    print(f"{name}=to_camel: {json.dumps(answer)}, listed {listed} times")
PY
"$folder/venv/bin/python" "$folder/answer.py" | tee "$folder/written.txt"
diff "$folder/written.txt" - <<'EXPECTED'
alias_generator=to_camel: {"id": 1, "firstName": "Ada", "lastName": "Lovelace"}, listed 2 times
serialization_alias=to_camel: {"id": 1, "firstName": "Ada", "lastName": "Lovelace"}, listed 0 times
EXPECTED
