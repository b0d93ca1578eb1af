"""The admin's footer says which time zone data is used."""

import pytest
from django.test import Client

from interviews.local_time import zone_data

pytestmark = pytest.mark.django_db


def test_the_footer_says_the_version(staff_client: Client) -> None:
    assert zone_data.describe() in staff_client.get("/admin/").content.decode()
