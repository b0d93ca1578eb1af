"""The page that describes the API has all of the OpenAPI document, in the product's own frame."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.presenters import markdown
from takehome_platform.api.app import api
from takehome_platform.api.reference import _type
from tests.dashboard.html import soup


@pytest.fixture
def page(db: None, client: Client, staff: User) -> Any:
    client.force_login(staff)
    return soup(client.get("/api/docs"))


@pytest.fixture
def document(db: None, client: Client, staff: User) -> Any:
    client.force_login(staff)
    return client.get("/api/openapi.json").json()


def test_the_document_is_not_made_anew_for_each_visit() -> None:
    assert api.get_openapi_schema() is api.get_openapi_schema(path_prefix="/api/")
    moved = api.get_openapi_schema(path_prefix="/moved/api/")
    assert {path.partition("/api/")[0] for path in moved["paths"]} == {"/moved"}


def test_its_texts_are_made_for_the_first_visit(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(staff)
    first = client.get("/api/docs").content
    monkeypatch.setattr(markdown, "render", lambda *_: pytest.fail("it was made again"))
    assert len(client.get("/api/docs").content) == len(first)


def test_each_endpoint_is_there_once(page: Any, document: Any) -> None:
    expected = [
        (operation["operationId"], method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    shown = [
        (item["id"], item.select_one(".api-method").get_text(), item.select_one(".api-path").text)
        for item in page.select(".api-item:has(.api-method)")
    ]
    assert sorted(shown) == sorted(expected)


def test_parameters_and_fields_of_the_body_are_named(page: Any) -> None:
    item = page.find(id="dashboard_api_invite")
    rows = {
        row.select_one("code").text: row.get_text(" ", strip=True)
        for row in item.select("tbody tr")
    }
    assert {"Idempotency-Key", "candidateName", "challenge", "durationMinutes"} <= rows.keys()
    assert "header" in rows["Idempotency-Key"]
    assert "required" in rows["candidateName"]
    assert "required" not in rows["Idempotency-Key"]
    assert "Permission:" in item.select_one(".prose").text


def test_each_link_leads_to_something_on_the_page(page: Any) -> None:
    targets = {a["href"][1:] for a in page.select("main a[href^='#']")}
    assert {"type-ErrorOut", "section-types"} <= targets
    assert targets - {element["id"] for element in page.select("[id]")} == set()


def test_it_is_a_page_of_the_product_without_scripts_in_it(page: Any) -> None:
    assert page.select_one(".site-nav a[aria-current]")["href"] == "/api/docs"
    assert [each for each in page.select("script") if not each.get("src")] == []
    assert page.select("[style]") == []


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 480}, "integer, 1 to 480"),
        ({"type": "string", "maxLength": 200}, "string, up to 200 characters"),
        ({"type": "string", "format": "date-time"}, "string (date-time)"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, "list of Row"),
        ({"enum": ["a", "b"]}, "a | b"),
        ({"const": "a"}, "a"),
        ({}, "any"),
    ],
)
def test_types_are_in_words(schema: dict[str, Any], text: str) -> None:
    assert _type(schema).text == text
