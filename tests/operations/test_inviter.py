"""Who invited a candidate, as candidates may know them."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError

from interviews.models import Interview
from operations import inviter
from operations.inviter import Inviter, inviter_name, inviter_of


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """What is kept of names."""
    kept = {}
    monkeypatch.setattr(inviter, "_kept", kept)
    return kept


@pytest.fixture
def grace(staff):
    staff.first_name, staff.last_name, staff.email = "Grace", "Hopper", "grace@example.com"
    staff.save()
    return staff


def by(username):
    return Interview(created_by=username)


def test_inviter_has_name_and_address(grace):
    assert inviter_of(by("recruiter")) == Inviter("Grace Hopper", "grace@example.com")
    assert inviter_name(by("recruiter")) == "Grace Hopper"


def test_user_name_is_no_name(staff):
    assert inviter_name(by("recruiter")) == ""


@pytest.mark.parametrize("username", [None, "", "token ats", "unknown"])
def test_others_are_unknown(grace, username):
    assert inviter_of(by(username)) == Inviter()
    assert inviter_name(by(username)) == ""


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_who_left_is_unknown(grace, how):
    if how == "deleted":
        grace.delete()
    else:
        grace.is_active = False
        grace.save()
    assert inviter_of(by("recruiter")) == Inviter()


def test_name_is_read_once_a_minute(grace, names, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [inviter_name(by("recruiter")) for _ in range(3)] == ["Grace Hopper"] * 3
    names["recruiter"] = ("Grace Hopper", 0.0)
    with django_assert_num_queries(1):
        inviter_name(by("recruiter"))


def test_row_without_inviter_costs_no_query(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        inviter_name(by(None))


def test_name_stays_while_the_database_is_away(grace, names, monkeypatch):
    inviter_name(by("recruiter"))
    names["recruiter"] = ("Grace Hopper", 0.0)

    def away(username):
        raise DatabaseError

    monkeypatch.setattr(inviter, "_read", away)
    assert inviter_name(by("recruiter")) == "Grace Hopper"
    assert inviter_name(by("another")) == ""


def test_names_do_not_fill_the_memory(db, names, monkeypatch):
    monkeypatch.setattr(inviter, "MAX_KEPT", 3)
    for number in range(10):
        inviter_name(by(f"user{number}"))
    assert len(names) <= 3


@pytest.mark.parametrize("username", ["candidate", "schedule"])
def test_an_old_account_of_a_reserved_name_gets_nobodys_answers(db, username):
    User.objects.create_user(username, "somebody@example.com", first_name="Some", is_staff=True)
    assert inviter_of(by(username)) == Inviter()
    assert inviter.active_account(username) is None
