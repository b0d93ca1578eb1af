"""PostgreSQL or a bucket, which hosts have in place of files on one machine, fails meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import Platform, running_platform
from tests.faults.bucket import Bucket
from tests.faults.outages import Staff, fail_and_recover, frozen, slow, staff_of
from tests.faults.postgresql import PostgreSQL, running_postgresql

pytestmark = pytest.mark.faults


@dataclass
class Hosted:
    """A platform with the services that it runs on."""

    platform: Platform
    postgresql: PostgreSQL
    bucket: Bucket


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    bucket = Bucket(tmp_path_factory.mktemp("bucket"))
    folder = tmp_path_factory.mktemp("platform")
    with (
        running_postgresql() as postgresql,
        bucket.running(),
        running_platform(folder, DATABASE_URL=postgresql.url, **bucket.settings) as platform,
    ):
        yield Hosted(platform, postgresql, bucket)


@pytest.fixture(scope="module")
def staff(hosted: Hosted) -> Iterator[Staff]:
    with staff_of(hosted.platform) as staff:
        yield staff


@contextmanager
def crashed(postgresql: PostgreSQL) -> Iterator[None]:
    """It ends without a checkpoint, and starts again from its log of writes."""
    postgresql.stop("immediate")
    yield
    postgresql.start()


@contextmanager
def restarted(postgresql: PostgreSQL) -> Iterator[None]:
    """As for an update: its sessions end, and it is back at once."""
    postgresql.stop("fast")
    postgresql.start()
    yield


FAULTS: dict[str, Callable[[Hosted], Any]] = {
    "PostgreSQL crashed": lambda hosted: crashed(hosted.postgresql),
    "PostgreSQL restarted": lambda hosted: restarted(hosted.postgresql),
    "PostgreSQL frozen": lambda hosted: frozen(*hosted.postgresql.processes()),
    "bucket refuses": lambda hosted: hosted.bucket.refusing(),
    "bucket frozen": lambda hosted: frozen(hosted.bucket.process),
    "bucket slow": lambda hosted: slow(hosted.bucket.process),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.timeout(600)
def test_hosted_service_that_fails_loses_and_leaks_nothing(
    name: str, hosted: Hosted, staff: Staff
) -> None:
    fail_and_recover(name, hosted.platform, staff, FAULTS[name](hosted))
