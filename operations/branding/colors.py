"""A company's color, made readable: each text that uses it has a contrast of 4.5:1 (WCAG 2.2 AA).

Hue and saturation stay. The lightness changes until the contrast is there, for the light and for
the dark scheme on its own.
"""

import colorsys
import re
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from operations.exceptions import InvalidInputError

COLOR = re.compile(r"#[0-9a-f]{6}")
READABLE = 4.5
# The part of the color in the soft background of badges and messages.
SOFT_LIGHT, SOFT_DARK = 0.10, 0.20
# How much lighter or darker it gets under the pointer.
HOVER = 0.09
STEP = 0.01


@dataclass(frozen=True)
class Palette:
    """The colors of one scheme, named as the tokens of `static/shared/tokens.css`.

    `ground`, `surface`, `sunken` and `text` are not the company's: they are what its color is on.
    """

    accent: str
    accent_strong: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    ground: str
    surface: str
    sunken: str
    text: str

    @property
    def tokens(self) -> dict[str, str]:
        """The CSS custom properties that the company's color changes."""
        own = ("accent", "accent-strong", "on-accent", "accent-soft", "on-accent-soft", "focus")
        return {name: self.all_tokens[name] for name in own}

    @property
    def all_tokens(self) -> dict[str, str]:
        """All of them, by the token's name without its dashes."""
        tokens = {name.replace("_", "-"): value for name, value in asdict(self).items()}
        return {**tokens, "focus": self.accent}


# A test compares both with tokens.css.
LIGHT = Palette(
    accent="#2a4fc4",
    accent_strong="#1f3d9e",
    on_accent="#ffffff",
    accent_soft="#e8eefc",
    on_accent_soft="#1f3d9e",
    ground="#f5f6f8",
    surface="#ffffff",
    sunken="#eef0f4",
    text="#161a22",
)
DARK = Palette(
    accent="#9db7ff",
    accent_strong="#bccdff",
    on_accent="#0d1633",
    accent_soft="#1d2a4d",
    on_accent_soft="#bccdff",
    ground="#0f1218",
    surface="#171b23",
    sunken="#1f242e",
    text="#e9ecf2",
)


def read_color(text: str) -> str:
    """Return the color as `#2a4fc4`, or "".

    Raises:
        InvalidInputError: if it is no color in hexadecimal.
    """
    color = text.strip().lower()
    if color and not color.startswith("#"):
        color = f"#{color}"
    if color and COLOR.fullmatch(color) is None:
        raise InvalidInputError("color", _("Enter a color such as #2a4fc4."))
    return color


def light_palette(color: str) -> Palette:
    """The palette of the light scheme; `color` is "" (the default) or as `#2a4fc4`."""
    if not color:
        return LIGHT
    # The darkest of the grounds. White has more contrast to the color than it has.
    accent = _until_readable(color, LIGHT.sunken, -STEP)
    soft = _mix(accent, LIGHT.surface, SOFT_LIGHT)
    strong = _shift(accent, -HOVER)
    # Nothing is darker than black, so a color close to it gets lighter under the pointer.
    strong = strong if strong != "#000000" else _shift(accent, HOVER)
    return Palette(
        accent=accent,
        accent_strong=_until_readable(strong, LIGHT.sunken, -STEP),
        on_accent="#ffffff",
        accent_soft=soft,
        on_accent_soft=_until_readable(accent, soft, -STEP),
        ground=LIGHT.ground,
        surface=LIGHT.surface,
        sunken=LIGHT.sunken,
        text=LIGHT.text,
    )


def dark_palette(color: str) -> Palette:
    """The palette of the dark scheme; `color` is "" (the default) or as `#2a4fc4`."""
    if not color:
        return DARK
    # The lightest of the dark grounds.
    accent = _until_readable(color, DARK.sunken, STEP)
    strong = _shift(accent, HOVER)
    strong = strong if strong != "#ffffff" else _shift(accent, -HOVER)
    soft = _mix(accent, DARK.surface, SOFT_DARK)
    return Palette(
        accent=accent,
        accent_strong=_until_readable(strong, DARK.sunken, STEP),
        on_accent="#0b0d12",
        accent_soft=soft,
        on_accent_soft=_until_readable(accent, soft, STEP),
        ground=DARK.ground,
        surface=DARK.surface,
        sunken=DARK.sunken,
        text=DARK.text,
    )


def stylesheet(color: str) -> str:
    """The style sheet that gives pages the color in both schemes."""
    light, dark = (
        " ".join(f"--{name}: {value};" for name, value in palette.tokens.items())
        for palette in (light_palette(color), dark_palette(color))
    )
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors as WCAG 2.2 defines it, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _until_readable(color: str, ground: str, step: float) -> str:
    """Change the lightness by multiples of `step` until the color can be read on that ground.

    It ends: on the grounds here, black can be read or white, whichever `step` leads to.
    """
    times = 0
    while contrast(readable := _shift(color, times * step), ground) < READABLE:
        times += 1
    return readable


def _shift(color: str, by: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(color))
    return _hex(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, lightness + by)), saturation))


def _mix(color: str, ground: str, part: float) -> str:
    pairs = zip(_rgb(color), _rgb(ground), strict=True)
    red, green, blue = (one * part + other * (1 - part) for one, other in pairs)
    return _hex((red, green, blue))


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(rgb: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in rgb)
