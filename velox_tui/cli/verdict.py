"""How a run went: the ledger over all its Samples, and the exit code."""

from __future__ import annotations

from velox_tui.telemetry.sample import Equation, Sample

LEDGER_VIOLATED = 3
CONDITION_HELD = 4
INPUT_CUT = 65
ROWS_LOST = 74
OF_SIGNALS = 128


class LedgerWatch:
    """Remembers the first Sample whose ledger was not exact."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.violation: str | None = None

    def see(self, sample: Sample) -> None:
        """One Sample of the run, in turn."""
        if self.violation is None and sample.ledger is not None and sample.ledger.residual:
            ledger = sample.ledger
            every = (*ledger.stages, *ledger.hops, ledger.whole, *ledger.witness)
            wrong = "; ".join(_text(one) for one in every if one.residual)
            self.violation = f"ledger violated at row seq {sample.seq}: {wrong}"


def _text(equation: Equation) -> str:
    left = f"{equation.left[0]} {equation.left[1]}"
    right = " + ".join(f"{name} {value}" for name, value in equation.right)
    return f"{equation.name}: {left} != {right}"


def exit_code(
    *, violated: bool, lost_rows: int, input_cut: bool, held: bool, cut_short_by: int | None
) -> int:
    """3 before 74 before 65 before 4 before the signal that cut a requested duration short; else 0."""
    if violated:
        return LEDGER_VIOLATED
    if lost_rows:
        return ROWS_LOST
    if input_cut:
        return INPUT_CUT
    if held:
        return CONDITION_HELD
    return OF_SIGNALS + cut_short_by if cut_short_by else 0
