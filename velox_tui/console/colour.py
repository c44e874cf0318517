"""Arithmetic on colours that themes are derived and checked with. No colour is named here.

Only colours with a known red, green and blue can be computed with; a terminal's own colour (Color.ansi)
cannot.
"""

from __future__ import annotations

from textual.color import Color


def _linear(channel: int) -> float:
    """An sRGB channel 0..255 as linear light 0..1 (IEC 61966-2-1)."""
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def luminance(color: Color) -> float:
    """Relative luminance 0..1 (WCAG 2.2)."""
    return 0.2126 * _linear(color.r) + 0.7152 * _linear(color.g) + 0.0722 * _linear(color.b)


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio 1..21 (WCAG 2.2); text wants 4.5."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def muted(foreground: Color, backgrounds: tuple[Color, ...], least: float) -> Color:
    """The foreground drawn towards the first background until its contrast on any of them would go below
    `least`.
    """
    best = foreground
    for percent in range(5, 100, 5):
        drawn = foreground.blend(backgrounds[0], percent / 100)
        if min(contrast(drawn, one) for one in backgrounds) < least:
            break
        best = drawn
    return best


def ramp(start: Color, end: Color, steps: int) -> tuple[Color, ...]:
    """`steps` colours from a quarter of the way from `start` up to `end`."""
    return tuple(start.blend(end, 0.25 + 0.75 * step / (steps - 1)) for step in range(steps))
