"""The ledger does not add up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from velox_tui.telemetry.alerts.base import Measure, Rule
from velox_tui.telemetry.sample import Sample


class LedgerResidual(Rule):
    """Any residual but 0, ever. Stays until it is acknowledged."""

    name: ClassVar[str] = "ledger_residual"
    severity: ClassVar[str] = "critical"
    summary: ClassVar[str] = "ledger violated"
    why: ClassVar[str] = "Transactions were lost, doubled or miscounted: no other number can be trusted."
    press: ClassVar[str] = "1 for the ledger; stop, keep the recording and report it"
    latching: ClassVar[bool] = True

    def measure(self, sample: Sample) -> Iterable[Measure]:
        """The residual of the newest exact cut, or at rest."""
        if sample.ledger is not None:
            residual = sample.ledger.residual
            yield Measure(float(residual), residual != 0, residual == 0, f"ledger residual {residual:,}")
