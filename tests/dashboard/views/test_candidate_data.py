"""The page that shows, exports and deletes what is stored about a candidate."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import AsyncClient, Client

from dashboard.permissions.roles import INTERVIEWER, VIEWER
from interviews import queries
from interviews.models import Interview
from operations.audit.models import AuditEntry
from tests.conftest import fresh, member

URL = "/candidate-data/"
ADA = "ada@example.com"


@pytest.fixture
def ada(invite: Callable[..., Interview]) -> Interview:
    return invite(candidate_name="Ada L.", candidate_email="Ada@Example.com")


def soup(response) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(response, selector: str) -> str:
    return " ".join(soup(response).select_one(selector).get_text().split())


def test_page_finds_a_candidate_by_address(staff_client: Client, ada: Interview) -> None:
    response = staff_client.post(URL, {"email": ADA})
    assert text(response, "#candidate-title") == "Ada L."
    assert text(response, ".data-counts").startswith("1 interview, ")
    assert soup(response).select_one(".data-interviews a")["href"] == f"/interviews/{ada.id}/"


def test_interviews_page_leads_there(staff_client: Client, ada: Interview) -> None:
    page = soup(staff_client.get(f"/interviews/{ada.id}/"))
    link = page.find("a", string="Candidate data", class_="button")
    response = staff_client.get(str(link["href"]))
    assert text(response, "#candidate-title") == "Ada L."
    assert ADA not in link["href"]


def test_interview_without_an_address_stands_alone(
    staff_client: Client, take_home: Interview
) -> None:
    response = staff_client.get(URL, {"interview": take_home.id})
    assert "search the history by name" in text(response, ".data-candidate")
    assert soup(response).select_one("[name=interview]")["value"] == take_home.id


def test_unknown_address_and_unknown_interview(staff_client: Client, ada: Interview) -> None:
    response = staff_client.post(URL, {"email": "eve@example.com"})
    assert text(response, "#candidate-title") == "Nothing stored"
    assert not soup(response).select("main dialog")
    assert staff_client.get(URL, {"interview": "no-such"}).status_code == 404


@pytest.mark.parametrize("email", ["", "ada", "a" * 300 + "@example.com"])
def test_invalid_address_is_marked(staff_client: Client, email: str) -> None:
    response = staff_client.post(URL, {"email": email})
    assert response.status_code == 422
    assert soup(response).select_one(".field-error") is not None


def test_export_is_a_zip_file(staff_client: Client, ada: Interview) -> None:
    response = staff_client.post(f"{URL}export/", {"email": ADA})
    assert response["Content-Disposition"] == 'attachment; filename="candidate-data.zip"'
    assert response["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    assert archive.namelist() == ["candidate-data.json"]


@pytest.mark.django_db(transaction=True)
async def test_export_is_streamed_to_an_asgi_server(staff, ada: Interview) -> None:
    client = AsyncClient()
    await client.aforce_login(staff)
    response: Any = await client.post(f"{URL}export/", {"interview": ada.id})
    assert response.is_async
    content = b"".join([chunk async for chunk in response])
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_delete_says_what_was_done(staff_client: Client, ada: Interview) -> None:
    question = text(staff_client.post(URL, {"email": ADA}), "#delete-data-text")
    assert question == (
        "Everything about 1 interview: Word count. This permanently deletes: Name, email address "
        "and all details Invitations that haven't been started are withdrawn. The candidate's "
        "links will stop working. This can't be undone."
    )
    response = staff_client.post(f"{URL}delete/", {"email": ADA})
    assert text(response, ".data-result").startswith("Deleted: 1 interview, ")
    assert "Audit log entries are kept, without the candidate's name" in text(
        response, ".data-result"
    )
    assert queries.get_interview(ada.id) is None
    assert not soup(response).select(".data-candidate")


def test_running_test_is_left_and_can_be_ended_by_choice(
    staff_client: Client, running: Interview
) -> None:
    running.change(candidate_email=ADA)
    page = staff_client.post(URL, {"email": ADA})
    assert (
        text(page, "dialog .message-warn")
        == "1 interview is still in progress and won't be deleted."
    )
    response = staff_client.post(f"{URL}delete/", {"email": ADA})
    assert "1 interview is still in progress and wasn't deleted" in text(response, ".data-result")
    assert soup(response).select_one(".data-candidate .name") is not None
    assert fresh(running).status == "active"
    response = staff_client.post(f"{URL}delete/", {"email": ADA, "end_running": "on"})
    assert "1 interview is being stopped. Delete again in a minute." in text(
        response, ".data-result"
    )
    assert fresh(running).status == "destroying"


def test_nobody_named_leads_back_to_the_form(staff_client: Client, ada: Interview) -> None:
    for part in ("export/", "delete/"):
        response = staff_client.post(URL + part, {"email": " "})
        assert (response.status_code, response["Location"]) == (302, URL)
    assert fresh(ada).status == "available"
    assert not AuditEntry.objects.filter(what__endswith="candidate").exists()


@pytest.mark.parametrize("role", [VIEWER, INTERVIEWER])
def test_other_roles_may_not(client: Client, ada: Interview, db: None, role: str) -> None:
    client.force_login(member("someone", role))
    assert client.get(URL).status_code == 403
    for part in ("", "export/", "delete/"):
        assert client.post(URL + part, {"email": ADA}).status_code == 403
    page = soup(client.get(f"/interviews/{ada.id}/"))
    assert page.find("a", string="Candidate data") is None
    assert fresh(ada).status == "available"
