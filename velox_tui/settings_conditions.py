"""Conditions that make a run a gate: `run.ingress_dropped_total>0,interval.e2e_p99_ns>500us`.

`interval.` holds when any row after the warm-up does, `run.` looks at the whole run at its end. Names are
those of the recording's columns. A number may carry the suffixes of flags: 100k, 1M; for names in _ns also
500us. An unknown value never fulfils a condition.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from velox_tui.telemetry import units

SCOPES = ("run", "interval")
OPERATORS: dict[str, Callable[[int | float | Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
ALLOWED = "conditions such as run.ingress_dropped_total>0,interval.e2e_p99_ns>500us"
_CONDITION = re.compile(r"\s*(\w+)\.(\w+)\s*(>=|<=|==|!=|>|<)\s*(-?)\s*([^\s<>=!-][^<>=!]*?)\s*", re.ASCII)

_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a column with a number; `text` is how it was written."""

    text: str
    scope: str
    name: str
    comparison: str
    threshold: Decimal

    def holds(self, value: int | float | Decimal | None) -> bool:
        """Whether a value fulfils the condition; never for an unknown one."""
        return value is not None and OPERATORS[self.comparison](value, self.threshold)


def parse(text: str) -> tuple[Condition, ...]:
    """A comma-separated list; ValueError names the part that is wrong and what is allowed."""
    return tuple(_one(part) for part in text.split(","))


def _one(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a condition; allowed: {ALLOWED}")
    scope, name, comparison, sign, amount = match.groups()
    if scope not in SCOPES:
        raise ValueError(f"{text.strip()!r} begins with {scope!r}; allowed: run. and interval.")
    threshold = number(name, amount)
    return Condition(text.strip(), scope, name, comparison, -threshold if sign else threshold)


def number(name: str, text: str) -> Decimal:
    """What a condition on this name compares with: `100k`, for names in _ns also `500us`. ValueError."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if name.endswith("_ns"):
        return Decimal(units.parse_duration_ns(text))
    return Decimal(units.parse_rate_millihz(text)) / 1000
