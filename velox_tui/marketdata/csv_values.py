"""The values of CSV fields: times, prices, sizes, sides and actions from text to events, exactly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

from velox_tui.errors import UsageError
from velox_tui.marketdata.events import INEXACT, NO_PRICE, OUT_OF_RANGE, PRICE_MAX, SOUND, TIME_MAX_NS

Price = Callable[[str], tuple[int, int]]
"""Text → price with 4 decimals and flaw."""

_ACTIONS = {
    "A": ("a", "add", "new", "insert"),
    "C": ("c", "cancel", "delete", "reduce", "remove"),
    "M": ("m", "modify", "replace", "update", "change"),
    "R": ("r", "clear", "reset"),
    "T": ("t", "trade"),
    "F": ("f", "fill", "execute"),
    "N": ("n", "none"),
}
_ACTION = {name: ord(letter) for letter, names in _ACTIONS.items() for name in names}
_SIDE = dict.fromkeys(("b", "bid", "buy"), ord("B")) | dict.fromkeys(
    ("a", "ask", "s", "sell", "offer"), ord("A")
)
_SIDE |= dict.fromkeys(("", "n", "none"), ord("N"))
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_UNITS_PER_PRICE = 10_000
_EXACT = Context(prec=200, traps=[])
_CHARACTERS_MAX = 40
_UNDEFINED = str(2**63 - 1)
"""How DBN's own CSV writes that there is no price."""


class BadValue(ValueError):
    """The text is no such value; says the kind of rejection."""


def action(text: str) -> int:
    """The action's letter; an unknown one is kept as "?", which order state rejects."""
    return _ACTION.get(text.strip().lower(), ord("?"))


def side(text: str) -> int:
    """B, A, or N for neither."""
    found = _SIDE.get(text.strip().lower())
    if found is None:
        raise BadValue("side_unknown")
    return found


def size(text: str, what: int) -> int:
    """A whole number of 32 bits; none is 0 where the action needs none."""
    text = text.strip()
    whole, _, fraction = text.partition(".")
    if not text and what not in b"ACM":
        return 0
    if not _DIGITS.fullmatch(whole) or fraction.strip("0"):
        raise BadValue("size_malformed")
    number = int(whole) if len(whole) <= 20 else 2**64
    if number >= 2**32 - 1:
        raise BadValue("size_too_large")
    return number


def number(text: str, kind: str, end: int) -> int:
    """A whole number below `end`; none is 0."""
    text = text.strip()
    if not text:
        return 0
    if not _DIGITS.fullmatch(text) or len(text) > 20 or int(text) >= end:
        raise BadValue(kind)
    return int(text)


def time_ns(text: str, unit_ns: int) -> int:
    """Nanoseconds since 1970: of a number in such units, or an ISO 8601 time (UTC unless it says other)."""
    text = text.strip()
    if _NUMBER.fullmatch(text) and len(text) <= _CHARACTERS_MAX:
        whole, _, fraction = text.partition(".")
        exact = int(whole) * unit_ns + (int(fraction) * unit_ns // 10 ** len(fraction) if fraction else 0)
    else:
        exact = _iso_ns(text)
    if not 0 <= exact <= TIME_MAX_NS:
        raise BadValue("time_malformed")
    return exact


def _iso_ns(text: str) -> int:
    match = _ISO.fullmatch(text)
    if match is None:
        raise BadValue("time_malformed")
    date, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}{zone or 'Z'}")
    except ValueError:
        raise BadValue("time_malformed") from None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 10**9 + int((fraction or "").ljust(9, "0"))


def prices(unit: str) -> Price:
    """Reads prices of which 1 stands for `unit`. UsageError for a unit that is not above 0."""
    try:
        scale = _EXACT.multiply(Decimal(unit), _UNITS_PER_PRICE)
    except InvalidOperation:
        scale = Decimal(0)
    if not scale.is_finite() or scale <= 0:
        raise UsageError(f"--price-unit {unit!r}: a number above 0, such as 0.01 or 1e-9")

    @lru_cache(maxsize=1 << 16)
    def price(text: str) -> tuple[int, int]:
        text = text.strip()
        if text in ("", _UNDEFINED):
            return 0, NO_PRICE
        if len(text) > _CHARACTERS_MAX:
            raise BadValue("price_malformed")
        try:
            exact = _EXACT.multiply(Decimal(text), scale)
        except InvalidOperation:
            raise BadValue("price_malformed") from None
        if not exact.is_finite():
            return 0, NO_PRICE
        if not 0 < exact <= PRICE_MAX:
            return 0, OUT_OF_RANGE
        return (int(exact), SOUND) if exact == int(exact) else (0, INEXACT)

    return price
