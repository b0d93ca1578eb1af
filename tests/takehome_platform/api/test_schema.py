"""The API against its own description: whatever is sent, each answer is one that is documented, and
none goes beyond the role of the token."""

import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from ninja.responses import NinjaJSONEncoder
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from dashboard.auth import api_tokens
from dashboard.permissions.roles import (
    ADMINISTRATOR,
    INTERVIEWER,
    ROLES,
    TITLES,
    VIEWER,
    Permission,
)
from interviews.models import Interview
from operations import actions
from operations.bulk_import import service
from operations.bulk_import.columns import Defaults, table_from_json
from operations.checks import queue as check_runs
from operations.checks.models import Subject
from operations.worker import runner
from takehome_platform.api.app import api
from tests.conftest import fresh, run_until_idle
from tests.dashboard import webhooks
from tests.orphans import make_orphan

# Of each kind, valid and invalid input, per endpoint; always the same ones, but for the
# many of `make fuzz`.
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "3"))
FEW = settings(
    max_examples=EXAMPLES,
    derandomize="SCHEMA_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# One sequence of calls, after the empty one with which hypothesis begins. It would make others from
# parts of earlier ones, whose answers are not the same a second time.
ONE_SEQUENCE = settings(FEW, max_examples=2, stateful_step_count=15, derandomize=False)
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
site = cache(get_wsgi_application)
NEVER_INVALID = "GET /api/interviews/by-passcode/{passcode}"
FIELD_WITH_TIME = re.compile(r'"(\w+)": ?"(\d{4}-\d\d-\d\dT[^"]*)"')
# What an endpoint may answer to somebody whose role does not allow it.
KEPT_OUT = {403, 413}


@pytest.fixture
def known(
    running: Interview, invite: Callable[..., Interview], schedule: Callable[..., Interview]
) -> dict[str, list[str]]:
    """What is there, by the name that an address gives it: an ended test, one that runs, a live
    interview, and what belongs to them."""
    actions.submit(running, by="candidate")
    ended, open_, live = run_until_idle(running), invite(), schedule()
    runner_ = invite(candidate_name="Grace")
    actions.activate(runner_, by="candidate")
    webhook = webhooks.make_webhook()
    rows = [{"name": "Ada", "challenge": open_.challenge}]
    batch = service.import_table(
        "candidates.csv", table_from_json(rows), Defaults(), by="recruiter"
    )
    interviews = [fresh(each) for each in (ended, open_, live, runner_)]
    return {
        "interview_id": [each.id for each in interviews],
        "passcode": [str(each.passcode) for each in interviews],
        "operation_id": [str(each.operation_id) for each in interviews if each.operation_id],
        "challenge_id": [open_.challenge],
        "number": ["1"],
        "batch_id": [str(batch.pk)],
        "webhook_id": [str(webhook.pk)],
        "orphan_id": [str(make_orphan().pk)],
        "delivery_id": [str(webhooks.make_delivery(webhook).pk)],
        "run_id": [
            str(
                check_runs.queue_run(Subject.SUBMISSION, open_.challenge, 1, interview_id=id_)[0].pk
            )
            for id_ in (ended.id, "")
        ],
    }


def permissions() -> dict[str, Permission | None]:
    """By method and path; None: the candidates'."""
    return {
        f"{method} /api{path}": getattr(operation.view_func, "permission", None)
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def document() -> dict[str, Any]:
    """As it is served."""
    whole: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder))
    return whole


def described() -> Any:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = served
    return schema


def served(environ: Any, start_response: Any) -> list[bytes]:
    """The site, with each answer read and closed as a server does, and this client does not."""
    answer = site()(environ, start_response)
    try:
        return list(answer)
    finally:
        answer.close()


