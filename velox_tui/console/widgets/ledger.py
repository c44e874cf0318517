"""The ledger: equations that prove that nothing was lost, and whether they hold."""

from __future__ import annotations

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.line import BLANK, Line, Span, cells, line
from velox_tui.telemetry.sample import Equation, Ledger
from velox_tui.telemetry.units import format_count, format_grouped


class LedgerPane(PaneWidget):
    """Sample → the whole, then one equation per stage, the hops, the witness, as there is room."""

    TITLE = "Ledger"
    HELP = """\
Conservation, at one *exact cut*: each stage copied its counters when it had handled exactly the same transactions, so
that nothing is in flight to explain a difference away. At rest the final counters are used.

- **whole** generated = delivered + every drop + what lies in the open bundle.
- One equation per stage, one per hop (what a stage put out, the next took in).
- **ids** the same by sums of transaction ids modulo 2^64, which the counts do not share; at rest also: ids that
  Output missed = drops.
- **residual** left minus right, always exactly 0. Anything else is a bug and stays on the screen as an alert.
"""
    ESSENTIAL_ROWS = 1

    def title(self) -> str:
        """Where the cut was."""
        ledger = self.sample.ledger if self.sample else None
        if ledger is None:
            return self.TITLE
        if not ledger.cut_sequence:
            return f"{self.TITLE} at rest"
        return f"{self.TITLE} at cut {format_grouped(ledger.position)}"

    def options(self, width: int) -> Line:
        """Whether all of it holds."""
        ledger = self.sample.ledger if self.sample else None
        if ledger is None:
            return BLANK
        return self._verdict(f"residual {ledger.residual}", not ledger.residual)

    def content(self, width: int, height: int) -> list[Line]:
        """As many equations as there is room for, the most telling first."""
        ledger = self.sample.ledger if self.sample else None
        if ledger is None:
            return [line((" no exact cut yet", Ink.MUTED))] if self.sample else []
        first, others = ledger.stages[:1], ledger.stages[1:]
        lines = [self._equation("whole", ledger.whole, width)]
        lines += [self._equation(one.name, one, width) for one in first]
        if height >= 4:
            lines += [self._together("hops", ledger.hops), self._together("ids", ledger.witness)]
        room = max(0, height - len(lines))
        lines[2:2] = [self._equation(one.name, one, width) for one in others[:room]]
        if len(others) > room and height >= 2:
            lines[1] = self._stages(ledger, width) if height == 2 else lines[1]
        return lines

    def _stages(self, ledger: Ledger, width: int) -> Line:
        """All stages and hops in one line, where there is no room for one each."""
        every = (*ledger.stages, *ledger.hops, *ledger.witness)
        return (
            self._together("all", every)
            if any(one.residual for one in every)
            else self._equation(ledger.stages[0].name, ledger.stages[0], width)
        )

    def _equation(self, name: str, equation: Equation, width: int) -> Line:
        verdict = (
            self._verdict("exact", True)
            if not equation.residual
            else self._verdict(str(equation.residual), False)
        )
        for write in (format_grouped, format_count):
            left = line((f" {name:<10}", Ink.MUTED), *_written(equation, write))
            room = width - cells(left) - cells(verdict) - 2
            if room >= 0:
                return line(*left, (" " * (room + 1), Ink.TEXT), *verdict)
        return line(*left[: len(left)])

    def _together(self, name: str, equations: tuple[Equation, ...]) -> Line:
        spans: list[Span] = [(f" {name:<10}", Ink.MUTED)]
        wrong = [one for one in equations if one.residual]
        for one in wrong:
            spans += [*self._verdict(f"{one.name} {one.residual}", False), ("  ", Ink.TEXT)]
        if not wrong:
            spans += self._verdict(f"{len(equations)} equations exact", True)
        return line(*spans)

    def _verdict(self, text: str, good: bool) -> Line:
        drawn = self.glyphs
        return ((f"{drawn.good if good else drawn.bad} {text}", Ink.OK if good else Ink.CRITICAL),)


def _written(equation: Equation, write: object) -> list[Span]:
    """`generated 10 = pushed 9 + dropped 1`; terms that are 0 are left out but for the first and the drops."""
    assert callable(write)
    name, value = equation.left
    spans: list[Span] = [(f"{name} ", Ink.MUTED), (write(value), Ink.TEXT)]
    shown = [
        term for index, term in enumerate(equation.right) if not index or term[1] or len(equation.right) < 4
    ]
    for index, (label, amount) in enumerate(shown):
        spans += [(" + " if index else " = ", Ink.MUTED), (f"{label} ", Ink.MUTED)]
        spans.append((write(amount), Ink.TEXT if amount else Ink.MUTED))
    return spans
