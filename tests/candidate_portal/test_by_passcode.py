"""GET /api/interviews/by-passcode/<passcode>: returns only listed fields in every status."""

from interviews.dynamodb import now
from interviews.lifecycle import Status
from operations.archives.not_saved import row_changes
from operations.provisioners.base import NotSaved, NotSavedReason
from tests.candidate_portal.conftest import PASSWORD, URL

FIELDS = {
    "id", "type", "status", "candidateName", "challenge", "challengeName", "customInstructions",
    "durationMinutes", "lengthMinutes", "validUntil", "activatedAt", "readyAt", "autoDestroyAt",
    "pausedAt", "completedAt", "endReason", "archiveBytes", "mayRetry", "accessUrl", "password",
    "notSaved", "notSavedCount", "policy", "policyConfirmedAt", "checks", "practice", "queue",
    "serverTime",
}  # fmt: skip


def path(interview):
    return f"/api/interviews/by-passcode/{interview.passcode}"


def iso(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_fault_16_answer_has_the_listed_fields_in_every_status(client, interview_in):
    found = {status: set(client.get(path(interview_in(status))).json()) for status in Status}
    assert found == dict.fromkeys(Status, FIELDS)


def test_fault_16_answer_has_url_password_and_deadline_only_while_active(client, interview_in):
    found = {}
    for status in Status:
        body = client.get(path(interview_in(status))).json()
        found[status] = (body["accessUrl"], body["password"], body["autoDestroyAt"] is not None)
    assert found == dict.fromkeys(Status, (None, None, False)) | {
        Status.ACTIVE: (URL, PASSWORD, True)
    }


def test_response_has_nothing_meant_for_staff(client, interview_in):
    interview = interview_in(
        Status.ERROR,
        problem="Subnet sn-17 is full.",
        workspace_state={"machine": "m-1"},
        provisioner="local",
        operation_id="op-secret",
        history_s3_key="archives/secret",
        created_by="the recruiter",
    )
    body = client.get(path(interview)).text
    secrets = ["sn-17", "m-1", "local", "op-secret", "archives/secret", "recruiter", PASSWORD, URL]
    assert [secret for secret in secrets if secret in body] == []


def test_response_has_all_fields_of_the_test(client, take_home):
    body = client.get(path(take_home)).json()
    assert body.pop("serverTime").endswith("Z")
    assert body == {
        "id": take_home.id,
        "type": "take-home",
        "status": "available",
        "candidateName": "Ada",
        "challenge": "word-count",
        "challengeName": "Word count",
        "customInstructions": "",
        "durationMinutes": 60,
        "lengthMinutes": 60,
        "validUntil": iso(take_home.valid_until),
        "notSaved": [],
        "notSavedCount": 0,
        "mayRetry": False,
        "checks": [],
        "queue": None,
        "practice": {
            "phase": "offered",
            "minutes": 10,
            "left": 3,
            "mayStart": True,
            "endsAt": None,
            "accessUrl": None,
            "password": None,
        },
    } | dict.fromkeys(
        ["activatedAt", "readyAt", "autoDestroyAt", "pausedAt", "completedAt", "endReason",
         "archiveBytes", "accessUrl", "password", "policy", "policyConfirmedAt"]
    )  # fmt: skip


def test_response_has_the_archive_size(client, interview_in):
    interview = interview_in(
        Status.COMPLETED,
        ready_at=now(),
        history_s3_key="k",
        archive_bytes=2048,
        end_reason="time_up",
    )
    body = client.get(path(interview)).json()
    assert (body["archiveBytes"], body["endReason"]) == (2048, "time_up")


def test_response_has_what_was_not_saved(client, interview_in):
    changes = row_changes([NotSaved("web/target", NotSavedReason.REGENERABLE, 2, 300)] * 12)
    body = client.get(path(interview_in(Status.COMPLETED, **changes))).json()
    assert (
        body["notSaved"]
        == [{"path": "web/target", "reason": "regenerable", "files": 2, "bytes": 300}] * 10
    )
    assert body["notSavedCount"] == 12


def test_response_is_never_cached(client, take_home):
    assert client.get(path(take_home))["Cache-Control"] == "no-store, private"


def test_unknown_and_malformed_passcodes_get_the_same_response(client, take_home):
    unknown = client.get("/api/interviews/by-passcode/YYYYYYYY")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["code"] == "not_found"
    for passcode in ("A", "0O1I0O1I", "%00", "Z" * 5000, take_home.id):
        answer = client.get(f"/api/interviews/by-passcode/{passcode}")
        assert (answer.status_code, answer.json()) == (404, unknown.json())


def test_fault_16_live_interview_answers_with_the_same_fields_and_no_earlier(client, schedule):
    interview = schedule()
    assert interview.password
    body = client.get(path(interview)).json()
    assert set(body) == FIELDS
    assert (body["type"], body["status"]) == ("regular", "scheduled")
    assert (body["password"], body["accessUrl"]) == (None, None)


def test_passcode_of_a_dry_run_is_unknown(client, interview_in):
    assert client.get(path(interview_in(Status.ACTIVE, type="dry-run"))).status_code == 404


def test_other_methods_are_not_allowed(client, take_home):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path(take_home)).status_code == 405
