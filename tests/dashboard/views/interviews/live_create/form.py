"""The form of a live interview, as the tests fill it in."""

from typing import Any

from django.test import Client

from interviews import queries
from interviews.models import Interview
from tests.dashboard.html import soup

FORM = {
    "candidate_name": "Ada Lovelace",
    "challenge": "word-count",
    "when": "later",
    "at": "2026-07-01T09:30",
    "zone": "Europe/Berlin",
    "duration_minutes": "90",
    "custom_minutes": "",
    "save_files": "on",
}
FRAGMENT = {"HX-Request": "true"}


def created() -> list[Interview]:
    return queries.list_page("regular").items


def post(staff_client: Client, **changes: str) -> Any:
    form = {name: value for name, value in (FORM | changes).items() if value != "absent"}
    return staff_client.post("/live/create/", form, headers=FRAGMENT)


def errors(response: Any) -> dict[str, str]:
    return {
        each["id"].removeprefix("id_").removesuffix("_error"): each.get_text()
        for each in soup(response).select(".field-error")
    }
