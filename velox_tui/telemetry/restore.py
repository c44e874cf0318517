"""A past Sample again, from its row: exact words, rates, percentiles and ledger; histograms and depth while
kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.archive import Span
from velox_tui.telemetry.histogram import HIGHEST
from velox_tui.telemetry.ledger import Rules
from velox_tui.telemetry.rows import NO_CUT, NO_VALUE, Rows
from velox_tui.telemetry.sample import Cost, Quantiles, Run, Sample, State, Thread


def restore(
    run: Run, rules: Rules, counters: NDArray[np.bool_], rows: Rows, number: int, span: Span | None
) -> Sample:
    """The Sample of row `number`; `span` holds its histograms while they are kept by themselves."""
    slot = rows.slot(number)
    interval_ns = int(rows.interval_ns[slot])
    words = rows.words[slot].copy()
    deltas = None
    if interval_ns != NO_VALUE and number > rows.first:
        deltas = np.where(counters, words - rows.words[rows.slot(number - 1)], 0)
    cut_sequence = int(rows.cut_sequence[slot])
    known = cut_sequence != NO_CUT
    expected = float(rows.expected_fill[slot])
    return Sample(
        run=run,
        seq=int(rows.seq[slot]),
        mono_ns=int(rows.mono_ns[slot]),
        unix_ns=int(rows.unix_ns[slot]),
        state=State(int(rows.state[slot])),
        words=words,
        deltas=deltas,
        interval_ns=interval_ns if deltas is not None else None,
        late_ns=int(rows.late_ns[slot]),
        cut=None,
        ledger=rules.at(rows.ledger_words(slot), cut_sequence) if known else None,
        quantiles=_quantiles(rows, slot),
        histograms=span.histograms.all() if span else None,
        depth=span.depth.depth() if span and span.depth else None,
        threads=_threads(rows, slot),
        cores=tuple(_known(ratio) for ratio in rows.cores[slot]),
        cost=_cost(rows, slot),
        expected_fill=None if np.isnan(expected) else expected,
        events=rows.events[slot],
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


def _quantiles(rows: Rows, slot: int) -> tuple[Quantiles | None, ...]:
    values = HIGHEST[rows.quantiles[slot]]
    return tuple(
        Quantiles(int(count), float(mean), *(int(value) for value in row)) if count else None
        for count, mean, row in zip(rows.counts[slot], rows.means[slot], values, strict=True)
    )


def _threads(rows: Rows, slot: int) -> tuple[Thread, ...]:
    pairs = zip(rows.thread_stages, rows.threads[slot], strict=False)
    return tuple(
        Thread(int(of[0]), stages, _whole(of[1]), _known(of[2]), _whole(of[3]), _whole(of[4]), _whole(of[5]))
        for stages, of in pairs
        if not np.isnan(of[0])
    )


def _cost(rows: Rows, slot: int) -> Cost | None:
    cpu, rss, late, reading = (float(value) for value in rows.cost[slot])
    return None if np.isnan(rss) else Cost(_known(cpu), int(rss), int(late), int(reading))
