"""Databento Binary Encoding, versions 1 to 3: metadata, which is passed over, and market-by-order records.

Layout: "DBN", u8 version, u32 length of the metadata; then records, each with a header of 16 bytes whose
first byte is the record's length in units of 4. A market-by-order record has 56 bytes in every version, or 64
where the time of sending was appended.
https://databento.com/docs/standards-and-conventions/databento-binary-encoding
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velox_tui.errors import InputError, UsageError
from velox_tui.marketdata.events import ADD, EVENT, NO_PRICE, SOUND, TIME_MAX_NS, Events, fixed_point
from velox_tui.marketdata.source_file import SourceFile

MAGIC = b"DBN"
VERSIONS = (1, 2, 3)
MBO = 0xA0
RECORD = np.dtype(
    [
        ("length", "u1"),
        ("rtype", "u1"),
        ("publisher_id", "<u2"),
        ("instrument_id", "<u4"),
        ("ts_event", "<u8"),
        ("order_id", "<u8"),
        ("price", "<i8"),
        ("size", "<u4"),
        ("flags", "u1"),
        ("channel_id", "u1"),
        ("action", "u1"),
        ("side", "u1"),
        ("ts_recv", "<u8"),
        ("ts_in_delta", "<i4"),
        ("sequence", "<u4"),
    ]
)
"""A market-by-order record; price in units of 1e-9, times in nanoseconds since 1970."""
PRICE_UNITS = 100_000
"""Of 1e-9 in 0.0001."""
NO_PRICE_VALUE = 2**63 - 1
TOP_OF_BOOK = 0x40
"""Flag: the order stands for all of its side."""
OTHERS = {
    0x00: "trades",
    0x01: "mbp_1",
    0x0A: "mbp_10",
    0x11: "ohlcv",
    0x12: "status",
    0x13: "definition",
    0x14: "imbalance",
    0x15: "error",
    0x16: "symbol_mapping",
    0x17: "system",
    0x18: "statistics",
    0x20: "ohlcv_1s",
    0x21: "ohlcv_1m",
    0x22: "ohlcv_1h",
    0x23: "ohlcv_1d",
    0x24: "ohlcv_eod",
    0xB1: "cmbp_1",
    0xC0: "cbbo_1s",
    0xC1: "cbbo_1m",
    0xC2: "tcbbo",
    0xC3: "bbo_1s",
    0xC4: "bbo_1m",
}
"""Names of record types that are passed over."""
_HEADER_BYTES = 16
_CHUNK = 1 << 22
_RUN_MIN = 16
_WALK_MAX = 4096


class DbnReader:
    """The records of one file, from front to back, once."""

    by_order = True
    columns: Mapping[str, str] = MappingProxyType({})

    def __init__(self, source: SourceFile) -> None:
        """Passes over the metadata. InputError for what is no DBN, or of another version."""
        self._source = source
        self._path: Path = source.path
        self.skipped: Counter[str] = Counter()
        """Records of other types, by name, and of other instruments."""
        self.rejected: Counter[str] = Counter()
        """Always empty: what DBN can say, events can."""
        self._offset = 0
        start = self._take(8)
        if start[:3] != MAGIC:
            raise InputError(f"{self._path}: not a DBN file")
        version, length = struct.unpack("<BI", start[3:])
        if version not in VERSIONS:
            raise InputError(f"{self._path}: DBN version {version}; 1 to 3 can be read")
        while length:
            length -= len(self._take(min(length, _CHUNK)))

    def survey(self) -> Iterator[Counter[str]]:
        """Number of records of each instrument, part by part."""
        for records in self._records():
            ids, counts = np.unique(records["instrument_id"], return_counts=True)
            yield Counter({str(one): int(count) for one, count in zip(ids, counts, strict=True)})

    def events(self, instrument: str) -> Iterator[Events]:
        """The records of one instrument ("": of none); those of others are counted as skipped."""
        if instrument and (not instrument.isdecimal() or int(instrument) >= 2**32):
            raise UsageError(f"--instrument {instrument!r}: DBN has instrument ids, which are numbers")
        wanted = int(instrument or -1)
        for records in self._records():
            mine = records[records["instrument_id"] == wanted]
            if len(mine) < len(records):
                self.skipped["other_instrument"] += len(records) - len(mine)
            if len(mine):
                yield _events(mine)

    def _take(self, size: int) -> bytes:
        """Exactly so many bytes of the metadata."""
        taken = self._source.read(size)
        while len(taken) < size:
            more = self._source.read(size - len(taken))
            if not more:
                raise InputError(f"{self._path}: truncated: ends within DBN's metadata")
            taken += more
        self._offset += size
        return taken

    def _records(self) -> Iterator[NDArray[Any]]:
        """Market-by-order records in spans of dtype RECORD."""
        rest = b""
        while more := self._source.read(_CHUNK):
            data = rest + more
            at = 0
            while True:
                span, end = self._span(data, at)
                if len(span):
                    yield span
                if end == at:
                    break
                at = end
            self._offset += at
            rest = data[at:]
        if rest:
            raise InputError(f"{self._path}: truncated: ends within a record, at byte {self._offset}")

    def _span(self, data: bytes, at: int) -> tuple[NDArray[Any], int]:
        """The next market-by-order records from `at` on, and where they end; `at` itself when no record is
        whole.
        """
        stride = data[at] * 4 if at < len(data) else 0
        rows = (len(data) - at) // stride if stride >= RECORD.itemsize else 0
        if rows >= _RUN_MIN:
            table = np.frombuffer(data, np.uint8, rows * stride, at).reshape(rows, stride)
            alike = (table[:, 0] == stride // 4) & (table[:, 1] == MBO)
            run = rows if alike.all() else int(np.argmin(alike))
            if run >= _RUN_MIN:
                records = np.ascontiguousarray(table[:run, : RECORD.itemsize]).view(RECORD)[:, 0]
                return records, at + run * stride
        return self._walk(data, at)

    def _walk(self, data: bytes, at: int) -> tuple[NDArray[Any], int]:
        """The same for records of changing types, one by one."""
        found = []
        for _ in range(_WALK_MAX):
            if len(data) - at < 2:
                break
            length, rtype = data[at] * 4, data[at + 1]
            if length < (RECORD.itemsize if rtype == MBO else _HEADER_BYTES):
                raise InputError(
                    f"{self._path}: damaged: a record of {length} bytes at byte {self._offset + at}"
                )
            if len(data) - at < length:
                break
            if rtype == MBO:
                found.append(data[at : at + RECORD.itemsize])
            else:
                self.skipped[OTHERS.get(rtype, f"rtype_0x{rtype:02x}")] += 1
            at += length
        return np.frombuffer(b"".join(found), RECORD), at


def _events(records: NDArray[Any]) -> Events:
    """Records as events. Their time is that of the capture (ts_recv), by which these files are ordered; else
    the exchange's own.
    """
    events = np.zeros(len(records), EVENT)
    received = records["ts_recv"]
    events["ts_ns"] = np.where(received <= TIME_MAX_NS, received, records["ts_event"])
    events["price"], events["flaw"] = fixed_point(records["price"], PRICE_UNITS, NO_PRICE_VALUE)
    for name in ("order_id", "size", "action", "side"):
        events[name] = records[name]
    events["book"] = records["publisher_id"]
    events["top"] = (records["flags"] & TOP_OF_BOOK != 0) & (records["action"] == ADD)
    ends_side = events["top"] & (events["flaw"] == NO_PRICE)
    events["flaw"][ends_side] = SOUND  # a top of book without a price: the side is empty
    return events
