"""Old time zone data is reported, and every place says which one is used."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command

from interviews.local_time import zone_data
from takehome_platform.checks.zone_data import check_zone_data


@pytest.mark.parametrize(("days", "ids"), [(365, []), (366, ["platform.W016"])])
def test_data_of_a_year_ago_is_reported(days: int, ids: list[str]) -> None:
    with time_machine.travel(zone_data.not_older_than() + timedelta(days=days), tick=False):
        assert [message.id for message in check_zone_data()] == ids


def test_manage_check_says_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check", tags=["urls"])
    assert capsys.readouterr().out.startswith(f"{zone_data.describe()}\nSystem check")
