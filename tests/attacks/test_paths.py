"""No URL, no parameter and no row leads to a file outside of the store."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interviews.challenges import library
from interviews.challenges.models import Version
from interviews.models import Interview
from operations import actions
from tests.attacks import routes
from tests.conftest import run_until_idle

pytestmark = pytest.mark.django_db

CANARY = "the canary sings"
OUTSIDE = [
    "../canary",
    "..%2fcanary",
    "..%252fcanary",
    "%2e%2e%2fcanary",
    "..\\canary",
    "..%5ccanary",
    "....//canary",
    "%2fetc%2fpasswd",
    "..%00",
    "word-count%2f..%2f..%2f..%2fcanary",
    "..;/canary",
    "..%c0%afcanary",
    "..%ef%bc%8fcanary",
]


@pytest.fixture
def superuser(files: Path) -> Client:
    """Signed in, on a machine with a file beside the store."""
    files.mkdir(exist_ok=True)
    (files.parent / "canary").write_text(CANARY)
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


def body(answer: Any) -> str:
    return str(answer.getvalue().decode("latin-1") if answer.streaming else answer.text)


def test_no_id_in_a_url_leads_outside(superuser: Client, running: Interview) -> None:
    ids = routes.existing_ids(running)
    patterns = [
        access.pattern
        for access in routes.expected()
        if access.method == "GET" and "/admin/" not in access.pattern
    ]
    texts = {"interview_id", "operation_id", "challenge_id", "passcode", "number"}
    tried = 0
    for pattern in patterns:
        for name in texts:
            if f"{name}>" in pattern:
                for outside in OUTSIDE:
                    # As a browser sends it: the test client decodes what it is given.
                    answer = superuser.get(routes.fill(pattern, {**ids, name: outside}))
                    assert answer.status_code in (302, 404, 422, 429), (pattern, outside)
                    assert CANARY not in body(answer)
                    tried += 1
    assert tried > 100


@pytest.mark.parametrize("page", ["/challenges/word-count/", "/challenges/word-count/file/"])
def test_no_name_of_a_file_leads_outside(superuser: Client, challenge: Any, page: str) -> None:
    for outside in [*OUTSIDE, "../../../canary", "/etc/passwd", "README.md/../../../../canary"]:
        answer = superuser.get(f"{page}?file={outside}")
        assert answer.status_code in (200, 404)
        assert CANARY not in body(answer)
        assert "root:" not in body(answer)


@pytest.mark.parametrize("outside", [*OUTSIDE, "/etc/passwd", "//etc/passwd"])
def test_no_static_file_is_outside(superuser: Client, outside: str) -> None:
    for prefix in ("/static/", "/static/shared/"):
        answer = superuser.get(f"{prefix}{outside}")
        assert (answer.status_code, "root:" in body(answer)) in ((404, False), (302, False))


def test_row_that_names_another_file_as_its_archive_reads_nothing(
    superuser: Client, running: Interview, files: Path
) -> None:
    """A row of an earlier portal says where its archive is."""
    actions.submit(running, by="candidate")
    ended = run_until_idle(running)
    for key in ("../canary", str(files.parent / "canary"), "archives/../../canary"):
        ended.change(history_s3_key=key)
        answer = superuser.get(f"/api/interviews/{ended.id}/files")
        assert (answer.status_code, CANARY in body(answer)) == (400, False), key


def test_row_that_names_another_file_of_a_challenge_reads_nothing(
    superuser: Client, challenge: Any
) -> None:
    version = library.get_version("word-count", 1)
    assert isinstance(version, Version)
    for path in ("../../../../canary", "a/../../../../../canary"):
        version.files[0].path = path
        version.files[0].size = len(CANARY)
        version.files[0].sha256 = None
        version.save()
        answer = superuser.get("/challenges/word-count/file/", {"file": path})
        assert (answer.status_code, CANARY in body(answer)) == (400, False), path
