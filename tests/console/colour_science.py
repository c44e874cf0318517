"""Colours as eyes see them, computed apart from the product: contrast, CIE 1976 distance, colour blindness.

Sources: WCAG 2.2 (contrast); IEC 61966-2-1 (sRGB); CIE 015:2018 (L*a*b*, Delta E*ab of 1976); Machado,
Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009
(severity 1.0).
"""

from __future__ import annotations

import numpy as np
from rich.color import Color, ColorSystem

DEFICIENCIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(color: str) -> np.ndarray:
    """Linear light of "#RRGGBB"."""
    channels = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """1..21."""
    dark, light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(color)) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    """L*a*b* of linear light, D65."""
    ratio = _TO_XYZ @ light / _WHITE
    cube = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * cube[1] - 16, 500 * (cube[0] - cube[1]), 200 * (cube[1] - cube[2])])


def distance(one: str, other: str, deficiency: str) -> float:
    """CIE 1976 distance of two colours as someone with the deficiency sees them."""
    seen = [np.clip(np.array(DEFICIENCIES[deficiency]) @ linear(color), 0, 1) for color in (one, other)]
    return float(np.linalg.norm(lab(seen[0]) - lab(seen[1])))


def quantised(color: str) -> str:
    """The colour that a terminal of 256 colours is sent."""
    return Color.parse(color).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex
