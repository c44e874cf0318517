"""What must hold of a soak's recording, by arithmetic that shares nothing with the program: plain
integers from the CSV's cells, the equations of the ledger written out, and the machine's files beside them.
"""

from __future__ import annotations

import csv
import json
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

STAGES = ("order_book", "bundle", "output")
CAUSES = ("window", "overflow", "underflow", "contention", "invalid")
EXPLAINED_BY_NS = 5_000_000
"""A wait for a core at least this long explains an alert of timing: it is where e2e_p99 begins."""
AFTERMATH_NS = 15 * 10**9
"""How long after a burst or pause an alert counts as caused by it: it lasts 3 s, ends after 3 s of calm."""
NEVER = frozenset({"ledger_residual", "lost", "source_lost"})
"""Alerts that no machine explains."""


@dataclass(slots=True)
class Findings:
    """Figures for the table, and what is wrong."""

    figures: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Keeps a fault."""
        if not holds:
            self.faults.append(otherwise)


def cut_equations(row: dict[str, str]) -> list[tuple[int, int]]:
    """Both sides of every equation at a row's cut, counts and sums of ids; those modulo 2**64."""

    def cell(name: str) -> int:
        return int(row[f"cut_{name}"])

    counts = [
        (cell("ingress_generated_total"), cell("ingress_pushed_total") + cell("ingress_dropped_total")),
        (
            cell("order_book_in_total"),
            cell("order_book_applied_total")
            + sum(cell(f"order_book_rejected_{cause}_total") for cause in CAUSES),
        ),
        (cell("order_book_in_total"), cell("order_book_out_total")),
        (cell("bundle_in_total"), cell("bundle_out_total") + cell("bundle_open")),
        (cell("output_in_total"), cell("output_delivered_total")),
        (cell("ingress_pushed_total"), cell("order_book_in_total")),
        (cell("order_book_out_total"), cell("bundle_in_total")),
        (cell("bundle_out_total"), cell("output_in_total")),
    ]
    ids = [
        (cell("ingress_generated_id_sum"), cell("ingress_pushed_id_sum") + cell("ingress_dropped_id_sum")),
        (cell("ingress_pushed_id_sum"), cell("order_book_in_id_sum")),
        (cell("order_book_in_id_sum"), cell("order_book_out_id_sum")),
        (cell("order_book_out_id_sum"), cell("bundle_in_id_sum")),
        (cell("bundle_in_id_sum"), cell("bundle_out_id_sum") + cell("bundle_open_id_sum")),
        (cell("bundle_out_id_sum"), cell("output_in_id_sum")),
        (cell("output_in_id_sum"), cell("output_delivered_id_sum")),
    ]
    return counts + [(left % 2**64, right % 2**64) for left, right in ids]


def check_rows(path: Path, found: Findings) -> list[dict[str, str]]:
    """Whole rows without a gap, counters that only grow, and the ledger of every row."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    names = lines[0]
    found.expect({len(one) for one in lines} == {len(names)}, "a torn row")
    rows = [dict(zip(names, one, strict=False)) for one in lines[1:]]
    gaps = [place for place, row in enumerate(rows) if row["seq"] != str(place)]
    found.expect(not gaps, f"seq has a gap at rows {gaps[:5]}")
    found.expect(len({row["run_id"] for row in rows}) == 1, "more than one run")
    found.expect(rows[-1]["state"] == "stopped", "the last row is not one at rest")
    totals = [name for name in names if name.endswith("_total")]
    values = np.array([[int(row[name] or 0) for name in totals] for row in rows], np.int64)
    back = [totals[place] for place in np.flatnonzero((np.diff(values, axis=0) < 0).any(axis=0))]
    found.expect(not back, f"totals that go back: {back}")
    check_ledger(rows, found)
    check_rest(rows[-1], found)
    found.figures["rows, gaps in seq"] = f"{len(rows)}, {len(gaps)}"
    return rows


def check_ledger(rows: list[dict[str, str]], found: Findings) -> None:
    """Every equation of every row's cut holds exactly, and the program says the same."""
    with_cut = [row for row in rows if row["ledger_position"]]
    equations = 0
    for row in with_cut:
        pairs = cut_equations(row)
        equations += len(pairs)
        bad = [pair for pair in pairs if pair[0] != pair[1]]
        found.expect(not bad, f"seq {row['seq']}: {bad[:2]}")
        found.expect(row["ledger_residual"] == "0", f"seq {row['seq']}: residual {row['ledger_residual']}")
    found.expect(len(with_cut) >= len(rows) - 1, f"{len(rows) - len(with_cut)} rows without a cut")
    positions = [int(row["ledger_position"]) for row in with_cut]
    moved = sum(one < two for one, two in pairwise(positions))
    found.expect(positions == sorted(positions), "a cut goes back")
    found.figures["ledger equations checked, off"] = f"{equations:,}, {len(found.faults)}"
    found.figures["rows whose cut had moved on"] = f"{moved} of {len(positions) - 1}"


