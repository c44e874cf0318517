"""How the value of a setting is written and what is allowed: one Kind per sort of value, used for flags,
environment and file.

A kind reads text (flags, environment) and TOML values, checks a value, and writes it as TOML that it reads
back. Every refusal is a ValueError whose message names the value and what is allowed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Generic, TypeVar

from velox_tui.settings_conditions import ALLOWED, Condition
from velox_tui.settings_conditions import parse as parse_conditions
from velox_tui.telemetry import units
from velox_tui.texts import toml_string

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One sort of value. `allowed` is for people; `natural` are the TOML types taken beside text."""

    allowed: str
    parse: Callable[[str], T]
    """From text; ValueError says how it is written."""
    within: Callable[[T], bool]
    toml: Callable[[T], str]
    """The value as a TOML literal that reads back as the value."""
    natural: tuple[type, ...] = ()
    metavar: str = "NAME"
    """What help calls the value."""
    switch: bool = False
    """True for yes or no: its flag takes no value."""

    def shown(self, value: T) -> str:
        """The value as one writes it behind a flag."""
        return self.toml(value).strip('"[]').replace(", ", ",")

    def read(self, text: str) -> T:
        """From a flag or an environment variable; ValueError when it is not allowed."""
        try:
            value = self.parse(text)
        except units.TooLargeError:
            pass
        else:
            if self.within(value):
                return value
        raise ValueError(f"{text!r} is not allowed; allowed: {self.allowed}")

    def read_toml(self, value: object) -> T:
        """From a TOML value; ValueError also for a wrong type."""
        if isinstance(value, str) and not self.switch:
            return self.read(value)
        if type(value) not in self.natural:
            raise ValueError(
                f"{value!r} has the wrong type ({type(value).__name__}); allowed: {self.allowed}"
            )
        if isinstance(value, list):
            return self.read(",".join(str(one) for one in value))
        return self.read(str(value))


AnyKind = Kind[Any]


def _between(low: int, high: int) -> Callable[[int], bool]:
    return lambda value: low <= value <= high


def rate(low_millihz: int, high_millihz: int) -> Kind[int]:
    """Items per second, kept per 1000 seconds: `100k`, `0.5`."""
    span = f"{units.exact_rate(low_millihz)} to {units.exact_rate(high_millihz)} per second"
    within = _between(low_millihz, high_millihz)
    return Kind(
        span,
        units.parse_rate_millihz,
        within,
        lambda v: toml_string(units.exact_rate(v)),
        (int, float),
        "RATE",
    )


def whole(low: int, high: int) -> Kind[int]:
    """A whole number: `16`, `100k`."""
    return Kind(f"{low} to {high}", units.parse_count, _between(low, high), str, (int,), "N")


def multiple(of: int, low: int, high: int) -> Kind[int]:
    """A multiple of `of` between two bounds."""
    return Kind(
        f"multiples of {of} from {low} to {high}",
        units.parse_count,
        lambda value: low <= value <= high and value % of == 0,
        str,
        (int,),
        "N",
    )


def ratio(low: float, high: float) -> Kind[float]:
    """A plain number such as a share 0..1."""
    return Kind(f"{low:g} to {high:g}", _plain, lambda value: low <= value <= high, repr, (int, float), "X")


