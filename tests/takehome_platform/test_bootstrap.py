"""Bootstrap is repeatable, and shows a generated password only once."""

import re

import pytest
from django.contrib.auth import get_user_model

from takehome_platform.bootstrap import (
    ensure_admin,
    ensure_first_login,
    ensure_secret_key_file,
    read_or_create_secret,
)


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    path = tmp_path / "secret_key"
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    monkeypatch.setenv("SECRET_KEY", "")
    return path


def test_secret_key_is_made_once_and_readable_by_its_owner_only(key_file) -> None:
    ensure_secret_key_file()
    made = key_file.read_text()
    assert len(made) >= 50
    assert key_file.stat().st_mode & 0o777 == 0o600
    ensure_secret_key_file()
    assert key_file.read_text() == made


def test_secret_key_from_the_environment_is_not_written(key_file, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    ensure_secret_key_file()
    assert not key_file.exists()


def test_secret_whose_writing_was_interrupted_is_made_again(tmp_path) -> None:
    (tmp_path / "secret").touch()
    secret = read_or_create_secret(tmp_path / "secret", 12)
    assert (tmp_path / "secret").read_text() == secret != ""


@pytest.mark.django_db
def test_generated_password_is_shown_once() -> None:
    shown = re.fullmatch(r"sign in as admin / (\S{16})", ensure_first_login(""))
    assert shown is not None
    admin = get_user_model().objects.get()
    assert admin.is_superuser
    assert admin.check_password(shown[1])
    assert ensure_first_login("") == "sign in as before"
    assert get_user_model().objects.get().check_password(shown[1])


@pytest.mark.django_db
def test_password_from_the_environment_is_not_shown() -> None:
    assert "chosen" not in ensure_first_login("chosen by hand")
    assert get_user_model().objects.get(username="admin").check_password("chosen by hand")


@pytest.mark.django_db
def test_deactivated_admin_stays_so_while_another_superuser_exists() -> None:
    users = get_user_model().objects
    users.create_superuser("admin", is_active=False)
    users.create_superuser("grace", password="a good one 4")
    assert ensure_first_login("") == "sign in as before"
    assert users.get(username="admin").is_active is False


def _admin():
    return get_user_model().objects.get(username="admin")


@pytest.mark.django_db
def test_admin_is_made_with_the_password() -> None:
    ensure_admin("first")
    admin = _admin()
    assert (admin.is_staff, admin.is_superuser, admin.is_active) == (True, True, True)
    assert admin.check_password("first")


@pytest.mark.django_db
def test_admin_gets_a_new_password() -> None:
    ensure_admin("first")
    ensure_admin("second")
    assert _admin().check_password("second")


@pytest.mark.django_db
def test_admin_stays_signed_in_over_a_restart() -> None:
    ensure_admin("first")
    before = _admin().get_session_auth_hash()
    ensure_admin("first")
    assert _admin().get_session_auth_hash() == before


@pytest.mark.django_db
def test_deactivated_admin_is_activated_again() -> None:
    ensure_admin("first")
    get_user_model().objects.update(is_active=False, is_superuser=False)
    ensure_admin("first")
    assert (_admin().is_superuser, _admin().is_active) == (True, True)
