"""A candidate is found by any spelling of the address, in every table."""

import pytest

from operations.candidate_data import selection
from tests.conftest import fresh
from tests.operations.candidate_data.conftest import ADA

pytestmark = pytest.mark.django_db


def ids(candidate):
    return {one.id for one in candidate.interviews}


@pytest.mark.parametrize("typed", [ADA, ADA.lower(), f" {ADA.upper()} "])
def test_every_interview_of_an_address_is_found(known, other, typed):
    candidate = selection.find_by_email(typed)
    assert ids(candidate) == {one.id for one in known}
    assert candidate.name == "Ada L."


def test_one_interview_leads_to_the_others(known, other):
    assert ids(selection.find_by_interview(known[1])) == {one.id for one in known}


def test_interview_without_an_address_is_found_alone(known, invite):
    alone = invite(candidate_name="Ada L.")
    assert ids(selection.find_by_interview(alone)) == {alone.id}
    assert selection.find_by_interview(alone).other_rows() == []


@pytest.mark.parametrize("typed", ["", " ", "ada", "da@example.com", "nobody@example.com"])
def test_nothing_is_found_by_another_address(known, typed):
    candidate = selection.find_by_email(typed)
    assert (candidate.interviews, bool(candidate.inventory())) == ([], False)


def test_changed_address_is_not_found_any_more(known, mail_off):
    fresh(known[0]).change(candidate_email="new@example.com")
    assert known[0].id not in ids(selection.find_by_email(ADA))
    assert ids(selection.find_by_email("new@example.com")) == {known[0].id}


@pytest.fixture
def mail_off(settings):
    settings.MAIL_IS_ON = False


def test_what_is_stored_is_counted(known, other):
    inventory = selection.find_by_email(ADA).inventory()
    assert inventory.in_words().startswith(
        "3 interviews, 3 archives of saved files, 6 starts or stops of workspaces, "
    )
    # An invitation and its reminder, the confirmations of three submissions, and one to the address
    # that belongs to nobody's interview.
    assert inventory.emails == 6
    assert inventory.import_rows == 2
    assert inventory.webhook_messages > 3
    assert inventory.log_lines > 6
    assert inventory.search_terms > 10
    assert inventory.old_rows == 0


def test_rows_of_the_old_table_are_found(invite, settings, old_table):
    settings.UNIFIED_TAKEHOMES = False
    made = invite(candidate_email=ADA)
    candidate = selection.find_by_email(ADA)
    assert ids(candidate) == {made.id}
    assert candidate.inventory().old_rows == 1
