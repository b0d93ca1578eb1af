"""Mail servers that fail in ways of their own."""

import pytest

from tests.operations.mail.conftest import messages


@pytest.fixture
def message(mailed):
    return messages(mailed(), "invitation")[0]


@pytest.fixture
def use_backend(settings):
    def use(backend):
        settings.EMAIL_BACKEND = f"{backend.__module__}.{backend.__qualname__}"

    return use
