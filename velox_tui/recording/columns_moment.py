"""Columns of the moment: best prices, cores, the fill that is expected, and what happened."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal

from velox_tui.recording.columns import Cell, Column, Group
from velox_tui.telemetry import book, units
from velox_tui.telemetry.sample import Event, Sample
from velox_tui.telemetry.topology import Role, Topology

EVENTS_CHARACTERS_MAX = 1 << 16
"""Of a row's events: half of what Python's csv takes in a cell by default; `events_left_out` comes on top."""


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
    return Group((column,), lambda sample: [_listed(sample.events)])


def _listed(events: Sequence[Event]) -> str:
    """The first events that fit into a cell; a last one tells how many did not."""
    texts: list[str] = []
    free = EVENTS_CHARACTERS_MAX
    for event in events:
        text = json.dumps(event_fields(event))
        free -= len(text) + len(", ")
        if free < 0:
            left = len(events) - len(texts)
            said = f"{left:,} more events of the interval did not fit into the row"
            more = Event(event.mono_ns, "life", "warn", "events_left_out", said, value=float(left))
            texts.append(json.dumps(event_fields(more)))
            break
        texts.append(text)
    return f"[{', '.join(texts)}]"
