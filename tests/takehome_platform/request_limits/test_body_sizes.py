"""The table of limits: who may send how much where, and that nginx says the same."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import RequestFactory

from dashboard.auth import api_tokens
from dashboard.permissions.roles import INTERVIEWER, VIEWER
from takehome_platform.request_limits.body_sizes import (
    too_large_message,
)
from tests.conftest import member

FORM = "multipart/form-data; boundary=x"
MEGABYTE = 1024 * 1024
USUAL = "larger than 1 MB"
UPLOADS = [
    ("/new-challenge/", 110),
    ("/challenges/word-count/edit/", 110),
    ("/api/challenges", 110),
    ("/api/challenges/word-count/versions", 110),
    ("/invitations/", 2),
]


def refusal(
    path: str, length: int, user: User | AnonymousUser, type_: str = FORM, token: str = ""
) -> str | None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = RequestFactory().generic(
        "POST", path, b"x", content_type=type_, CONTENT_LENGTH=str(length), headers=headers
    )
    request.user = user
    return too_large_message(request)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "megabytes"), UPLOADS)
def test_only_staff_with_the_permission_may_upload(path: str, megabytes: int) -> None:
    interviewer = member("interviewer", INTERVIEWER)
    largest = (megabytes + 1) * MEGABYTE
    assert refusal(path, largest, interviewer) is None
    message = f"The upload is larger than {megabytes} MB."
    assert refusal(path, largest + 1, interviewer) == message
    for other in (AnonymousUser(), member("viewer", VIEWER)):
        assert refusal(path, MEGABYTE, other) is None
        refused = refusal(path, MEGABYTE + 1, other)
        if path.startswith("/api/"):
            assert refused == "The body is larger than 1 MB."
        else:
            assert "Only staff who may upload files here can send more than 1 MB." in str(refused)


@pytest.mark.django_db
def test_token_may_upload_if_its_role_may() -> None:
    tokens = {role: api_tokens.create(role, role, by="tests")[1] for role in (VIEWER, INTERVIEWER)}
    size = 2 * MEGABYTE
    assert refusal("/api/challenges", size, AnonymousUser(), token=tokens[INTERVIEWER]) is None
    for token in (tokens[VIEWER], "thp_x"):
        assert USUAL in str(refusal("/api/challenges", size, AnonymousUser(), token=token))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/new-challenge/", "application/x-www-form-urlencoded"),
        ("/api/challenges", "application/json"),
        ("/api/challenges/word-count/archive", FORM),
        ("/new-challenge/text/", FORM),
        ("/login/", FORM),
    ],
)
def test_everything_else_has_the_usual_limit(path: str, type_: str) -> None:
    assert USUAL in str(refusal(path, MEGABYTE + 1, member("interviewer", INTERVIEWER), type_))


@pytest.mark.parametrize("length", ["", "x", "-1", "1048576"])
def test_length_may_be_missing_or_wrong(length: str) -> None:
    request = RequestFactory().generic("POST", "/", b"x", CONTENT_LENGTH=length)
    assert too_large_message(request) is None
