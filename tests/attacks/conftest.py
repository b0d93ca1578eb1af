"""Pages that are not rendered."""

import pytest
from django.template.backends.django import Template


@pytest.fixture
def no_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render nothing: who gets in is decided before, and thousands of pages take their time."""
    monkeypatch.setattr(Template, "render", lambda self, *args, **kwargs: "")
