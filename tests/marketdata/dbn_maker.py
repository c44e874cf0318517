"""Valid DBN of any size: metadata of every version, and orders that live and die as on an exchange."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.marketdata.dbn import MBO, RECORD

START_NS = 1_700_000_000_000_000_000
UNDEFINED_PRICE = 2**63 - 1
INSTRUMENT = 4916


def metadata(version: int = 3, *, ts_out: bool = False, symbols: Sequence[str] = ("ESZ4",)) -> bytes:
    """The metadata of a market-by-order file."""
    symbol_bytes = 22 if version == 1 else 71
    fixed = struct.pack("<16sHQQQ", b"GLBX.MDP3", 0, START_NS, 2**64 - 1, 0)
    if version == 1:
        fixed += struct.pack("<QBBB47x", 2**64 - 1, 1, 0, ts_out)
    else:
        fixed += struct.pack("<BBBH53x", 1, 0, ts_out, symbol_bytes)
    names = b"".join(symbol.encode().ljust(symbol_bytes, b"\0") for symbol in symbols)
    rest = struct.pack("<II", 0, len(symbols)) + names + struct.pack("<III", 0, 0, 0)
    body = fixed + rest
    if version == 3:
        body += bytes(-(8 + len(body)) % 8)
    return b"DBN" + struct.pack("<BI", version, len(body)) + body


def record(
    action: str,
    side: str = "N",
    price: int = UNDEFINED_PRICE,
    size: int = 0,
    order_id: int = 0,
    *,
    at_ns: int = 0,
    instrument: int = INSTRUMENT,
    publisher: int = 1,
    flags: int = 0,
) -> NDArray[Any]:
    """One market-by-order record; `price` in 1e-9, `at_ns` after START_NS."""
    one = np.zeros(1, RECORD)
    one["length"], one["rtype"] = RECORD.itemsize // 4, MBO
    one["publisher_id"], one["instrument_id"] = publisher, instrument
    one["ts_event"], one["ts_recv"] = START_NS + at_ns - 150, START_NS + at_ns
    one["order_id"], one["price"], one["size"], one["flags"] = order_id, price, size, flags
    one["action"], one["side"] = ord(action), ord(side)
    return one


def other_record(rtype: int, length: int) -> bytes:
    """A record of another type."""
    return struct.pack("<BBHIQ", length // 4, rtype, 1, INSTRUMENT, START_NS) + bytes(length - 16)


def write(path: Path, records: Sequence[NDArray[Any]] | NDArray[Any], version: int = 3) -> Path:
    """A file of these records."""
    body = records if isinstance(records, np.ndarray) else np.concatenate(records)
    path.write_bytes(metadata(version) + body.tobytes())
    return path


@dataclass
class Exchange:
    """A random flow of one instrument: adds around a price that wanders, cancels, modifies, fills, clears."""

    seed: int
    tick: int = 250_000_000
    """In 1e-9."""
    clear_ratio: float = 0.0005
    live: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    """Order id → side, price in 1e-9, size."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._middle = 20_000
        self._next_id = 10**12
        self._now_ns = 0

    def records(self, count: int) -> NDArray[Any]:
        """At least `count` records."""
        rows: list[tuple[Any, ...]] = []
        while len(rows) < count:
            self._now_ns += int(self._random.expovariate(1 / 20_000))
            rows += [self._row(*what) for what in self._step()]
        return np.array(rows, RECORD)

    def _row(self, action: str, side: str, price: int, size: int, order_id: int) -> tuple[Any, ...]:
        at_ns = START_NS + self._now_ns
        header = (RECORD.itemsize // 4, MBO, 1, INSTRUMENT, at_ns - 150)
        return (*header, order_id, price, size, 0, 0, ord(action), ord(side), at_ns, 150, 0)

    def _step(self) -> Iterator[tuple[str, str, int, int, int]]:
        choice = self._random.random()
        if choice < self.clear_ratio:
            self.live.clear()
            yield "R", "N", UNDEFINED_PRICE, 0, 0
        elif choice < 0.5 or not self.live:
            yield self._add()
        else:
            order_id = self._random.choice(list(self.live)[-50:])
            yield from (self._modify(order_id) if choice < 0.6 else self._take(order_id, fill=choice > 0.9))

    def _price(self, side: str) -> int:
        self._middle += self._random.choice((-1, 0, 0, 1))
        away = 1 + int(self._random.expovariate(0.2))
        return (self._middle + (away if side == "A" else -away)) * self.tick

    def _add(self) -> tuple[str, str, int, int, int]:
        side, self._next_id = self._random.choice("AB"), self._next_id + 1
        price, size = self._price(side), self._random.randint(1, 40)
        self.live[self._next_id] = (side, price, size)
        return "A", side, price, size, self._next_id

    def _modify(self, order_id: int) -> Iterator[tuple[str, str, int, int, int]]:
        side = self.live[order_id][0]
        price, size = self._price(side), self._random.randint(1, 40)
        self.live[order_id] = (side, price, size)
        yield "M", side, price, size, order_id

    def _take(self, order_id: int, *, fill: bool) -> Iterator[tuple[str, str, int, int, int]]:
        side, price, size = self.live[order_id]
        away = self._random.randint(1, size)
        if fill:
            yield "T", "A" if side == "B" else "B", price, away, 0
            yield "F", side, price, away, order_id
        yield "C", side, price, away, order_id
        if away == size:
            del self.live[order_id]
        else:
            self.live[order_id] = (side, price, size - away)
