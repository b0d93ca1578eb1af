"""The names and labels of a workspace's parts."""

from datetime import UTC, datetime

import pytest

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import naming


def test_names_tell_platforms_apart() -> None:
    plain, other = naming.names_of("default", "int-1"), naming.names_of("two_", "int-1")
    assert (plain.editor, plain.sidecar) == ("workspace-int-1", "workspace-int-1-gate")
    assert other.editor == "workspace-two_int-1"
    with pytest.raises(ValueError, match="isn't a valid workspace name"):
        naming.names_of("default", "a/../b")


def test_resource_without_our_labels_is_foreign() -> None:
    names = naming.names_of("default", "int-1")
    names.check_ownership("volume", names.labels(), "start")
    strangers: list[dict[str, str] | None] = [None, {}, naming.names_of("two", "int-1").labels()]
    for labels in strangers:
        with pytest.raises(ProvisionError, match="a volume named workspace-int-1 that is not"):
            names.check_ownership("volume", labels, "start")


def test_creation_time_has_three_formats() -> None:
    at = datetime(2026, 11, 23, 7, 5, 36, tzinfo=UTC)
    assert naming.created_at({"Created": int(at.timestamp())}) == at
    assert naming.created_at({"CreatedAt": "2026-11-23T07:05:36Z"}) == at
    nano = naming.created_at({"Created": "2026-11-23T08:05:36.123456789+01:00"})
    assert nano == at.replace(microsecond=123456)


def test_creation_time_of_a_volume_is_that_of_its_label() -> None:
    labels = {naming.CREATED_AT_LABEL: "2026-11-23T07:05:36+00:00"}
    # The engine's own time moves while the disk is mounted.
    volume = {"CreatedAt": "2026-11-23T09:00:00Z", "Labels": labels}
    assert naming.created_at(volume) == datetime(2026, 11, 23, 7, 5, 36, tzinfo=UTC)