def most_exist(known: dict[str, list[str]], context: Any, path_parameters: Any) -> Any:
    """Of what addresses name three in four are there: what nobody has is soon refused."""
    for name, value in (path_parameters or {}).items():
        chance = zlib.crc32(repr(value).encode())
        if name in known and chance % 4:
            path_parameters[name] = known[name][chance // 4 % len(known[name])]
    return path_parameters


def most_can_be(context: Any, body: Any) -> Any:
    """The same for what is sent."""
    if isinstance(body, dict) and zlib.crc32(repr(body).encode()) % 4:
        there = {"challenge": "word-count", "candidateName": "Ada", "sendEmail": False}
        body |= {name: value for name, value in there.items() if name in body}
    return body


def headers_of(token: str) -> dict[str, str]:
    """Those of a program. Schemathesis reads no compressed answer through this transport."""
    return {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}


# Twenty seconds: schemathesis makes many requests to each endpoint.
@pytest.mark.long
@pytest.mark.django_db
def test_every_answer_is_documented_and_none_goes_beyond_the_role(
    known: dict[str, list[str]],
) -> None:
    """Making a request costs more than answering it: each is sent in all roles, the least first."""
    roles = (VIEWER, INTERVIEWER, ADMINISTRATOR)
    tokens = {role: api_tokens.create(role, role, by="admin")[1] for role in roles}
    schema, needed = described(), permissions()
    schema.hook("map_path_parameters")(partial(most_exist, known))
    schema.hook("map_body")(most_can_be)
    # Registered by then: the schema's own are.
    checks = CHECKS.get_by_names(CHECKED)
    done: dict[str, Counter[str]] = {role: Counter() for role in roles}

    def attempt(case: Any) -> None:
        label = f"{case.method.upper()} {case.operation.path}"
        for role, text in tokens.items():
            response = case.call(headers=headers_of(text))
            case.validate_response(response, checks=checks)
            permission = needed[label]
            if permission is not None and permission not in ROLES[role]:
                assert response.status_code in KEPT_OUT, (role, label)
            if response.status_code < 300:
                done[role][label] += 1

    operations = [result.ok() for result in schema.get_all_operations()]
    # What is deleted is there for the others first.
    for operation in sorted(operations, key=lambda each: each.method == "delete"):
        for mode in GenerationMode:
            try:
                FEW(given(case=operation.as_strategy(generation_mode=mode))(attempt))()
            except Unsatisfiable:
                # Whatever is sent there is valid.
                assert (mode, operation.label) == (GenerationMode.NEGATIVE, NEVER_INVALID)
    # Enough was there to be done, and to be seen.
    for role, least in {VIEWER: 10, INTERVIEWER: 20, ADMINISTRATOR: 22}.items():
        assert len(done[role]) > least, role


@pytest.mark.long
@pytest.mark.django_db
def test_every_sequence_of_calls_is_answered_as_documented(
    known: dict[str, list[str]], enqueued: list[tuple[str, str]]
) -> None:
    """It begins with what is there, and goes on with what came of it."""
    _, text = api_tokens.create("machine", ADMINISTRATOR, by="admin")
    schema = described()
    schema.hook("map_body")(most_can_be)
    returned: list[str] = []
    checks = CHECKS.get_by_names(CHECKED)
    done: Counter[str] = Counter()
    followed = 0

    class Sequence(schema.as_state_machine()):  # type: ignore[misc]
        """One caller, with the workers of the platform."""

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers_of(text)}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            case.validate_response(response, checks=checks)

        def before_call(self, case: Any) -> None:
            before = dict(case.path_parameters)
            made = {name: each for name, each in before.items() if _is_in(returned, each)}
            # Without a name it would be the address of another endpoint.
            nameless = {name: known[name][0] for name, each in before.items() if str(each) == ""}
            most_exist(known, None, case.path_parameters)
            case.path_parameters.update(nameless | made)

        def after_call(self, response: Any, case: Any) -> None:
            nonlocal followed
            if response.status_code < 300:
                done[case.operation.label] += 1
                followed += any(_is_in(returned, each) for each in case.path_parameters.values())
                if "json" in response.headers["content-type"][0]:
                    returned.append(response.text)
            work(enqueued)

    for number in range(EXAMPLES):
        seed(number)(Sequence).run(settings=ONE_SEQUENCE)
    # Enough was made, and enough of that was named by a later call.
    assert len(done) > 10, done
    assert followed > 2


def _is_in(returned: list[str], value: object) -> bool:
    """Whether a call returned this id; a short number is in many an answer by chance."""
    text = str(value)
    return len(text) > 8 and any(text in each for each in returned)


def work(enqueued: list[tuple[str, str]]) -> None:
    """Do what the calls asked of the workers."""
    while enqueued:
        task, argument = enqueued.pop(0)
        if task == "operations.run":
            runner.run_operation(argument)


@pytest.mark.django_db
def test_every_instant_of_an_answer_has_its_offset(known: dict[str, list[str]]) -> None:
    """A field that ends in Local is a time on a clock, and its zone stands beside it."""
    _, text = api_tokens.create("machine", ADMINISTRATOR, by="admin")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    instants: list[str] = []
    for path, methods in document()["paths"].items():
        if "get" not in methods or path.endswith(("/events", "/files", "/archive")):
            continue
        url = path.replace("{number}", "1").format(**{name: ids[0] for name, ids in known.items()})
        response = client.get(url)
        if response["Content-Type"].startswith("application/json"):
            fields = FIELD_WITH_TIME.findall(response.content.decode())
            instants += [at for name, at in fields if not name.endswith("Local")]
    assert len(instants) > 30
    assert [at for at in instants if not at.endswith("Z")] == []


def test_every_example_of_the_description_is_valid() -> None:
    whole = document()
    schemas = whole["components"]["schemas"]
    with_examples = {name: each for name, each in schemas.items() if "examples" in each}
    assert len(with_examples) > 5
    for name, each in with_examples.items():
        for example in each["examples"]:
            jsonschema_rs.validate({"$ref": f"#/components/schemas/{name}"} | whole, example)


def test_the_description_says_what_each_endpoint_needs() -> None:
    needed, whole = permissions(), document()
    tags = {tag["name"] for tag in whole["tags"]}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            permission = needed[f"{method.upper()} {path}"]
            if permission is not None:
                assert TITLES[permission] in operation["description"], path
                assert operation["security"] == [{"Machine": []}, {"StaffSession": []}]
                assert {"401", "403"} <= operation["responses"].keys()
            assert operation["tags"][0] in tags
