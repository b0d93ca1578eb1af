"""Names that no new account may have, since timelines and replies give them to somebody else."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from tests.dashboard.html import soup

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["candidate", "Schedule", "manage.py"])
def test_the_admin_refuses_a_reserved_name(staff_client: Client, name: str) -> None:
    form = {"username": name, "usable_password": "false", "is_staff": "on"}
    page = soup(staff_client.post("/admin/auth/user/add/", form), 200)
    assert "This name is reserved." in page.select_one(".field-username").text
    assert not User.objects.filter(username=name).exists()


def test_the_command_refuses_it_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a good one 4")
    options: Any = {"email": "a@example.com", "interactive": False, "stdout": StringIO()}
    with pytest.raises(CommandError, match="This name is reserved"):
        call_command("createsuperuser", username="schedule", **options)
    call_command("createsuperuser", username="scheduler", **options)
    assert User.objects.get().username == "scheduler"


def test_who_has_it_from_before_keeps_their_account(client: Client) -> None:
    User.objects.create_superuser("candidate", password="a good one 4")
    form = {"username": "candidate", "password": "a good one 4"}
    assert client.post("/login/", form).status_code == 302
    assert client.get("/profile/").status_code == 200
