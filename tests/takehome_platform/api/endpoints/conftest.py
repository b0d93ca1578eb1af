"""Requests to the API."""

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def staff_client(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client
