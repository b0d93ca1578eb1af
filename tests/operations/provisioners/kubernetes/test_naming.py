"""The names of a workspace's parts: valid, apart, and the same every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.provisioners.kubernetes.naming import Names, names_of, platform_selector
from tests.kubernetes.store import DNS_LABEL, LABEL_VALUE, matches

WORKSPACES = st.text("Aaz09-", min_size=1, max_size=64)
PLATFORMS = st.text("az09_.-", max_size=40)


@given(platform=PLATFORMS, workspace=WORKSPACES)
def test_names_are_labels_of_dns(platform: str, workspace: str) -> None:
    names = names_of(platform, workspace)
    for name in (names.base, names.place, names.files):
        assert len(name) <= 63 and DNS_LABEL.fullmatch(name), name
    for value in names.labels().values():
        assert LABEL_VALUE.fullmatch(value), value


@given(first=st.tuples(PLATFORMS, WORKSPACES), second=st.tuples(PLATFORMS, WORKSPACES))
def test_distinct_names_stay_distinct(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert (Names(*first).base == Names(*second).base) is (first == second)


def test_names_that_differ_in_case_or_at_the_end_are_two() -> None:
    stem = "takehome-1".ljust(62, "x")
    names = {Names("", name).base for name in (f"{stem}1", f"{stem}2", f"{stem}1".upper())}
    assert len(names) == 3


def test_a_selector_has_one_platform_alone() -> None:
    resource = {"metadata": {"labels": Names("one-", "takehome-1").labels()}}
    assert matches(resource, platform_selector("one-"))
    assert not matches(resource, platform_selector("two-"))
    assert not matches(resource, platform_selector("one-", "takehome.check"))


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="isn't a valid workspace name"):
        names_of("", name)
