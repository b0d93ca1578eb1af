"""A whole round of a challenge: candidates, checks, reviews, comparison, decisions, webhooks."""

import pytest

# A failed assertion says what it compared, as in a test's own module.
pytest.register_assert_rewrite(
    *(f"{__name__}.{name}" for name in ("checks", "people", "reviews", "scenario", "webhooks"))
)
