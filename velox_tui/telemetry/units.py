"""Numbers for people and from people: three significant digits and a unit; `100k`, `1M`, `100us`, `2ms`,
`1m`.

Parsing is exact (decimal, never binary fractions) and raises ValueError with what is allowed, at once
however long the text. `exact_*` write a value so that parsing gives it back; `format_*` round for the screen
and show None as an em dash.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, Overflow

UNKNOWN = "—"
PRICE_DECIMALS = 4
"""Prices are fixed point with this many decimals."""

_COUNT = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_TIME = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86400 * 10**9,
}
_BYTES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
DIGITS_MAX = 40
"""More than any count, time or size has: beyond, arithmetic on what somebody typed would take for ever."""
_EXACT = Context(prec=DIGITS_MAX, Emax=DIGITS_MAX - 1, traps=[Overflow, Inexact])
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-zµ]*)", re.ASCII)


class TooLargeError(ValueError):
    """A number that nothing here could hold."""


def scaled(number: Decimal, unit: int, text: str) -> int | None:
    """`number`, written as `text`, times `unit`; None where that is no whole number. TooLargeError from
    10**DIGITS_MAX on.
    """
    if not number.is_finite():
        return None
    try:
        product = _EXACT.multiply(number, unit)
    except Overflow:
        raise _too_large(text) from None
    except Inexact:
        return None
    return int(product) if product == product.to_integral_value() else None


def _too_large(text: str) -> TooLargeError:
    return TooLargeError(f"{text[:20]!r}… is too large: it has more than {DIGITS_MAX} digits")


def _parse(text: str, units: dict[str, int], what: str, examples: str, bare: str = "") -> tuple[Decimal, int]:
    """The number as it is written, and its unit."""
    match = _NUMBER.fullmatch(text.strip())
    unit = (match.group(2) or bare) if match else None
    if match is None or unit not in units:
        raise ValueError(f"{text!r} is not {what}: write it like {examples}")
    if len(match.group(1)) > DIGITS_MAX:
        raise _too_large(text)
    return Decimal(match.group(1)), units[unit]


def _whole(number: Decimal, unit: int, text: str, what: str) -> int:
    value = scaled(number, unit, text)
    if value is None:
        raise ValueError(f"{text!r} is not a whole number of {what}")
    return value


def parse_count(text: str) -> int:
    """`1500`, `100k`, `1.5M` → a whole number."""
    return _whole(*_parse(text, _COUNT, "a count", "1500, 100k or 1.5M"), text, "items")


def parse_rate_millihz(text: str) -> int:
    """`100k`, `0.5`, `2.5M` per second → items per 1000 seconds."""
    number, unit = _parse(text, _COUNT, "a rate", "1500, 100k or 1.5M")
    return _whole(number, unit * 1000, text, "items per 1000 s")


def parse_rate_hz(text: str) -> float:
    """`100k`, `0.5`, `2.5M` per second → items per second."""
    return parse_rate_millihz(text) / 1000


def parse_duration_ns(text: str, *, bare: str = "") -> int:
    """`100us`, `2ms`, `1m`, `1.5h` → nanoseconds. `bare` is the unit of a number without one; "" refuses
    that.
    """
    return _whole(*_parse(text, _TIME, "a time", "100us, 2ms, 10s or 1m", bare), text, "nanoseconds")


def parse_bytes(text: str) -> int:
    """`100M`, `1.5G`, `512Ki` → bytes."""
    return _whole(*_parse(text, _BYTES, "a size", "4096, 100M or 512Ki"), text, "bytes")


def exact_count(value: int) -> str:
    """The shortest text that `parse_count` reads back as the value: 100000 → `100k`."""
    for unit in ("T", "G", "M", "k"):
        if value and value % _COUNT[unit] == 0:
            return f"{value // _COUNT[unit]}{unit}"
    return str(value)


def exact_rate(rate_millihz: int) -> str:
    """Text that `parse_rate_millihz` reads back as the value."""
    if rate_millihz % 1000 == 0:
        return exact_count(rate_millihz // 1000)
    return f"{Decimal(rate_millihz) / 1000:f}"


def exact_duration(value_ns: int) -> str:
    """The largest whole unit that `parse_duration_ns` reads back as the value: 100000 → `100us`."""
    for unit in ("d", "h", "m", "s", "ms", "us"):
        if value_ns and value_ns % _TIME[unit] == 0:
            return f"{value_ns // _TIME[unit]}{unit}"
    return f"{value_ns}ns"


def _significant(value: float, units: tuple[str, ...]) -> str:
    """Three significant digits with the unit (a thousand apart) that leaves 1 to 999; whole numbers below as
    is.
    """
    if 0 <= value < 1000 and value == int(value):
        return f"{int(value)}{units[0]}"
    mantissa, exponent = f"{value:.2e}".split("e")
    step = min(max(int(exponent), 0) // 3, len(units) - 1)
    place = int(exponent) - 3 * step
    return f"{float(mantissa) * 10.0**place:.{min(max(2 - place, 0), 2)}f}{units[step]}"


_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


def format_count(value: int | None) -> str:
    """`0`, `999`, `76.1M`."""
    return UNKNOWN if value is None else _significant(value, tuple(_COUNT))


def format_grouped(value: int | None) -> str:
    """`76,140,211`."""
    return UNKNOWN if value is None else f"{value:,}"


def format_rate(per_s: float | None) -> str:
    """`0`, `8.5`, `99.8k`."""
    return UNKNOWN if per_s is None else _significant(per_s, tuple(_COUNT))


def format_ns(value_ns: float | None, *, micro: str = "µ") -> str:
    """`312ns`, `54.0µs`, `1.20ms`, `2.50s`, at most six characters below 1000 s. `micro` as the terminal can
    show it.
    """
    return UNKNOWN if value_ns is None else _significant(value_ns, ("ns", f"{micro}s", "ms", "s"))


def format_percent(ratio: float | None, *, decimals: int = 0) -> str:
    """A share 0..1 as `31%` or `8.4%`."""
    return UNKNOWN if ratio is None else f"{100 * ratio:.{decimals}f}%"


def format_bytes(value: int | None) -> str:
    """`512B`, `1.50MB` (powers of ten)."""
    return UNKNOWN if value is None else _significant(value, _BYTE_UNITS)


def format_price(price: int | None) -> str:
    """Fixed point with 4 decimals: 1000016 → `100.0016`."""
    if price is None:
        return UNKNOWN
    sign, price = ("-", -price) if price < 0 else ("", price)
    whole, fraction = divmod(price, 10**PRICE_DECIMALS)
    return f"{sign}{whole}.{fraction:0{PRICE_DECIMALS}d}"


def format_elapsed(value_ns: int | None) -> str:
    """`00:12:41`; days as `2d03:04:05`."""
    if value_ns is None:
        return UNKNOWN
    minutes, seconds = divmod(value_ns // 10**9, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{f'{days}d' if days else ''}{hours:02d}:{minutes:02d}:{seconds:02d}"
