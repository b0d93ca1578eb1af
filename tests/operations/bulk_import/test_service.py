"""Importing files of candidates, and queueing their rows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from interviews.challenges import versions
from interviews.dynamodb import now
from operations.bulk_import import service
from operations.bulk_import.columns import EXAMPLE, TEMPLATE, Defaults
from operations.bulk_import.models import Batch, BatchRow
from operations.exceptions import InvalidInputError


@pytest.fixture
def read(db, challenge):
    def call(text, **defaults):
        content = text if isinstance(text, bytes) else text.encode()
        return service.import_file("candidates.csv", content, Defaults(**defaults), by="grace")

    return call


def problems(batch):
    return [row.problem for row in batch.rows.all()]


def error_message(read, text, **defaults):
    with pytest.raises(InvalidInputError) as raised:
        read(text, **defaults)
    assert raised.value.field == "file"
    assert Batch.objects.count() == 0
    return raised.value.message


def test_columns_are_matched_in_any_order_case_and_spelling(read):
    batch = read(
        "Valid Days;E-MAIL;Challenge ID;Candidate;Duration (minutes)\n"
        "3;ada@example.com;word-count;Ada;90\n"
    )
    (row,) = batch.rows.all()
    assert row.problem == ""
    assert row.invitation == {
        "candidate_name": "Ada",
        "candidate_email": "ada@example.com",
        "challenge": "word-count",
        "duration_minutes": 90,
        "valid_days": 3,
        "custom_instructions": "",
        "allowance_percent": 0,
        "send_email": False,
        "time_zone": "UTC",
    }


def test_defaults_fill_empty_cells(read):
    batch = read(
        "name,duration\nAda,\nGrace,30\n",
        challenge="word-count",
        duration_minutes=45,
        valid_days=2,
        custom_instructions="Please use Python.",
    )
    invitations = [row.invitation for row in batch.rows.all()]
    assert [each["duration_minutes"] for each in invitations] == [45, 30]
    assert [each["valid_days"] for each in invitations] == [2, 2]
    assert {each["custom_instructions"] for each in invitations} == {"Please use Python."}


def test_duration_defaults_to_that_of_the_challenge(read):
    (row,) = read("name,challenge\nAda,word-count\n").rows.all()
    assert row.invitation["duration_minutes"] == 60


def test_challenge_is_found_by_its_name(read):
    (row,) = read("name,challenge\nAda,WORD count\n").rows.all()
    assert row.invitation["challenge"] == "word-count"


def test_ambiguous_challenge_name_is_a_problem(read):
    versions.put_challenge(
        "word-count-2",
        name="Word Count",
        description="",
        language="",
        duration_minutes=60,
        files={"README.md": b"#"},
    )
    (problem,) = problems(read("name,challenge\nAda,word COUNT\n"))
    assert problem.startswith("Challenge: Several challenges have this name.")


@pytest.mark.parametrize(
    ("text", "defaults", "message"),
    [
        ("email,challenge\na@b.de,x\n", {}, "The column “candidate_name” is missing."),
        (
            "name\nAda\n",
            {},
            "The column “challenge” is missing. Add it, or choose one challenge for all rows.",
        ),
        (
            "name,challenge\nAda,word-count\n",
            {"send_email": True},
            "The column “candidate_email” is missing. It's needed to send emails.",
        ),
        (
            "name,candidate,challenge\nAda,Ada,x\n",
            {},
            "These columns mean the same: “name”, “candidate”. Keep one of them.",
        ),
        ("name,challenge\n", {}, "This file has a header but no candidates."),
        ("", {}, "The file is empty."),
    ],
)
def test_file_without_candidates_is_rejected(read, text, defaults, message):
    assert error_message(read, text, **defaults) == message


def test_unknown_columns_are_reported(read):
    batch = read("name,challenge,shoe size,,phone\nAda,word-count,43,,1\n")
    assert batch.notices == ["The columns “shoe size”, “phone” are unknown and were ignored."]
    assert problems(batch) == [""]


def test_each_row_has_its_own_problem_and_valid_rows_stay_valid(read):
    batch = read(
        "name,email,challenge,duration,days\n"
        "Ada,ada@example.com,word-count,60,7\n"
        ",x@example.com,word-count,60,7\n"
        "Bob,bob(at)example.com,word-count,abc,99\n"
        "Cleo,,no-such,60,7\n"
        "Dora,,word-count,60,7,and,more\n"
        f"{'x' * 201},,word-count,60,7\n"
        "Eve\x1b,,word-count,60,7\n"
        "Frida,,word-count\n"
    )
    assert problems(batch) == [
        "",
        "Name: Enter the candidate's name.",
        "Time limit: Enter a whole number. Days to start: Enter 30 or less. "
        "Email: Enter an email address such as ada@example.com.",
        "Challenge: There's no challenge “no-such”.",
        "This row has 7 cells, the header has 5. Is a quote missing?",
        "Name: Enter 200 characters or fewer.",
        "Name: Control characters aren't allowed here.",
        "",
    ]
    assert [row.number for row in batch.rows.all() if row.is_good] == [1, 8]
    assert batch.counts() == {
        "new": 8,
        "wanted": 0,
        "done": 0,
        "failed": 0,
        "rows": 8,
        "good": 2,
        "twice": 0,
        "problem": 6,
    }


def test_address_is_required_if_emails_are_sent(read):
    assert problems(read("name,email,challenge\nAda,,word-count\n", send_email=True)) == [
        "Email: Enter the candidate's email address to send an email."
    ]


@pytest.mark.parametrize("name", ["=1+1", "+Ada", "-Ada", "@Ada", "'Ada"])
def test_formula_in_a_name_is_kept(read, name):
    (row,) = read(f"name,challenge\n{name},word-count\n").rows.all()
    assert row.invitation["candidate_name"] == name


def test_duplicates_are_marked_and_can_be_invited_all_the_same(read):
    batch = read(
        "name,email,challenge\n"
        "Ada,ada@example.com,word-count\n"
        "Ada Lovelace,ADA@example.com,Word count\n"
        "Grace,,word-count\n"
        "grace ,,word-count\n"
        "Grace,grace@example.com,word-count\n"
    )
    assert [row.twice for row in batch.rows.all()] == [
        "",
        "Same candidate and challenge as row 1.",
        "",
        "Same candidate and challenge as row 3.",
        "",
    ]
    assert service.queue_rows(batch, by="grace") == 3
    assert service.queue_rows(batch, by="grace", include_duplicates=True) == 2


def test_names_are_compared_in_normal_form(read):
    batch = read("name,challenge\nJos\u00e9,word-count\nJose\u0301,word-count\n")
    assert [bool(row.twice) for row in batch.rows.all()] == [False, True]


@pytest.mark.parametrize("include_duplicates", [False, True])
def test_candidate_of_two_files_is_invited_from_the_first_only(read, include_duplicates):
    text = "name,challenge\nAda,word-count\n"
    first, second = read(text), read(text + "Bob,word-count\n")
    assert service.queue_rows(first, by="grace") == 1
    # The row was no duplicate when staff ticked it.
    assert (
        service.queue_rows(second, by="ada", numbers=[1, 2], include_duplicates=include_duplicates)
        == 1
    )
    row = second.rows.get(number=1)
    assert (row.state, row.twice[:27]) == ("new", "Already invited to this cha")
    assert service.queue_rows(second, by="ada", numbers=[1], include_duplicates=True) == 1


def test_candidate_of_two_files_queued_at_once_is_invited_once(read, monkeypatch):
    text = "name,challenge\nAda,word-count\n"
    first, second = read(text), read(text + "Bob,word-count\n")
    service.queue_rows(first, by="grace")
    # The second transaction reads the rows as they were before the first one.
    monkeypatch.setattr(service, "_other_invitations", lambda *_, **__: {})
    with pytest.raises(IntegrityError), transaction.atomic():
        service.queue_rows(second, by="ada")
    assert list(second.rows.values_list("state", flat=True)) == ["new", "new"]


def test_candidate_whose_interview_was_deleted_can_be_invited_again(read):
    text = "name,challenge\nAda,word-count\n"
    for _ in range(2):
        batch = read(text)
        assert service.queue_rows(batch, by="grace") == 1
        batch.rows.update(state="done", interview_id="takehome-1")
        service.erase_interview("takehome-1")
    assert BatchRow.objects.filter(state="done", key="").count() == 2


def test_file_name_is_stored_without_control_characters(db, challenge):
    content = b"name,challenge\nAda,word-count\n"
    batch = service.import_file("a\x00b\n\u202e.csv", content, Defaults(), by="grace")
    assert batch.file_name == "ab.csv"


def test_second_import_marks_invited_candidates(read):
    text = "name,challenge\nAda,word-count\n"
    service.queue_rows(read(text), by="grace")
    (row,) = read(text).rows.all()
    assert row.twice.startswith("Already invited to this challenge, from “candidates.csv” of ")


def test_only_valid_rows_of_the_given_numbers_are_queued(read, enqueued):
    batch = read("name,challenge\nAda,word-count\n,word-count\nBob,word-count\nCleo,word-count\n")
    assert service.queue_rows(batch, by="grace", numbers=[1, 2, 3, 77]) == 2
    assert list(batch.rows.filter(state="wanted").values_list("number", "wanted_by")) == [
        (1, "grace"),
        (3, "grace"),
    ]
    assert enqueued == [("operations.invite_rows", str(batch.pk))]


def test_row_is_queued_once(read, enqueued):
    batch = read("name,challenge\nAda,word-count\n")
    assert [service.queue_rows(batch, by="grace"), service.queue_rows(batch, by="ada")] == [1, 0]
    assert len(enqueued) == 1


def test_without_a_mail_server_no_row_is_queued(read, settings):
    settings.MAIL_IS_ON = True
    batch = read("name,email,challenge\nAda,a@b.de,word-count\n", send_email=True)
    settings.MAIL_IS_ON = False
    with pytest.raises(InvalidInputError) as raised:
        service.queue_rows(batch, by="grace")
    assert raised.value.field == "send_email"
    assert batch.counts()["new"] == 1


def test_five_thousand_rows_are_imported(read):
    rows = "".join(f"Ada {number},a{number}@example.com\n" for number in range(5_000))
    batch = read(f"name,email\n{rows}", challenge="word-count")
    assert batch.counts()["good"] == 5_000
    assert service.queue_rows(batch, by="grace", numbers=range(1, 4_001)) == 4_000


def test_template_with_its_example_is_valid(read):
    text = ",".join(TEMPLATE) + "\n" + ",".join(EXAMPLE) + "\n"
    assert problems(read(text, challenge="word-count", send_email=True)) == [""]


def test_deleted_interview_erases_its_row(read):
    batch = read("name,challenge\nAda,word-count\n")
    batch.rows.update(interview_id="takehome-1")
    service.erase_interview("takehome-1")
    (row,) = batch.rows.all()
    assert (row.cells, row.invitation, row.key) == ({}, None, "")


def test_old_batches_are_deleted(read):
    batch = read("name,challenge\nAda,word-count\n")
    Batch.objects.update(created_at=now() - timedelta(days=91))
    service.delete_old_batches()
    assert (Batch.objects.count(), BatchRow.objects.filter(batch_id=batch.pk).count()) == (0, 0)
