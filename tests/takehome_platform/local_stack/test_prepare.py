"""The first member of staff."""

import pytest
from django.contrib.auth import get_user_model

from operations import schema_sync
from takehome_platform.local_stack.prepare import ensure_admin, prepare

pytestmark = pytest.mark.django_db


def _admin():
    return get_user_model().objects.get(username="admin")


def test_admin_is_made_with_the_password() -> None:
    ensure_admin("first")
    admin = _admin()
    assert (admin.is_staff, admin.is_superuser, admin.is_active) == (True, True, True)
    assert admin.check_password("first")


def test_admin_gets_a_new_password() -> None:
    ensure_admin("first")
    ensure_admin("second")
    assert _admin().check_password("second")


def test_admin_stays_signed_in_over_a_restart() -> None:
    ensure_admin("first")
    before = _admin().get_session_auth_hash()
    ensure_admin("first")
    assert _admin().get_session_auth_hash() == before


def test_admin_who_was_shut_out_is_let_in_again() -> None:
    ensure_admin("first")
    get_user_model().objects.update(is_active=False, is_superuser=False)
    ensure_admin("first")
    assert (_admin().is_superuser, _admin().is_active) == (True, True)


def test_tables_of_before_are_renewed_and_not_changed_in_place(tables, monkeypatch) -> None:
    """The embedded server cannot add an index."""
    monkeypatch.setattr(schema_sync, "add_indexes", lambda *_: pytest.fail("asked for"))
    prepare("first")
    assert _admin().is_superuser
