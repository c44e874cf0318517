"""A written row read back: any cells come back as they were, in one line."""

from __future__ import annotations

import csv
import io
import math
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from velox_tui.recording.columns import Cell, line

# Text as it occurs: names, ids, JSON. It holds no lone surrogate, which UTF-8 cannot, and no line break: JSON
# escapes those.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")))
CELLS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.builds(lambda ticks: Decimal(ticks).scaleb(-4), st.integers(0, 2**53)),
    TEXT,
    TEXT.map(lambda text: '["' + text + '"]'),
)


def same(cell: Cell, text: str) -> bool:
    """Whether a reader gets back what was written; empty stands for unknown."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return text == ""
    return type(cell)(text) == cell


@given(st.lists(CELLS, min_size=2, max_size=20))
def test_any_row_comes_back(cells: list[Cell]) -> None:
    written = line(cells)
    assert written.endswith(b"\n") and written.count(b"\n") == 1
    (row,) = csv.reader(io.StringIO(written.decode(), newline=""))
    assert len(row) == len(cells)
    assert all(same(cell, text) for cell, text in zip(cells, row, strict=True))
