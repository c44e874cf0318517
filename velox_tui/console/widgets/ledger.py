"""The ledger: equations that prove that nothing was lost, and whether they hold."""

from __future__ import annotations

from collections.abc import Callable

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.line import BLANK, Line, Span, cells, clean, fit, left, line
from velox_tui.telemetry.sample import Equation
from velox_tui.telemetry.units import format_count, format_grouped

WIDEST = 110
"""Cells beyond which a verdict would be too far from its equation."""


class LedgerPane(PaneWidget):
    """Sample → the whole, then one equation per stage, the hops, the witness, as there is room."""

    TITLE = "Ledger"
    HELP = """\
Conservation, at one *exact cut*: each stage copied its counters when it had handled exactly the same
transactions, so that nothing is in flight to explain a difference away. At rest the final counters are used.

- **whole** generated = delivered + every drop + what lies in the open bundle.
- One equation per stage, one per hop (what a stage put out, the next took in).
- **ids** the same by sums of transaction ids modulo 2^64, which the counts do not share; at rest also: ids
  that Output missed = drops.
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
        """As many equations as there is room for, the most telling first; the verdicts not too far away."""
        width = min(width, WIDEST)
        ledger = self.sample.ledger if self.sample else None
        if ledger is None:
            return [line((" no exact cut yet", Ink.MUTED))] if self.sample else []
        others = ledger.stages[1:][: max(0, height - 4)]
        lines = [self._equation(one.name, one, width) for one in (*ledger.stages[:1], *others)]
        lines.append(self._equation("whole", ledger.whole, width))
        if height < 4:
            lines.append(self._together("all", (*ledger.stages, *ledger.hops, *ledger.witness)))
        else:
            lines += [self._together("hops", ledger.hops), self._together("ids", ledger.witness)]
        return lines if height > 1 else lines[-2:]

    def _equation(self, name: str, equation: Equation, width: int) -> Line:
        """The widest way of writing it that fits; the verdict always shows."""
        residual = equation.residual
        verdict = self._verdict(f"residual {residual}" if residual else "exact", not residual)
        terse = verdict if residual else self._verdict("", True)
        label = f" {left(name, 9)} "
        for write, named, end in (
            (format_grouped, True, verdict),
            (format_grouped, True, terse),
            (format_count, True, verdict),
            (format_count, True, terse),
            (format_count, False, terse),
        ):
            written = line((label, Ink.MUTED), *_written(equation, write, named))
            room = width - cells(end) - 2
            if cells(written) <= room:
                break
        return line(*fit(written, max(0, room)), ("  ", Ink.TEXT), *end)

    def _together(self, name: str, equations: tuple[Equation, ...]) -> Line:
        spans: list[Span] = [(f" {left(name, 9)} ", Ink.MUTED)]
        wrong = [one for one in equations if one.residual]
        for one in wrong:
            spans += [*self._verdict(f"{one.name} {one.residual}", False), ("  ", Ink.TEXT)]
        if not wrong:
            spans += self._verdict(f"{len(equations)} equations exact", True)
        return line(*spans)

    def _verdict(self, text: str, good: bool) -> Line:
        drawn = self.glyphs
        mark = drawn.good if good else drawn.bad
        return ((f"{mark} {text}".rstrip(), Ink.OK if good else Ink.CRITICAL),)


def _written(equation: Equation, write: Callable[[int], str], named: bool) -> list[Span]:
    """`generated 10 = pushed 9 + dropped 1`; of many terms those that are 0 are left out."""
    many = len(equation.right) > 3
    terms = [term for index, term in enumerate(equation.right) if term[1] or not index or not many]
    spans: list[Span] = []
    for index, (label, amount) in enumerate((equation.left, *terms)):
        spans.append((("", " = ", " + ")[min(index, 2)], Ink.MUTED))
        spans.append((f"{_short(label)} " if named else "", Ink.MUTED))
        spans.append((write(amount), Ink.TEXT if amount else Ink.MUTED))
    return spans


def _short(label: str) -> str:
    """`dropped, ring full` → `dropped`."""
    return clean(label.partition(",")[0])
