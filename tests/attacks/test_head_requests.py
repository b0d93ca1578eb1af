"""HEAD is answered wherever GET is, changes nothing, is not recorded, and reads no archive."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client

from interviews.lifecycle import Status
from interviews.models import Interview
from operations.audit.models import AuditEntry
from takehome_platform.head_requests import head_as_get
from tests.attacks import routes
from tests.conftest import fresh


@pytest.mark.django_db
@pytest.mark.usefixtures("no_templates")
def test_every_address_answers_a_head_as_it_answers_a_get(running: Interview) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    ids = routes.existing_ids(running)
    of_admin = routes.admin_ids(running, ids)
    different, recorded = {}, []
    for access in routes.expected():
        url = routes.fill(access.pattern, ids, of_admin)
        entries = AuditEntry.objects.count()
        head = client.head(url)
        if AuditEntry.objects.count() != entries:
            recorded.append(url)
        if access.method != "GET":
            continue
        found = client.get(url).status_code
        if head.status_code != found:
            different[url] = (head.status_code, found)
    assert (different, recorded) == ({}, [])
    assert fresh(running).state is Status.ACTIVE


def test_stream_is_not_read() -> None:
    def archive():
        raise AssertionError("it was read")
        yield b""

    def view(request: HttpRequest) -> StreamingHttpResponse:
        assert request.method == "GET"
        return StreamingHttpResponse(archive(), headers={"Content-Length": "7"})

    request = HttpRequest()
    request.method = "HEAD"
    response = head_as_get(view)(request)
    assert b"".join(response) == b""
    assert (response["Content-Length"], request.method) == ("7", "HEAD")
