"""Numbers into cells: one function for braille, block and ascii graphs. Pure numpy.

A cell holds rows × columns dots: braille 4 × 2, block 2 × 2 (quadrants), ascii 2 × 1. A picture is a boolean
array of dots, row 0 at the top; `glyphs_of` packs it into characters. Curves are given per dot column as the
lowest and highest value there, NaN where nothing is known, so that a gap stays a gap and a spike between two
columns is not lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.glyphs import GraphStyle

Dots = NDArray[np.bool_]
Floats = NDArray[np.float64]
Characters = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """How a style divides a cell: `weights` (rows, columns) are the dots' bits, `table` the glyph of each
    pattern.
    """

    weights: NDArray[np.intp]
    table: Characters

    @property
    def rows(self) -> int:
        """Dot rows in a cell."""
        return int(self.weights.shape[0])

    @property
    def columns(self) -> int:
        """Dot columns in a cell."""
        return int(self.weights.shape[1])


def _braille() -> Cell:
    """Unicode 16.0, U+2800 to U+28FF: dots 1-2-3-7 on the left, 4-5-6-8 on the right; bit = dot - 1."""
    weights = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.intp)
    return Cell(weights, np.array([" ", *(chr(0x2800 + bits) for bits in range(1, 256))]))


def _quadrants() -> Cell:
    """Unicode 16.0, block elements; bits: upper left 1, upper right 2, lower left 4, lower right 8."""
    return Cell(np.array([[1, 2], [4, 8]], dtype=np.intp), np.array(list(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")))


CELLS: dict[GraphStyle, Cell] = {
    GraphStyle.BRAILLE: _braille(),
    GraphStyle.BLOCK: _quadrants(),
    GraphStyle.ASCII: Cell(np.array([[1], [2]], dtype=np.intp), np.array([" ", "'", ".", ":"])),
}


def dot_size(width: int, height: int, style: GraphStyle) -> tuple[int, int]:
    """(columns, rows) of dots in `width` × `height` cells."""
    cell = CELLS[style]
    return width * cell.columns, height * cell.rows


def glyphs_of(dots: Dots, style: GraphStyle) -> Characters:
    """Characters of shape (…, rows / cell rows, columns / cell columns); both must divide without rest."""
    cell = CELLS[style]
    *pictures, rows, columns = dots.shape
    shape = (*pictures, rows // cell.rows, cell.rows, columns // cell.columns, cell.columns)
    patterns = np.einsum("...yrxc,rc->...yx", dots.reshape(shape), cell.weights)
    packed: Characters = cell.table[patterns]
    return packed


def columns_of(
    times: NDArray[np.int64], values: Floats, start: int, end: int, count: int
) -> tuple[Floats, Floats]:
    """Lowest and highest value of a curve in each of `count` equal columns of [start, end), float64 each.

    `times` ascend. Between two neighbouring values the curve is straight; a NaN breaks it. NaN where nothing
    is known.
    """
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    if not len(times) or end <= start:
        return low, high
    places = (times - start) * (count / (end - start))
    inside = (places >= 0) & (places < count) & np.isfinite(values)
    column = places[inside].astype(np.intp)
    np.fmin.at(low, column, values[inside])
    np.fmax.at(high, column, values[inside])
    straight = np.interp(np.arange(count) + 0.5, places, values, left=np.nan, right=np.nan)
    return np.fmin(low, straight), np.fmax(high, straight)


def rows_of(values: Floats, bottom: float, top: float, rows: int) -> Floats:
    """Dot rows (0 at the top) of values on a linear scale, clipped to the picture; NaN stays NaN."""
    if top <= bottom:
        return np.where(np.isnan(values), np.nan, float(rows - 1))
    share = (values - bottom) * (rows / (top - bottom))
    clipped: Floats = np.clip(rows - 1 - np.floor(share), 0, rows - 1)
    return clipped


def curve(low: Floats, high: Floats, bottom: float, top: float, rows: int) -> Dots:
    """Dots (…, rows, columns) of curves (…, columns): in each column from the lowest to the highest value and
    on to the left neighbour's.
    """
    upper, lower = rows_of(np.stack((high, low)), bottom, top, rows)
    known = np.isfinite(upper)[..., None, :]
    reaching_up, reaching_down = upper.copy(), lower.copy()
    np.fmin(upper[..., 1:], lower[..., :-1] + 1, out=reaching_up[..., 1:])
    np.fmax(lower[..., 1:], upper[..., :-1] - 1, out=reaching_down[..., 1:])
    row = np.arange(rows)[:, None]
    dots: Dots = (row >= reaching_up[..., None, :]) & (row <= reaching_down[..., None, :]) & known
    return dots


def levels_of(values: Floats, levels: tuple[str, ...]) -> str:
    """A one-line bar graph from zero to the highest value, a cell a value; blank where NaN."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    top = float(filled.max(initial=0.0))
    steps = np.ceil(filled * ((len(levels) - 1) / top)) if top > 0 else filled
    steps = np.minimum(np.maximum(steps, known), len(levels) - 1)
    return "".join(levels[step] for step in steps.astype(int).tolist())
