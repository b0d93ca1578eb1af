"""The admin's pages of the team."""

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.auth.models import User
from django.test import Client

from dashboard.permissions.roles import (
    VIEWER,
    Permission,
)
from tests.conftest import member


@pytest.fixture
def lesser(client: Client) -> Client:
    """A user who may manage users, and little else."""
    person = member("lesser", VIEWER)
    person.user_permissions.add(DjangoPermission.objects.get(codename=Permission.ADMINISTER.value))
    client.force_login(User.objects.get(pk=person.pk))
    return client
