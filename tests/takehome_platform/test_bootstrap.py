"""What the containers do before the others start: nothing twice, and the password told once."""

import re

import pytest
from django.contrib.auth import get_user_model

from takehome_platform.bootstrap import first_login, make_secret_key


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    path = tmp_path / "secret_key"
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    monkeypatch.setenv("SECRET_KEY", "")
    return path


def test_secret_key_is_made_once_and_is_its_owners_alone(key_file) -> None:
    make_secret_key()
    made = key_file.read_text()
    assert len(made) >= 50
    assert key_file.stat().st_mode & 0o777 == 0o600
    make_secret_key()
    assert key_file.read_text() == made


def test_secret_key_that_was_given_is_written_nowhere(key_file, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    make_secret_key()
    assert not key_file.exists()


@pytest.mark.django_db
def test_first_login_is_told_once() -> None:
    told = re.fullmatch(r"sign in as admin / (\S{16})", first_login(""))
    assert told is not None
    admin = get_user_model().objects.get()
    assert admin.is_superuser
    assert admin.check_password(told[1])
    assert first_login("") == "sign in as before"
    assert get_user_model().objects.get().check_password(told[1])


@pytest.mark.django_db
def test_login_of_ones_own_is_not_told() -> None:
    assert "chosen" not in first_login("chosen by somebody")
    assert get_user_model().objects.get(username="admin").check_password("chosen by somebody")


@pytest.mark.django_db
def test_admin_who_was_shut_out_stays_so_where_there_is_another() -> None:
    users = get_user_model().objects
    users.create_superuser("admin", is_active=False)
    users.create_superuser("grace", password="a good one 4")
    assert first_login("") == "sign in as before"
    assert users.get(username="admin").is_active is False
