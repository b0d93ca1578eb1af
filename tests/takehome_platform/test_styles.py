"""Style sheets: colors of placeholders, and what paper and forced colors need."""

import re

import pytest

from takehome_platform.local_stack.config import ROOT

SHEETS = [
    path
    for folder in ("static", "dashboard/static", "candidate_portal/static")
    for path in sorted((ROOT / folder).rglob("*.css"))
]


@pytest.mark.parametrize(
    "sheet", ["static/shared/base.css", "dashboard/static/dashboard/css/admin.css"]
)
def test_placeholders_have_the_contrast_of_other_texts(sheet: str) -> None:
    """Browsers make them paler. The text's color is measured by test_color_contrast."""
    rule = re.search(r"^::placeholder {([^}]*)}", (ROOT / sheet).read_text(), re.M)
    assert rule is not None
    assert {each.strip() for each in rule[1].split(";") if each.strip()} == {
        "color: var(--text-muted)",
        "opacity: 1",
    }


def test_no_sheet_has_a_color_of_its_own_for_placeholders() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in SHEETS
        if re.search(
            r"[^\s]::placeholder|::placeholder[^{]*{(?!\s*color: var\(--text-muted\))",
            path.read_text(),
        )
    }
    assert found == set()


def test_paper_is_light_in_every_color_that_dark_mode_changes() -> None:
    tokens = (ROOT / "static/shared/tokens.css").read_text()
    dark = tokens.split("@media (prefers-color-scheme: dark)")[1]
    names = set(re.findall(r"(--[a-z0-9-]+):", dark))
    paper = set(re.findall(r"(--[a-z0-9-]+):", (ROOT / "static/shared/print.css").read_text()))
    # Of what is not printed: buttons, focus and dialogs.
    screen_only = {
        "--accent-strong",
        "--on-accent",
        "--bad-strong",
        "--on-bad",
        "--focus",
        "--veil",
    }
    assert names - paper == screen_only
