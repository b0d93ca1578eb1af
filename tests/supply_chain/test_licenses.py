"""Every package that ships has a licence that allows it to."""

import pytest

from supply_chain import licenses


def test_each_installed_package_has_an_allowed_licence():
    found = list(licenses.licenses())
    assert len(found) > 60
    assert [each for each in found if not licenses.is_allowed(each[2])] == []


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("Mozilla Public License 2.0 (MPL 2.0)", True),
        ("BSD-3-Clause AND Apache-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("AGPL-3.0-only", False),
        ("(GPL-3.0-only OR MIT) AND BSD-3-Clause", False),
        (licenses.UNKNOWN, False),
        ("", False),
    ],
)
def test_licence_expression_is_read(expression, is_allowed):
    assert licenses.is_allowed(expression) is is_allowed
