"""Conditions on differences: `diff.e2e_p99_ns>10%,diff.ingress_dropped_total>0`.

What is compared is B minus A: a number is in the figure's own unit (as `--fail-on` of a run takes it: 100k,
and 500us for names in _ns), one with % is a share of A's amount. From 0 to anything is more than any share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from velox_tui.recording.compare import Difference
from velox_tui.settings_conditions import OPERATORS, number

ALLOWED = "conditions such as diff.e2e_p99_ns>10%,diff.ingress_dropped_total>0"
_CONDITION = re.compile(
    r"\s*diff\.(\w+)\s*(>=|<=|==|!=|>|<)\s*(-?)\s*([^\s<>=!%-][^<>=!%]*?)\s*(%?)\s*", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a difference with a number; `text` is how it was written."""

    text: str
    name: str
    comparison: str
    threshold: Decimal
    of_a: bool
    """The threshold is a percentage of A's value."""

    def holds(self, one: Difference) -> bool | None:
        """Whether the difference fulfils it; None where that is unknown."""
        value = one.change_ratio if self.of_a else one.change
        if value is None:
            return None
        return OPERATORS[self.comparison](value * 100 if self.of_a else value, self.threshold)


def parse(text: str) -> tuple[Condition, ...]:
    """A comma-separated list; ValueError names the part that is wrong and what is allowed."""
    return tuple(_one(part) for part in text.split(","))


def _one(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a condition; allowed: {ALLOWED}")
    name, comparison, sign, amount, percent = match.groups()
    threshold = number("" if percent else name, amount)
    return Condition(text.strip(), name, comparison, -threshold if sign else threshold, bool(percent))
