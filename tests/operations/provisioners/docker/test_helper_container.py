"""Helper containers that nobody waits for any more."""

import time
from typing import Any, cast

from operations.provisioners.docker import helper_container
from operations.provisioners.docker.naming import HELPER_LABEL, PLATFORM_LABEL


class FakeEngine:
    """Has these containers: id -> seconds since it was made."""

    def __init__(self, **ages: float) -> None:
        self.api = self
        self.left = ages
        self.filters: dict[str, Any] = {}

    def containers(self, *, all: bool, filters: dict[str, Any]) -> list[dict[str, Any]]:
        self.filters = filters
        return [{"Id": id_, "Created": time.time() - age} for id_, age in self.left.items()]

    def remove_container(self, id_: str, *, v: bool) -> None:
        del self.left[id_]


def test_what_a_killed_worker_left_for_any_workspace_is_removed_by_the_next() -> None:
    """Its own workspace may never have another one."""
    engine = FakeEngine(old=4000, young=60)
    helper_container._remove_stale_helpers(cast("Any", engine), "two_")
    assert list(engine.left) == ["young"]
    assert engine.filters == {
        "label": [f"{PLATFORM_LABEL}=two_", HELPER_LABEL],
        "status": ["created", "exited"],
    }
