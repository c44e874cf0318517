"""The order book around its best prices: asks above, bids below, a bar as long as the quantity."""

from __future__ import annotations

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import without_histograms
from velox_tui.console.widgets.line import BLANK, Line, cells, line
from velox_tui.console.widgets.meter import filled
from velox_tui.console.widgets.table import Column, cell, choose, row
from velox_tui.telemetry.book import (
    BestPair,
    Quote,
    best_ask,
    best_asks,
    best_bid,
    best_bids,
    best_pair,
    spread,
)
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role, Window
from velox_tui.telemetry.units import UNKNOWN, format_grouped, format_price

COLUMNS = (
    Column("side", "", 3, left=True),
    Column("price", "", 10),
    Column("quantity", "", 9, weight=5, widest=13),
    Column("bar", "", 6, weight=3, widest=60, left=True),
)


class Ladder(PaneWidget):
    """Sample → levels by side; the spread between them stays in the middle line."""

    TITLE = "Order book"
    HELP = """\
The occupied levels nearest to the best prices, with the quantity resting on each. A level spans several
ticks: a bid level is shown by its lower bound, an ask level by its upper one.

- **spread** best ask less best bid. **CROSSED**: the best bid lies at or above the best ask; the book does
  not match orders, so foreign flow may do that.
"""

    def options(self, width: int) -> Line:
        """The best prices, or that they cross."""
        pair, window = self._pair()
        if pair is None or window is None:
            return BLANK
        if pair.crossed:
            return ((f"{self.glyphs.bad} CROSSED", Ink.CRITICAL),)
        bid, ask = best_bid(window, pair), best_ask(window, pair)
        found = line(
            ("best ", Ink.MUTED),
            (format_price(bid), Ink.BID),
            (" / ", Ink.MUTED),
            (format_price(ask), Ink.ASK),
        )
        return found if cells(found) <= width else BLANK

    def _pair(self) -> tuple[BestPair | None, Window | None]:
        if self.sample is None:
            return None, None
        word = self.sample.value(self.sample.run.topology.first(Role.BEST_PAIR))
        return (None if word is None else best_pair(word)), self.sample.run.topology.book

    def content(self, width: int, height: int) -> list[Line]:
        """Asks from the worst shown down to the best, the spread, bids from the best down."""
        sample, (pair, window) = self.sample, self._pair()
        if sample is None:
            return []
        if pair is None or window is None or sample.depth is None:
            reason = without_histograms(sample) if sample.depth is None else ""
            return [line((f" {reason or 'no order book in this reading'}", Ink.MUTED))]
        each = max(0, (height - 1) // 2)
        asks = best_asks(window, sample.depth, each)
        bids = best_bids(window, sample.depth, height - 1 - each)
        most = max((quote.quantity for quote in (*asks, *bids)), default=1)
        columns = choose(COLUMNS, width - 1)
        lines: list[Line] = [BLANK] * (each - len(asks))
        lines += [self._level("ASK", quote, most, columns, Ink.ASK) for quote in reversed(asks)]
        lines.append(self._middle(sample, window, pair, width))
        return lines + [self._level("BID", quote, most, columns, Ink.BID) for quote in bids]

    def _level(self, side: str, quote: Quote, most: int, columns: tuple[Column, ...], ink: Ink) -> Line:
        bar = next((column.width for column in columns if column.key == "bar"), 0)
        values = {
            "side": cell(side, ink),
            "price": cell(format_price(quote.price), ink),
            "quantity": cell(format_grouped(quote.quantity)),
            "bar": cell(filled(quote.quantity / most, bar, self.glyphs), ink),
        }
        return line((" ", Ink.TEXT), *row(columns, values))

    def _middle(self, sample: Sample, window: Window, pair: BestPair, width: int) -> Line:
        """The rule between the sides, with the spread."""
        between = spread(window, pair)
        text = f"spread {UNKNOWN if between is None else format_price(between)}"
        rule = self.glyphs.rule
        ink = Ink.CRITICAL if pair.crossed else Ink.TEXT
        return line(
            (f" {rule * 3} ", Ink.FRAME), (text, ink), (f" {rule * max(0, width - len(text) - 7)}", Ink.FRAME)
        )
