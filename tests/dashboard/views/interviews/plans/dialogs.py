"""The dialogs, as they are shown."""

from typing import Any

from django.test import Client

from interviews.models import Interview
from tests.dashboard.html import soup


def url(interview: Interview, name: str) -> str:
    return f"/interviews/{interview.id}/{name}/"


def shown(client: Client, path: str) -> dict[str, Any]:
    """The values of the dialog's fields, as a browser posts them."""
    form = soup(client.get(path)).select_one("form")
    data = {each["name"]: each.get("value", "") for each in form.select("input[name]")}
    data |= {each["name"]: each.get_text() for each in form.select("textarea")}
    for select in form.select("select"):
        data[select["name"]] = select.select_one("[selected]")["value"]
    unticked = form.select("input[type=checkbox]:not([checked])")
    return {name: data[name] for name in data if name not in {each["name"] for each in unticked}}


def errors(response: Any) -> list[str]:
    page = soup(response)
    return [each.get_text() for each in page.select(".field-error, .message-bad")]
