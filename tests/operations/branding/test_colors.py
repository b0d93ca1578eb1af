"""Whatever color a company has, what is written with it can be read."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.branding.colors import (
    DARK,
    LIGHT,
    Palette,
    contrast,
    dark_palette,
    light_palette,
    stylesheet,
)

TOKENS = (Path(__file__).parents[3] / "static/shared/tokens.css").read_text()
# Text and ground, as in tests/candidate_portal/test_color_contrast.py.
TEXTS = [
    *((text, ground) for text in ("accent", "accent_strong") for ground in ("ground", "surface")),
    ("accent", "sunken"),
    ("on_accent", "accent"),
    ("on_accent", "accent_strong"),
    ("on_accent_soft", "accent_soft"),
]
COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def unreadable(palette: Palette) -> dict[tuple[str, str], float]:
    ratios = {p: contrast(getattr(palette, p[0]), getattr(palette, p[1])) for p in TEXTS}
    return {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5}


@given(COLORS)
@pytest.mark.parametrize("make", [light_palette, dark_palette])
def test_text_can_be_read_with_every_color(make, color):
    assert unreadable(make(color)) == {}


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#ffff00", "#0000ff", "#808080"])
@pytest.mark.parametrize("make", [light_palette, dark_palette])
def test_extreme_colors_can_be_read_and_change_under_the_pointer(make, color):
    palette = make(color)
    assert unreadable(palette) == {}
    assert palette.accent != palette.accent_strong


def test_a_color_that_can_be_read_stays():
    assert light_palette("#2a4fc4").accent == "#2a4fc4"
    assert dark_palette("#9db7ff").accent == "#9db7ff"


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("palette", "part"), [(LIGHT, 0), (DARK, 1)], ids=["light", "dark"])
def test_the_default_is_that_of_the_style_sheets(palette, part):
    css = TOKENS.split("@media (prefers-color-scheme: dark)")[part]
    tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
    ours = {each.name: getattr(palette, each.name) for each in fields(palette)}
    assert ours == {name: tokens[name.replace("_", "-")] for name in ours}


def test_the_style_sheet_has_both_schemes():
    css = stylesheet("#008800")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    assert f"--accent: {light_palette('#008800').accent};" in light
    assert f"--accent: {dark_palette('#008800').accent};" in dark
    assert "--ground" not in css
