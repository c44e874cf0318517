"""Columns of the moment: best prices, cores, the fill that is expected, and what happened."""

from __future__ import annotations

import json
import math
from decimal import Decimal

from velox_tui.recording.columns import Cell, Column, Group
from velox_tui.telemetry import book, units
from velox_tui.telemetry.sample import Event, Sample
from velox_tui.telemetry.topology import Role, Topology


def best_prices(topology: Topology) -> Group:
    """Best bid, best ask and spread, with 4 decimals; empty where a side is."""
    word, window = topology.first(Role.BEST_PAIR), topology.book
    if word is None or window is None:
        return Group((), lambda sample: ())
    columns = (
        Column("best_bid", "price", "lower bound of the best bid's level"),
        Column("best_ask", "price", "upper bound of the best ask's level"),
        Column("spread", "price", "best ask - best bid"),
    )

    def values(sample: Sample) -> list[Cell]:
        pair = book.best_pair(int(sample.words[word.index]))
        prices = book.best_bid(window, pair), book.best_ask(window, pair), book.spread(window, pair)
        return [None if price is None else Decimal(price).scaleb(-units.PRICE_DECIMALS) for price in prices]

    return Group(columns, values)


def cores(count: int) -> Group:
    """Utilisation of every core of the machine."""
    columns = (
        Column(f"core{i}_ratio", "ratio", f"utilisation of core {i}, any process") for i in range(count)
    )
    return Group(
        tuple(columns), lambda sample: [*sample.cores[:count], *[None] * (count - len(sample.cores))]
    )


def expected_fill() -> Group:
    """What the model expects of the fill."""
    column = Column("expected_fill", "", "mean fill the model expects at the present settings")
    return Group((column,), lambda sample: [sample.expected_fill])


def event_fields(event: Event) -> dict[str, object]:
    """An event as JSON holds it: without what it does not have."""
    fields = {name: getattr(event, name) for name in ("mono_ns", "kind", "severity", "name", "text")}
    if event.phase:
        fields["phase"] = event.phase
    finite = event.value is not None and math.isfinite(event.value)
    optional = {"value": event.value if finite else None, "stage": event.stage, "ring": event.ring}
    return fields | {name: value for name, value in optional.items() if value is not None}


def events() -> Group:
    """Control actions, markers, alerts and life events of the interval as a one-line JSON list."""
    column = Column("events", "json", "control actions, markers and alerts of the interval; [] for none")
    return Group((column,), lambda sample: [json.dumps([event_fields(one) for one in sample.events])])
