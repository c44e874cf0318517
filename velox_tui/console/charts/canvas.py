"""A grid of characters with inks, painted by charts layer over layer, then cut into lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line, Span

_INKS = tuple(Ink)
_NUMBERS = {ink: number for number, ink in enumerate(_INKS)}


class Canvas:
    """`height` × `width` cells, blank at first; row 0 is the top."""

    def __init__(self, width: int, height: int) -> None:
        """Both in cells."""
        self.width, self.height = width, height
        self._characters: NDArray[np.str_] = np.full((height, width), " ", dtype="<U1")
        self._inks = np.zeros((height, width), dtype=np.int8)

    def layer(self, characters: NDArray[np.str_], ink: Ink) -> None:
        """Paints a grid of the canvas's shape; its blanks leave what is there."""
        drawn = characters != " "
        self._characters[drawn] = characters[drawn]
        self._inks[drawn] = _NUMBERS[ink]

    def shaded(self, characters: NDArray[np.str_], inks: list[Ink], which: NDArray[np.intp]) -> None:
        """Paints a grid whose cells have the ink `inks[which]`; its blanks leave what is there."""
        drawn = characters != " "
        numbers = np.array([_NUMBERS[ink] for ink in inks], dtype=np.int8)
        self._characters[drawn] = characters[drawn]
        self._inks[drawn] = numbers[which[drawn]]

    def behind(self, row: int | slice, column: int | slice | list[int], glyph: str, ink: Ink) -> None:
        """Paints a glyph where nothing is yet."""
        blank = self._characters[row, column] == " "
        self._characters[row, column] = np.where(blank, glyph, self._characters[row, column])
        self._inks[row, column] = np.where(blank, _NUMBERS[ink], self._inks[row, column])

    def text(self, row: int, column: int, text: str, ink: Ink) -> None:
        """Writes over what is there, cropped at the right."""
        text = text[: max(0, self.width - column)]
        if 0 <= row < self.height and text:
            self._characters[row, column : column + len(text)] = list(text)
            self._inks[row, column : column + len(text)] = _NUMBERS[ink]

    def lines(self) -> list[Line]:
        """One line a row, neighbours of one ink joined; a blank takes the ink before it."""
        blank = self._characters == " "
        place = np.where(blank, 0, np.arange(self.width))
        inks = np.take_along_axis(self._inks, np.maximum.accumulate(place, axis=1), axis=1)
        return [_line(row, one) for row, one in zip(self._characters, inks, strict=True)]


def _line(characters: NDArray[np.str_], inks: NDArray[np.int8]) -> Line:
    text = "".join(characters.tolist())
    starts = [0, *(np.flatnonzero(inks[1:] != inks[:-1]) + 1).tolist()]
    ends = [*starts[1:], len(text)]
    spans: list[Span] = [
        (text[start:end], _INKS[inks[start]]) for start, end in zip(starts, ends, strict=True) if end
    ]
    return tuple(spans)
