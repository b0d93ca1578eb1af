"""The colors of static/shared/tokens.css have enough contrast in both schemes (WCAG 2.2 AA)."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static/shared/tokens.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part))
    for part in CSS.split("@media (prefers-color-scheme: dark)")
)
GROUNDS = ("ground", "surface", "sunken")
# Text and background: at least 4.5 to 1.
TEXTS = [(text, ground) for text in ("text", "text-muted") for ground in GROUNDS] + [
    *((text, ground) for text in ("accent", "accent-strong") for ground in ("ground", "surface")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-accent-soft", "accent-soft"),
    ("good", "good-soft"),
    ("good", "surface"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "surface"),
    ("warn", "surface"),
    ("surface", "good"),
    ("on-bad", "bad"),
    ("on-bad", "bad-strong"),
]
# Borders of fields and buttons, icons and the focus ring: at least 3 to 1.
SHAPES = [(shape, ground) for shape in ("line-strong", "focus", "good") for ground in GROUNDS]


def luminance(color):
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_contrast(scheme):
    assert {p: contrast(scheme[p[0]], scheme[p[1]]) for p in TEXTS
            if contrast(scheme[p[0]], scheme[p[1]]) < 4.5} == {}  # fmt: skip


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_shapes_have_contrast(scheme):
    assert {p: contrast(scheme[p[0]], scheme[p[1]]) for p in SHAPES
            if contrast(scheme[p[0]], scheme[p[1]]) < 3} == {}  # fmt: skip


def test_both_schemes_have_the_same_colors():
    assert set(LIGHT) == set(DARK)
