"""Which tests `make test-fast` runs."""

from pathlib import Path

import pytest

from tests.changed import folders


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        (["dashboard/api/challenges.py"], {"tests/dashboard/api"}),
        (["dashboard/templates/dashboard/x.html"], {"tests/dashboard"}),
        (["tests/interviews/test_models.py", "interviews/models.py"], {"tests/interviews"}),
        (["operations/mail/outbox.py", "operations/models.py"], {"tests/operations"}),
        (["README.md", "docs/api.md", "tests/conftest.py"], set()),
    ],
)
def test_tests_mirror_the_tree(changed: list[str], wanted: set[str]) -> None:
    assert folders(changed) == set(map(Path, wanted))
