"""Numbers out of cells' bytes: the same as one by one, whatever is in them."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from velox_tui.recording.reader import numbers

CELLS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.integers(-999, 999).map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.text(alphabet="0123456789.-+e ", max_size=25),
    st.sampled_from(
        ["", "-", ".", "-.", "1.", ".5", "--1", "1.2.3", "0" * 30 + "7", "-0", "9" * 18, "9" * 19]
    ),
)


def laid_out(cells: list[str]) -> tuple[numbers.Bytes, numbers.Places, numbers.Places]:
    """The cells' bytes with a comma between them, and where each begins and ends."""
    ends = np.cumsum([len(cell) + 1 for cell in cells]) - 1
    begins = ends - [len(cell) for cell in cells]
    return np.frombuffer(",".join(cells).encode() + b"\n", np.uint8), begins, ends


@given(st.lists(CELLS, min_size=1, max_size=20))
@example(["9007199254740993.0", "0.08291725808274192", "123456789012345678"])
def test_any_cell(cells: list[str]) -> None:
    data, begins, ends = laid_out(cells)
    found = numbers.floats(data, begins, ends)
    assert np.array_equal(found, [numbers.real(cell) for cell in cells], equal_nan=True)
    assert numbers.wholes(data, begins, ends).tolist() == [numbers.whole(cell) for cell in cells]


@given(st.lists(CELLS, min_size=1, max_size=20))
def test_what_is_no_number_is_told(cells: list[str]) -> None:
    refused: list[tuple[int, str]] = []
    numbers.floats(*laid_out(cells), lambda place, text: refused.append((place, text)))
    said = [(place, cell) for place, cell in enumerate(cells) if cell and not _is_number(cell)]
    assert refused == said


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
