"""What deserves attention: small rules, each in a module of its own, and the watch that gives them memory.

A new alert is one module with a Rule and one line in RULES.
"""

from velox_tui.telemetry.alert_limits import AlertLimits
from velox_tui.telemetry.alerts.base import Alert, Measure, Rule
from velox_tui.telemetry.alerts.crossed_book import CrossedBook
from velox_tui.telemetry.alerts.drops import Drops
from velox_tui.telemetry.alerts.late_flushes import LateFlushes
from velox_tui.telemetry.alerts.late_polls import LatePolls
from velox_tui.telemetry.alerts.latency import Latency
from velox_tui.telemetry.alerts.ledger_residual import LedgerResidual
from velox_tui.telemetry.alerts.lost import Lost
from velox_tui.telemetry.alerts.ring_occupancy import RingOccupancy
from velox_tui.telemetry.alerts.stalled_stage import StalledStage
from velox_tui.telemetry.alerts.switches import Switches
from velox_tui.telemetry.alerts.watch import Watch

RULES: tuple[type[Rule], ...] = (
    LedgerResidual,
    Lost,
    Drops,
    StalledStage,
    RingOccupancy,
    Latency,
    LateFlushes,
    CrossedBook,
    Switches,
    LatePolls,
)
"""Every rule, the gravest first."""


def watch(limits: AlertLimits) -> Watch:
    """A watch over all rules."""
    return Watch(tuple(rule(limits) for rule in RULES))


__all__ = ["RULES", "Alert", "AlertLimits", "Measure", "Rule", "Watch", "watch"]
