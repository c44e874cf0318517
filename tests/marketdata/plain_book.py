"""An order book in the plainest Python, from Databento's own reading of a file: what an import must equal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from databento_dbn import DBNDecoder, MBOMsg

UNIT = 100_000
"""Of 1e-9 in a price of 4 decimals."""
Levels = Counter[tuple[str, int]]
"""(side, price with 4 decimals) → quantity."""


def decoded(data: bytes) -> list[Any]:
    """Every record, as databento-dbn decodes it."""
    decoder = DBNDecoder()
    decoder.write(data)
    return [one for one in decoder.decode() if hasattr(one, "ts_event")]


def rebuilt(path: Path, instrument: int) -> Levels:
    """What each price holds at the end of a plain DBN file; prices of more than 4 decimals are left out."""
    orders: dict[tuple[int, int], tuple[str, int, int]] = {}
    for one in decoded(path.read_bytes()):
        if not isinstance(one, MBOMsg) or one.instrument_id != instrument:
            continue
        key = (one.publisher_id, one.order_id)
        action, side = str(one.action), str(one.side)
        if action in ("A", "M"):
            orders[key] = (side, one.price, one.size)
        elif action == "C" and key in orders:
            kept, price, held = orders[key]
            orders[key] = (kept, price, max(0, held - one.size))
        elif action == "R":
            orders = {key: order for key, order in orders.items() if key[0] != one.publisher_id}
    levels: Levels = Counter()
    for side, price, held in orders.values():
        if price % UNIT == 0:
            levels[side, price // UNIT] += held
    return +levels
