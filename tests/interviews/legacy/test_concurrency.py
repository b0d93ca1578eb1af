"""Concurrent first writes to old rows, in a real server."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from interviews import queries
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from operations import actions, models
from tests import legacy_rows
from tests.interviews.legacy.conftest import everything, keep, old_row

pytestmark = pytest.mark.usefixtures("real_old_table")
CODE = legacy_rows.passcode(77)


def test_of_concurrent_first_writes_one_migrates(engine):
    keep(legacy_rows.take_home(CODE, at=now()))
    together = Barrier(8)

    def start(_):
        found = queries.get_by_passcode(CODE)
        together.wait()
        return actions.activate(found, by="candidate")

    with ThreadPoolExecutor(8) as pool:
        operations = set(pool.map(start, range(8)))
    assert len(operations) == 1
    assert [one.state for one in Interview.scan()] == [Status.ACTIVATED]
    assert [one.id for one in models.Operation.scan()] == list(operations)
    assert old_row(CODE)["status"] == {"S": "activated"}


def test_real_server_reads_pages_and_migrates_the_same_way():
    codes = everything()
    for size in (2, 50):
        found, cursor = [], None
        while True:
            page = queries.list_page("take-home", size=size, cursor=cursor)
            found += [one.passcode for one in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert len(found) == len(set(found)) == 10
    one = queries.get_by_passcode(codes["available, unknown attributes"])
    actions.extend(one, 15, by="recruiter")
    assert queries.get_by_passcode(one.passcode).legacy_attributes["photo"] == {"B": "AAE="}
