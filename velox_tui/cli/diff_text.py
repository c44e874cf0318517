"""What `velox-tui diff` prints, as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from velox_tui.cli.diff_read import Both, Recorded
from velox_tui.recording.compare import INTERVALS_MIN, Difference
from velox_tui.telemetry import units
from velox_tui.texts import shown

_WIDTHS = (12, 12, 12, 9, 12)
_HEADS = ("A", "B", "change", "", "spread")
_MARKS = {True: "  beyond", False: "", None: ""}


def as_text(both: Both, found: Sequence[Difference]) -> str:
    """A table, under the recordings' names and the settings that differ."""
    width = max(len(one.name) for one in found)
    cells = " ".join(f"{head:>{size}}" for head, size in zip(_HEADS, _WIDTHS, strict=True))
    lines = [f"A: {_about(both.a)}", f"B: {_about(both.b)}"]
    lines += [f"{name}: {_shown(a)} in A, {_shown(b)} in B" for name, (a, b) in both.settings().items()]
    lines += ["", f"{'':{width}} {cells}", *(_line(one, width) for one in found), *_why_no_verdict(both)]
    return "".join(f"{shown(line.rstrip())}\n" for line in lines)


def as_json(both: Both, found: Sequence[Difference]) -> str:
    """One object: the recordings, the settings that differ, every figure. Unknown is null."""
    told = {
        "a": _facts(both.a),
        "b": _facts(both.b),
        "intervals_needed": INTERVALS_MIN,
        "settings": {name: {"a": a, "b": b} for name, (a, b) in both.settings().items()},
        "figures": [_object(one) for one in found],
    }
    return json.dumps(told, indent=1, allow_nan=False, default=str) + "\n"


def _facts(one: Recorded) -> dict[str, object]:
    return {"path": str(one.path), "rows": one.rows.count, "intervals": one.rows.intervals}


def _why_no_verdict(both: Both) -> list[str]:
    """Why the spread is unknown, where it is."""
    few = {name: one.rows.intervals for name, one in (("A", both.a), ("B", both.b))}
    if min(few.values()) >= INTERVALS_MIN:
        return []
    told = " and ".join(f"{name} {count}" for name, count in few.items() if count < INTERVALS_MIN)
    told = told.replace(" ", " has ", 1)
    return [
        "",
        f"No verdict: to know how much intervals differ among themselves takes {INTERVALS_MIN} of a running"
        f" pipeline on each side; {told}. Record longer, or with a shorter --interval.",
    ]


def _object(one: Difference) -> dict[str, object]:
    ratio = one.change_ratio
    return {
        "name": one.name,
        "a": one.a,
        "b": one.b,
        "change": one.change,
        "change_ratio": ratio if ratio is not None and math.isfinite(ratio) else None,
        "spread": one.spread,
        "beyond": one.beyond,
    }


def _about(one: Recorded) -> str:
    return f"{one.path}, {one.rows.count:,} rows"


def _shown(value: str | None) -> str:
    return units.UNKNOWN if value is None else value.strip('"')


def _line(one: Difference, width: int) -> str:
    change = one.change
    sign = "" if not change else "+" if change > 0 else "-"
    cells = (
        _value(one.name, one.a),
        _value(one.name, one.b),
        sign + _value(one.name, None if change is None else abs(change)),
        _percent(one.change_ratio),
        _value(one.name, one.spread),
    )
    text = " ".join(f"{cell:>{size}}" for cell, size in zip(cells, _WIDTHS, strict=True))
    return f"{one.name:{width}} {text}{_MARKS[one.beyond]}"


def _value(name: str, value: float | int | None) -> str:
    """In the unit that the name ends with."""
    if value is None:
        return units.UNKNOWN
    if name.endswith("_ns"):
        return units.format_ns(value)
    if name.endswith("_ratio"):
        return units.format_percent(value, decimals=2)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def _percent(ratio: float | None) -> str:
    if ratio is None:
        return units.UNKNOWN
    return f"{ratio:+.1%}" if math.isfinite(ratio) else f"{'+' if ratio > 0 else '-'}inf"
