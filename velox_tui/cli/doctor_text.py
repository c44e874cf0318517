"""The doctor's findings as text of 80 columns and as JSON; both tell the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap

from velox_tui.machine.check import Check, State
from velox_tui.texts import json_line, shown

WIDTH = 80
_INDENT = 22
_MARKS = {
    State.GOOD: ("✓", "ok", "\x1b[32m"),
    State.BETTER: ("~", "~ ", "\x1b[33m"),
    State.BAD: ("✗", "!!", "\x1b[31m"),
    State.UNKNOWN: ("?", "? ", "\x1b[36m"),
}
_DIM, _BOLD, _RESET = "\x1b[2m", "\x1b[1m", "\x1b[0m"


def as_json(checks: Sequence[Check]) -> str:
    """One object on one line: `checks`, and how many are in each state."""
    counts = Counter(check.state for check in checks)
    fields = {
        "checks": [asdict(check) | {"state": check.state.value} for check in checks],
        "counts": {state.value: counts[state] for state in State},
    }
    return json_line(fields)


def as_text(checks: Sequence[Check], *, coloured: bool, plain: bool) -> str:
    """Every check with its reason, what is not well with its remedy, and a sum; `plain`: ASCII alone."""
    lines = [line for check in checks for line in _lines(check, coloured, plain)]
    lines.append(_sum(checks))
    text = "".join(f"{line}\n" for line in lines)
    return text.replace("µ", "u").encode("ascii", "replace").decode() if plain else text


def _lines(check: Check, coloured: bool, plain: bool) -> Iterator[str]:
    glyph, ascii_mark, colour = _MARKS[check.state]
    mark = ascii_mark if plain else glyph
    head = f"{mark} {check.name}"
    pad = " " * max(1, _INDENT - len(head))
    first, *rest = wrap(shown(check.finding), WIDTH - _INDENT) or [""]
    title = f"{colour}{mark}{_RESET} {_BOLD}{check.name}{_RESET}" if coloured else head
    yield f"{title}{pad}{first}"
    yield from (" " * _INDENT + line for line in rest)
    for line in wrap(shown(check.why), WIDTH - _INDENT):
        yield " " * _INDENT + (f"{_DIM}{line}{_RESET}" if coloured else line)
    if check.remedy:
        arrow = "->" if plain else "→"
        room = WIDTH - _INDENT - len(arrow) - 1
        remedy = wrap(shown(check.remedy), room, break_long_words=False, break_on_hyphens=False)
        for at, line in enumerate(remedy):
            yield " " * _INDENT + (f"{arrow} " if at == 0 else " " * (len(arrow) + 1)) + line


def _sum(checks: Sequence[Check]) -> str:
    counts = Counter(check.state for check in checks)
    return "\n" + ", ".join(f"{counts[state]} {state.value}" for state in State)