def _plain(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None


def limit(name: str) -> AnyKind:
    """Of a limit of alerts, by the unit in its name."""
    if name.endswith("_ns"):
        return duration(0, 3600 * 10**9)
    return ratio(0, 1) if name.endswith("_ratio") else ratio(0, 1e12)


def duration(low_ns: int, high_ns: int, *, bare: str = "") -> Kind[int]:
    """A time in nanoseconds: `100us`, `2ms`; `bare` is the unit of a number without one, "" refuses that."""
    span = f"{units.exact_duration(low_ns)} to {units.exact_duration(high_ns)}"
    natural: tuple[type, ...] = (int, float) if bare else ()
    return Kind(
        span,
        lambda text: units.parse_duration_ns(text, bare=bare),
        _between(low_ns, high_ns),
        lambda value: toml_string(units.exact_duration(value)),
        natural,
        "TIME",
    )


def price(high: int) -> Kind[int]:
    """A price of up to 4 decimals, kept as fixed point: `100.0016`."""
    unit = 10**units.PRICE_DECIMALS

    def parse(text: str) -> int:
        try:
            exact = units.scaled(Decimal(text), unit, text)
        except InvalidOperation:
            raise ValueError(f"{text!r} is not a price: write it like 100 or 100.0016") from None
        if exact is None:
            raise ValueError(f"{text!r} is not a price: it has up to {units.PRICE_DECIMALS} decimals")
        return exact

    span = f"0 to {units.format_price(high)}"
    return Kind(
        span, parse, _between(0, high), lambda v: toml_string(units.format_price(v)), (int, float), "PRICE"
    )


def speed() -> Kind[int]:
    """How fast a file is played, kept as thousandths: `1`, `0.5`, `10`; `max` is 0: unpaced."""

    def parse(text: str) -> int:
        return 0 if text == "max" else units.parse_rate_millihz(text) or -1

    def toml(permille: int) -> str:
        return toml_string(units.exact_rate(permille) if permille else "max")

    return Kind("0.001 to 1000, or max", parse, _between(0, 1_000_000), toml, (int, float), "SPEED")


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a recording starts a new part: at UTC multiples of a time, or before it would exceed a size."""

    text: str
    period_ns: int | None = None
    size_bytes: int | None = None


def rotation() -> Kind[Rotation]:
    """`1d`, `1h` (a time) or `100M` (bytes); `m` is minutes, `M` is 10**6 bytes."""

    def parse(text: str) -> Rotation:
        if text[-1:] in ("s", "m", "h", "d"):
            return Rotation(text, period_ns=units.parse_duration_ns(text))
        return Rotation(text, size_bytes=units.parse_bytes(text))

    def within(value: Rotation) -> bool:
        return (value.period_ns or 10**9) >= 10**9 and (value.size_bytes or 10**5) >= 10**5

    return Kind(
        "a time from 1s, such as 1d, or a size from 100k, such as 100M",
        parse,
        within,
        lambda v: toml_string(v.text),
        metavar="TIME|SIZE",
    )


def conditions() -> Kind[tuple[Condition, ...]]:
    """A comma-separated list of comparisons."""
    return Kind(
        ALLOWED,
        parse_conditions,
        bool,
        lambda v: toml_string(",".join(one.text for one in v)),
        metavar="LIST",
    )


def choice(*names: str) -> Kind[str]:
    """One of a few names."""
    return Kind(", ".join(names), str, lambda value: value in names, toml_string)


def text(allowed: str) -> Kind[str]:
    """Any text that is not empty."""
    return Kind(allowed, str, bool, toml_string)


def named_file(text: str) -> Path:
    """The file of that name; ValueError where there can be none."""
    if "\0" in text:
        raise ValueError(f"{text!r} is no file's name")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError(f"{text!r} begins with a user who has no home folder here") from None


def path(allowed: str) -> Kind[Path]:
    """The path of a file; `~` is the home folder."""
    return Kind(
        allowed,
        named_file,
        lambda value: value != Path(),
        lambda v: toml_string(str(v)),
        metavar="FILE",
    )


def _yes_or_no(text: str) -> bool:
    lowered = text.lower()
    if lowered not in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        raise ValueError(f"{text!r} is not yes or no; allowed: true, false")
    return lowered in ("1", "true", "yes", "on")


def switch() -> Kind[bool]:
    """Yes or no."""
    return Kind(
        "true, false", _yes_or_no, lambda _: True, lambda v: "true" if v else "false", (bool,), switch=True
    )


def _wholes(text: str) -> tuple[int, ...]:
    return tuple(units.parse_count(part) for part in text.split(","))


def _list(values: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, values))}]"


def slots(count: int) -> Kind[tuple[int, ...]]:
    """Capacities of `count` rings."""

    def within(sizes: tuple[int, ...]) -> bool:
        return len(sizes) == count and all(2 <= one <= 65536 and one & (one - 1) == 0 for one in sizes)

    return Kind(
        f"{count} powers of two from 2 to 65536, such as 4096,4096,1024",
        _wholes,
        within,
        _list,
        (list,),
        "N,N,N",
    )


def cores() -> Kind[tuple[int, ...]]:
    """Different cores of this machine that this process may use."""
    usable = sorted(os.sched_getaffinity(0))

    def within(chosen: tuple[int, ...]) -> bool:
        return len(set(chosen)) == len(chosen) and set(chosen) <= set(usable)

    return Kind(f"different ones of {','.join(map(str, usable))}", _wholes, within, _list, (list, int), "N,N")
