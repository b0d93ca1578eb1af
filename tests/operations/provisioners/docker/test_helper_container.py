"""Stale helper containers, and the names of images."""

import time
from typing import Any, cast

import pytest

from operations.provisioners.docker import helper_container
from operations.provisioners.docker.naming import HELPER_LABEL, PLATFORM_LABEL


class FakeEngine:
    """An engine with these containers: id -> age in seconds."""

    def __init__(self, **ages: float) -> None:
        self.api = self
        self.left = ages
        self.filters: dict[str, Any] = {}

    def containers(self, *, all: bool, filters: dict[str, Any]) -> list[dict[str, Any]]:
        self.filters = filters
        return [{"Id": id_, "Created": time.time() - age} for id_, age in self.left.items()]

    def remove_container(self, id_: str, *, v: bool) -> None:
        del self.left[id_]


def test_stale_helper_of_any_workspace_is_removed() -> None:
    """The same workspace may never run another helper."""
    engine = FakeEngine(old=4000, young=60)
    helper_container._remove_stale_helpers(cast("Any", engine), "two_")
    assert list(engine.left) == ["young"]
    assert engine.filters == {
        "label": [f"{PLATFORM_LABEL}=two_", HELPER_LABEL],
        "status": ["created", "exited"],
    }


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("codercom/code-server", ("codercom/code-server", "latest")),
        ("mine:5000/code-server", ("mine:5000/code-server", "latest")),
        ("mine:5000/code-server:4", ("mine:5000/code-server", "4")),
        ("mine@sha256:abc", ("mine", "sha256:abc")),
    ],
)
def test_image_name_always_has_a_tag(name: str, parts: tuple[str, str]) -> None:
    assert helper_container._split_image_name(name) == parts