def check_rest(last: dict[str, str], found: Findings) -> None:
    """Drained: everything generated is delivered or counted as dropped, also by id."""
    generated, dropped, delivered = (
        int(last[f"{name}_total"]) for name in ("ingress_generated", "ingress_dropped", "output_delivered")
    )
    found.expect(generated == dropped + delivered, f"{generated} ≠ {dropped} + {delivered} at rest")
    found.expect(int(last["output_id_gaps_total"]) == dropped, "ids missing are not those dropped")
    found.expect(last["output_sequence_gaps_total"] == "0", "bundles missing")
    found.figures["transactions generated"] = f"{generated:,}"
    found.figures["delivered, dropped (counted)"] = f"{delivered:,}, {dropped:,}"


@dataclass(frozen=True, slots=True)
class Machine:
    """What was done and what happened besides: moments of disturbances, looks from outside, the jitter
    floor.
    """

    disturbed_ns: list[int]
    looks: np.ndarray
    """As HEADER of soak_machine."""
    floor: np.ndarray
    """As the file of its jitter floor."""

    def longest_wait_ns(self, since: int, until: int) -> int:
        """The most that anybody was kept waiting between two moments: the worst wake of the jitter floor, or
        the recorder's threads' waits for a core from one look to the next.
        """
        at = self.looks["mono_ns"][1:]
        waits = np.diff(self.looks["wait_ns_total"])[(at > since) & (at <= until)]
        at = self.floor["mono_ns"]
        worst = self.floor["worst_ns"][(at > since) & (at <= until)]
        return int(max(waits.max(initial=0), worst.max(initial=0)))


def check_alerts(rows: list[dict[str, str]], machine: Machine, found: Findings) -> None:
    """Every alert that began was caused: by what the soak did to the pipeline, or by a wait for a core that
    the kernel or the jitter floor shows.
    """
    causes: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for event in json.loads(row["events"]):
            if event["kind"] == "alert" and event.get("phase") == "start":
                cause = why(event, row, machine)
                causes[event["name"], cause] += 1
                found.expect(cause != "nothing", f"an alert that nothing explains: {event}, seq {row['seq']}")
    said = "; ".join(f"{name} × {count} ({cause})" for (name, cause), count in sorted(causes.items()))
    found.figures["alerts (cause)"] = said or "none"


def why(event: dict[str, Any], row: dict[str, str], machine: Machine) -> str:
    """What an alert's cause was: "soak", "machine" or "nothing"."""
    at, disturbed = int(event["mono_ns"]), machine.disturbed_ns
    if event["name"] in NEVER:
        return "nothing"
    if bisect_right(disturbed, at) > bisect_left(disturbed, at - AFTERMATH_NS):
        return "soak"
    if event["name"] == "crossed_book":  # only where cancels were dropped with the rest
        return "machine" if int(row["ingress_dropped_total"]) else "nothing"
    longest = machine.longest_wait_ns(at - 5 * 10**9, at + 10**9)
    return "machine" if longest >= EXPLAINED_BY_NS else "nothing"


def latency_figures(rows: list[dict[str, str]], floor: np.ndarray, found: Findings) -> None:
    """Latencies from intended arrival beside the jitter floor: medians over the intervals, and the worst."""

    def cells(name: str) -> np.ndarray:
        return np.array([int(row[name]) for row in rows[1:-1] if row[name]])

    for name in ("p50", "p99"):
        median = np.median(cells(f"e2e_{name}_ns")) / 1000
        found.figures[f"e2e {name}, median of the intervals"] = f"{median:,.0f} µs"
        beside = np.median(floor[f"{name}_ns"]) / 1000
        found.figures[f"jitter floor {name}, likewise"] = f"{beside:,.0f} µs"
    found.figures["e2e worst / jitter floor worst"] = (
        f"{cells('e2e_max_ns').max() / 1e6:,.1f} / {floor['worst_ns'].max() / 1e6:,.1f} ms"
    )
