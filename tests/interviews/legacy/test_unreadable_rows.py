"""Invalid old rows are reported, and do not affect other rows."""

from datetime import timedelta
from typing import Any

import pytest
import structlog

from interviews import queries
from interviews.attributes import TAKE_HOME
from interviews.challenges import library
from interviews.dynamodb import now
from interviews.legacy import lazy_migration, migration
from interviews.legacy.capacity_limiter import CapacityLimiter
from interviews.legacy.report import Checkpoint, Report
from interviews.lifecycle import EndReason, Status
from interviews.models import Interview
from interviews.pagination import history
from interviews.pagination.history import Filters
from interviews.schemas.invitations import TakeHomeInvitation
from interviews.search import lookup
from operations import actions, reconciler
from operations.reaper import classification
from tests import legacy_rows
from tests.interviews.legacy.conftest import client, keep, old_row

pytestmark = pytest.mark.usefixtures("old_table")

ID = "takehome-1700000000001-abcd1"
FUTURE = {"S": "9999-12-31T00:00:00.000Z"}
PAST = {"S": "0001-01-01T00:00:00.000Z"}
MILLISECONDS = {"N": "1700000000000"}
# Invalid values of old rows of `interviews`: attribute and stored value.
BAD_INTERVIEWS: list[tuple[str, Any]] = [
    ("createdAt", MILLISECONDS),
    ("createdAt", {"N": "100000000000000000"}),
    ("scheduledAt", {"S": "2025-01-07T09:30:00.123Z"}),
    ("autoDestroyAt", {"N": "253402300000"}),
    ("accessUrl", {"N": "7"}),
    ("candidateName", {"L": []}),
    ("saveFiles", {"S": "yes"}),
    ("timeline", {"L": [{"S": "created"}]}),
    ("workspaceState", {"S": "{"}),
    ("durationMinutes", {"N": "1e30"}),
]
BAD_TAKE_HOMES: list[tuple[str, Any]] = [
    ("createdAt", FUTURE),
    ("createdAt", PAST),
    ("validUntil", FUTURE),
    ("validUntil", {"N": "1700000000"}),
    ("activatedAt", FUTURE),
    ("interviewId", {"S": "x" * 3_000}),
    ("interviewId", {"N": "7"}),
    ("candidateName", {"S": "x" * 310_000}),
    ("notes", {"B": b"\x00" * 390_000}),
    ("durationMinutes", {"N": "1e30"}),
]


def migrate(**options: Any) -> Report:
    checkpoint = Checkpoint(["takehome", "interviews"])
    migration.migrate(checkpoint, CapacityLimiter(0), save=lambda checkpoint: None, **options)
    return checkpoint.report


def listed() -> set[str]:
    """Return the candidates on all lists."""
    lists = [
        queries.list_page("take-home"),
        queries.list_page("take-home-ended"),
        queries.list_page("regular"),
        queries.list_page("regular-ended"),
        history.history_page(Filters()),
        history.history_page(Filters(ended=True)),
        lookup.search_page("good", Filters()),
    ]
    return {one.candidate_name for page in lists for one in page.items}


@pytest.mark.parametrize("status", ["scheduled", "destroyed"])
def test_invalid_rows_of_interviews_are_reported_and_hide_no_other(status: str) -> None:
    at = now()
    bad = {f"aB3dE5g{number}": each for number, each in enumerate(BAD_INTERVIEWS)}
    keep(
        *(
            legacy_rows.interview(id_, at=at, status={"S": status}, **{name: value})
            for id_, (name, value) in bad.items()
        ),
        legacy_rows.interview("bB3dE5gH", at=at, candidateName={"S": "Good Grace"}),
        legacy_rows.take_home("AAAAAAAA", at=at, candidateName={"S": "Good Ada"}),
    )
    assert listed() == {"Good Grace", "Good Ada"}
    assert queries.get_interview("aB3dE5g0") is None
    told = {fault.key: fault.reason.split()[0] for fault in migrate().unreadable}
    assert told == {id_: name for id_, (name, _) in bad.items()}


@pytest.mark.parametrize("status", ["active", "revoked", "completed"])
def test_invalid_take_homes_are_reported_and_hide_no_other(status: str) -> None:
    at = now()
    bad = {legacy_rows.passcode(number): each for number, each in enumerate(BAD_TAKE_HOMES)}
    keep(
        *(
            legacy_rows.take_home(code, at=at, status={"S": status}, **{name: value})
            for code, (name, value) in bad.items()
        ),
        legacy_rows.take_home("ZZZZZZZZ", at=at, candidateName={"S": "Good Ada"}),
    )
    assert listed() == {"Good Ada"}
    before = {code: old_row(code) for code in bad}
    found = migrate()
    assert {fault.key for fault in found.unreadable} == set(bad)
    assert found.takehomes == {"copied": 1, "unreadable": len(bad)}
    assert {code: old_row(code) for code in bad} == before
    assert queries.get_by_passcode(next(iter(bad))) is None


@pytest.mark.parametrize("ttl", [MILLISECONDS, {"N": "1e18"}, {"NULL": True}])
def test_link_works_with_any_ttl(ttl: Any, enqueued: Any) -> None:
    keep(legacy_rows.take_home("AAAAAAAA", at=now(), ttl=ttl))
    found = queries.get_by_passcode("AAAAAAAA")
    assert found is not None
    actions.activate(found, by="candidate")
    assert found.state is Status.ACTIVATED


