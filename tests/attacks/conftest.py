"""Pages that are not rendered."""

from typing import Any

import pytest
from django.template.backends.django import Template
from ninja import NinjaAPI

EMPTY: Any = {"info": {"description": ""}, "tags": [], "paths": {}, "components": {"schemas": {}}}


@pytest.fixture
def no_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render nothing: who gets in is decided before, and thousands of pages take their time."""
    monkeypatch.setattr(Template, "render", lambda self, *args, **kwargs: "")
    monkeypatch.setattr(NinjaAPI, "get_openapi_schema", lambda self, **kwargs: EMPTY)
