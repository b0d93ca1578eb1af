"""Limits that no other test has used up, and pages that are not rendered."""

from collections.abc import Iterator

import pytest
from django.template.backends.django import Template
from ninja import NinjaAPI

from operations import rate_limit


@pytest.fixture(autouse=True)
def reset_rate_limiter() -> Iterator[None]:
    rate_limit._counter.cache_clear()
    yield
    rate_limit._counter.cache_clear()


@pytest.fixture
def no_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render nothing: who gets in is decided before, and thousands of pages take their time."""
    monkeypatch.setattr(Template, "render", lambda self, *args, **kwargs: "")
    monkeypatch.setattr(NinjaAPI, "get_openapi_schema", lambda self, **kwargs: {})
