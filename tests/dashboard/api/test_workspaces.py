"""/api/workspaces: anyone on staff may look, administrators decide."""

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.permissions.roles import INTERVIEWER, VIEWER
from operations.audit.models import AuditEntry
from operations.reaper.models import Orphan
from tests.conftest import member
from tests.dashboard.http import post
from tests.orphans import make_orphan

API = "/api/workspaces/unneeded"


@pytest.fixture
def orphan(db: None) -> Orphan:
    return make_orphan()


def unchanged(orphan: Orphan) -> bool:
    now_so = Orphan.objects.filter(pk=orphan.pk).values().get()
    return bool(now_so == {name: getattr(orphan, name) for name in now_so})


def test_api_says_the_same(staff_client: Client, orphan: Orphan) -> None:
    make_orphan(name="ended", ended_at=timezone.now())
    answer = staff_client.get(API).json()
    assert answer["next"] is None
    [item] = answer["items"]
    assert (item["id"], item["name"], item["why"]) == (orphan.pk, "takehome-lost", "stranger")


def test_api_ends_and_keeps(
    staff_client: Client, orphan: Orphan, enqueued: list[tuple[str, str]]
) -> None:
    enqueued.clear()
    answer = post(staff_client, f"{API}/{orphan.pk}/end", {})
    assert (answer.status_code, answer.json()["endedBy"]) == (202, "recruiter")
    assert enqueued == [("operations.end_orphan", str(orphan.pk))]
    answer = post(staff_client, f"{API}/{orphan.pk}/keep")
    assert (answer.status_code, answer.json()["keptBy"]) == (200, "recruiter")
    said = AuditEntry.objects.order_by("pk").values_list("what", "via")
    assert list(said) == [("workspace_ended", "api"), ("workspace_kept", "api")]


def test_api_gives_up_files_only_where_they_could_not_be_saved(
    staff_client: Client, orphan: Orphan
) -> None:
    post(staff_client, f"{API}/{orphan.pk}/end", {"saveFiles": False})
    assert Orphan.objects.get().save_files is True
    Orphan.objects.update(failed_step="save")
    post(staff_client, f"{API}/{orphan.pk}/end", {"saveFiles": False})
    assert Orphan.objects.get().save_files is False


def test_api_refuses_what_is_gone(staff_client: Client, orphan: Orphan) -> None:
    Orphan.objects.update(ended_at=timezone.now())
    for verb in ("end", "keep"):
        assert post(staff_client, f"{API}/{orphan.pk}/{verb}", {}).status_code == 409
        assert post(staff_client, f"{API}/{orphan.pk + 1}/{verb}", {}).status_code == 404
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_api_is_for_administrators_but_for_looking(
    client: Client, orphan: Orphan, role: str
) -> None:
    client.force_login(member("somebody", role))
    assert len(client.get(API).json()["items"]) == 1
    for verb in ("end", "keep"):
        assert post(client, f"{API}/{orphan.pk}/{verb}", {}).status_code == 403
    assert unchanged(orphan)