@pytest.mark.parametrize("name", ["accessUrl", "autoDestroyAt", "operationId", "timeChanges"])
def test_null_is_read_as_missing(name: str, enqueued: Any) -> None:
    at = now()
    keep(
        legacy_rows.activated("AAAAAAAA", ID, at=at),
        legacy_rows.interview(ID, at=at, **{name: {"NULL": True}}),
        legacy_rows.take_home("BBBBBBBB", at=at, interviewId={"NULL": True}),
    )
    assert migrate().takehomes == {"joined": 1, "copied": 1}
    found = queries.get_by_passcode("AAAAAAAA")
    assert found is not None
    actions.end(found, by="recruiter", reason=EndReason.ENDED_BY_STAFF)
    assert found.state is Status.DESTROYING


def test_fractions_of_seconds_are_no_change() -> None:
    at = now()
    keep(
        legacy_rows.activated("AAAAAAAA", ID, at=at),
        legacy_rows.interview(ID, at=at, autoDestroyAt={"N": f"{legacy_rows.seconds(at)}.5"}),
    )
    assert migrate().takehomes == {"joined": 1}


def test_copy_gives_up_after_many_lost_races(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(legacy_rows.take_home("AAAAAAAA", at=now()))
    monkeypatch.setattr(lazy_migration, "reserve", lambda old, interview_id: False)
    assert migrate().takehomes == {"later": 1}


def test_rejected_row_does_not_stop_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interviews.legacy.models.MAX_BYTES", 10**6)
    keep(
        *(
            legacy_rows.take_home(code, at=now(), notes={"B": b"\x00" * 390_000})
            for code in ("AAAAAAAA", "BBBBBBBB")
        ),
        legacy_rows.take_home("CCCCCCCC", at=now()),
    )
    found = migrate()
    assert found.takehomes == {"copied": 1, "unreadable": 2}
    assert {fault.reason.split(":")[0] for fault in found.unreadable} == {
        "DynamoDB refused its copy"
    }


def test_invalid_row_does_not_block_due_items(engine: Any, enqueued: Any) -> None:
    at = now()
    keep(
        legacy_rows.interview("aB3dE5gH", at=at, status={"S": "scheduled"}, updatedAt=MILLISECONDS),
        legacy_rows.take_home("AAAAAAAA", at=at),
    )
    found = queries.get_by_passcode("AAAAAAAA")
    assert found is not None
    actions.activate(found, by="candidate")
    found.change(auto_destroy_at=at - timedelta(minutes=1))
    reconciler.run_due()
    assert queries.get_interview(found.id).state is not Status.ACTIVATED  # type: ignore[union-attr]


def test_failure_in_the_reconciler_is_logged_without_passcode() -> None:
    keep(legacy_rows.take_home("AAAAAAAA", at=now(), status={"S": "copying"}, validUntil=None))
    with structlog.testing.capture_logs() as lines:
        reconciler.run_due()
    assert [line["event"] for line in lines] == ["due_item_failed"]
    assert "AAAAAAAA" not in str(lines)


def test_row_without_a_start_time_is_not_started_years_later(enqueued: Any) -> None:
    long_ago = now() - timedelta(days=300)
    keep(legacy_rows.interview("aB3dE5gH", at=long_ago, status={"S": "scheduled"}))
    reconciler.run_due()
    found = queries.get_interview("aB3dE5gH")
    assert found is not None
    assert (found.state, found.end_reason) == (Status.CANCELLED, "missed")


def test_more_rows_than_a_condition_takes_are_joined() -> None:
    at = now()
    names = [f"takehome-17000000{number:05d}-abcd1" for number in range(130)]
    codes = [legacy_rows.passcode(number) for number in range(130)]
    keep(*(legacy_rows.activated(*pair, at=at) for pair in zip(codes, names, strict=True)))
    keep(*(legacy_rows.interview(id_, at=at) for id_ in names))
    page = queries.list_page(TAKE_HOME, size=200)
    assert sorted(one.passcode for one in page.items) == sorted(codes)


def test_change_by_the_old_portal_ends_no_workspace(engine: Any, enqueued: Any) -> None:
    keep(legacy_rows.take_home("AAAAAAAA", at=now()))
    found = queries.get_by_passcode("AAAAAAAA")
    assert found is not None
    actions.activate(found, by="candidate")
    client().update_item(
        TableName="interviews",
        Key={"id": {"S": found.id}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "destroyed"}},
    )
    verdict = classification.classify(found.id, classification.read_interviews([found.id]))
    assert verdict.reason is None


def test_interview_with_two_ids_is_listed_once(settings: Any, challenge: Any) -> None:
    settings.UNIFIED_TAKEHOMES = False
    invited = actions.invite(
        TakeHomeInvitation(candidate_name="Good Ada", challenge="word-count"), by="recruiter"
    )
    at = now()
    client().update_item(
        TableName="takehome",
        Key={"passcode": {"S": invited.passcode}},
        UpdateExpression="SET #s = :s, interviewId = :i, activatedAt = :a",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={
            ":s": {"S": "activated"},
            ":i": {"S": ID},
            ":a": {"S": legacy_rows.iso(at)},
        },
    )
    keep(legacy_rows.ended(ID, at=at, candidateName={"S": "Good Ada"}))
    migrate()
    assert library.get_challenge("word-count") is not None
    assert [one.id for one in lookup.search_page("good", Filters()).items] == [ID]
    assert Interview.get(ID).passcode == invited.passcode
