"""Numbers out of the bytes of many cells at once, digit by digit: much quicker than making texts of them.

Cells that are not plain (an exponent, more digits than fit, no number at all) are parsed as texts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNKNOWN = np.iinfo(np.int64).min
"""A whole number that is not known."""
_DIGITS = 18
"""As many always fit 64 bits."""
_WIDEST = _DIGITS + 2
_ZERO, _DOT, _MINUS = 48, 46, 45
_EXACT = 2**53
_LONGEST = 32
"""Bytes of a cell that is a number, if it is none of ours."""
_POWERS = np.array([10.0**exponent for exponent in range(_WIDEST)])
"""All exact."""

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Refuse = Callable[[int, str], None]
"""Told of the place and text of a cell that is neither empty nor a number."""


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """Of every cell: its digits as a whole number, with its sign, and how many stand after a dot; those that
    are `odd` are to be parsed singly.
    """

    mantissa: Places
    decimals: Places
    empty: NDArray[np.bool_]
    odd: NDArray[np.bool_]


def wholes(data: Bytes, begins: Places, ends: Places, refuse: Refuse | None = None) -> Places:
    """Cells data[begin:end] as whole numbers of 64 bits, with a sign; UNKNOWN where there is none."""
    read = _read(data, begins, ends)
    found = np.where(read.empty, UNKNOWN, read.mantissa)
    for place in np.flatnonzero(read.odd | (read.decimals >= 0)).tolist():
        found[place] = whole(_text(data, begins, ends, place), place, refuse)
    return found


def floats(data: Bytes, begins: Places, ends: Places, refuse: Refuse | None = None) -> NDArray[np.float64]:
    """The same as float64; NaN where there is no number."""
    read = _read(data, begins, ends)
    # Both exact up to 2^53, so their quotient is the nearest float.
    found: NDArray[np.float64] = read.mantissa / _POWERS[np.maximum(read.decimals, 0)]
    found[read.empty] = np.nan
    others = np.flatnonzero(read.odd | (np.abs(read.mantissa) > _EXACT))
    if len(others):
        found[others] = _floats_of_texts(data, begins[others], ends[others], others, refuse)
    return found


def texts(data: Bytes, begins: Places, ends: Places, width: int) -> NDArray[np.bytes_]:
    """Cells as texts, cut after `width` bytes."""
    at = begins[:, None] + np.arange(width)
    inside = at < ends[:, None]
    characters = np.where(inside, data[np.minimum(at, len(data) - 1)], 0).astype(np.uint8)
    return np.ascontiguousarray(characters).view(f"S{width}").ravel()


def whole(text: str, place: int = 0, refuse: Refuse | None = None) -> int:
    """A cell's whole number; UNKNOWN for other text."""
    try:
        value = int(text)
    except ValueError:
        if text and refuse is not None:
            refuse(place, text)
        return int(UNKNOWN)
    return value if -(2**63) < value < 2**63 else int(UNKNOWN)


def real(text: str, place: int = 0, refuse: Refuse | None = None) -> float:
    """A cell's number; NaN for other text."""
    try:
        return float(text)
    except ValueError:
        if text and refuse is not None:
            refuse(place, text)
        return float("nan")


def _floats_of_texts(
    data: Bytes, begins: Places, ends: Places, places: NDArray[np.intp], refuse: Refuse | None
) -> NDArray[np.float64]:
    """Of cells that are not empty; `places` is what each is called."""
    if int((ends - begins).max()) <= _LONGEST:
        try:
            return texts(data, begins, ends, int((ends - begins).max())).astype(np.float64)
        except ValueError:
            pass
    every = ((place, _text(data, begins, ends, at)) for at, place in enumerate(places.tolist()))
    return np.array([real(text, place, refuse) for place, text in every])


def _read(data: Bytes, begins: Places, ends: Places) -> _Read:
    lengths = ends - begins
    mantissa, dot_at = np.zeros(len(begins), np.int64), np.full(len(begins), -1, np.int64)
    odd = lengths > _WIDEST
    negative = np.zeros(len(begins), np.bool_)
    for place in range(min(int(lengths.max(initial=0)), _WIDEST)):
        inside = lengths > place
        character = data[np.minimum(begins + place, len(data) - 1)]
        digit = character - np.uint8(_ZERO)  # what comes before 0 wraps around to more than 9
        is_digit = (digit < 10) & inside
        mantissa *= np.where(is_digit, 10, 1)
        mantissa += np.where(is_digit, digit, 0)
        other = inside ^ is_digit
        if other.any():
            is_dot = other & (character == _DOT)
            odd |= is_dot & (dot_at >= 0)
            dot_at[is_dot] = place
            other ^= is_dot
            if place == 0:
                negative = other & (character == _MINUS)
                other ^= negative
            odd |= other
    dotted = dot_at >= 0
    digits = lengths - dotted - negative
    empty = lengths == 0
    odd |= (digits > _DIGITS) | ((digits == 0) & ~empty)
    np.negative(mantissa, out=mantissa, where=negative)
    return _Read(mantissa, np.where(dotted & ~odd, lengths - 1 - dot_at, -1), empty, odd)


def _text(data: Bytes, begins: Places, ends: Places, place: int) -> str:
    return data[begins[place] : ends[place]].tobytes().decode(errors="replace")
