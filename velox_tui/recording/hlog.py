"""HdrHistogram interval logs: log format 1.3, histograms in encoding V2, compressed (HdrHistogram 2.x, Java).

Values have two significant digits, which is 128 buckets an octave: two for each of ours. A value goes where
our bucket's highest value lies, so the highest equivalent values, and with them all percentiles, are ours.

    compressed:  cookie 0x1C849314, length, then by zlib:
    encoded:     cookie 0x1C849313, length of the counts, index offset 0, digits 2 (int32, big-endian each),
                 lowest 1, highest 2**37 - 1 (int64), ratio 1.0 (float64), counts
    counts:      ZigZag LEB128 in the order of the buckets; a negative number is a run of that many zeros
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry import histogram
from velox_tui.telemetry.sample import Buckets

DIGITS = 2
_HALF_BITS = 7
_PLAIN, _COMPRESSED = 0x1C849313, 0x1C849314
_HEAD = struct.Struct(">IIIIqqd")
_OUTER = struct.Struct(">II")
_MAX_UNIT = 10**6
"""The log's column of maxima is in ms, as the Java tools write it."""


def _places() -> NDArray[np.int64]:
    """The HdrHistogram bucket of each of our buckets, int64 of shape (BUCKETS,)."""
    values = [int(value) for value in histogram.HIGHEST]
    octaves = [max(0, value.bit_length() - _HALF_BITS - 1) for value in values]
    return np.array(
        [(octave << _HALF_BITS) + (value >> octave) for octave, value in zip(octaves, values, strict=True)],
        np.int64,
    )


_PLACES = _places()


def _varint(value: int) -> bytes:
    """ZigZag LEB128 of a number whose magnitude is below 2**55: eight bytes at most."""
    rest = value << 1 if value >= 0 else (-value << 1) - 1
    encoded = bytearray()
    while rest > 0x7F:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def _counts(buckets: Buckets) -> Iterable[int]:
    following = 0
    for place, count in zip(_PLACES[buckets.indices].tolist(), buckets.counts.tolist(), strict=True):
        if place > following:
            yield following - place if place - following > 1 else 0
        yield count
        following = place + 1


def encode(buckets: Buckets) -> bytes:
    """A histogram in encoding V2, compressed."""
    counts = b"".join(_varint(number) for number in _counts(buckets))
    head = _HEAD.pack(_PLAIN, len(counts), 0, DIGITS, 1, histogram.MAXIMUM, 1.0)
    body = zlib.compress(head + counts)
    return _OUTER.pack(_COMPRESSED, len(body)) + body


def head(start_unix_ns: int) -> str:
    """The lines before the first interval."""
    return (
        "#[Histogram log format version 1.3]\n"
        f"#[StartTime: {_seconds(start_unix_ns)} (seconds since epoch)]\n"
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n'
    )


def line(tag: str, begin_unix_ns: int, interval_ns: int, buckets: Buckets) -> str:
    """One interval of one tag."""
    maximum = (histogram.maximum(buckets) or 0) / _MAX_UNIT
    text = base64.b64encode(encode(buckets)).decode("ascii")
    safe = re.sub(r"[^\w.:-]", "_", tag)
    return f"Tag={safe},{_seconds(begin_unix_ns)},{_seconds(interval_ns)},{maximum:.3f},{text}\n"


def _seconds(ns: int) -> str:
    return f"{ns // 10**9}.{ns % 10**9 // 10**6:03d}"
