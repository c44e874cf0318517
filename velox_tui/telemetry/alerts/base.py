"""What a rule is, what it measures, and what an alert tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from velox_tui.telemetry.alert_limits import CLEAR_RATIO, AlertLimits
from velox_tui.telemetry.sample import Sample


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rule found for one subject (a stage, a ring or the whole) in one Sample."""

    value: float
    bad: bool
    """At or beyond the limit: the alert begins or goes on."""
    good: bool
    """Clearly on this side of the limit: the alert may end. Between the two it stays as it is."""
    text: str
    """What is seen, with the value."""
    stage: int | None = None
    ring: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An active alert."""

    name: str
    severity: str
    """"warn" or "critical"."""
    summary: str
    why: str
    press: str
    """What to press to look closer or to act."""
    text: str
    """What was seen last."""
    since_mono_ns: int
    value: float
    peak: float
    peak_mono_ns: int
    acknowledged: bool
    latching: bool
    """Stays until it is acknowledged, even when all is well again."""
    stage: int | None
    ring: int | None


class Rule:
    """One thing to look for. Subclasses set the texts and say what they measure."""

    name: ClassVar[str]
    severity: ClassVar[str] = "warn"
    summary: ClassVar[str]
    why: ClassVar[str]
    press: ClassVar[str]
    latching: ClassVar[bool] = False
    lasting_ns: ClassVar[int] = 0
    """How long it must be bad before the alert begins."""

    def __init__(self, limits: AlertLimits) -> None:
        """A rule that holds the Samples against these limits."""
        self.limits = limits

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """One Measure a subject; none where the Sample does not tell."""
        raise NotImplementedError


def above(
    value: float, limit: float, text: str, *, stage: int | None = None, ring: int | None = None
) -> Measure:
    """A Measure that is bad above the limit and good at or below CLEAR_RATIO of it."""
    return Measure(value, value > limit, value <= limit * CLEAR_RATIO, text, stage, ring)
