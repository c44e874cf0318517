"""Panes without an app: composed from canned Samples as the screens compose them; numbers read back from
text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.charts.heatmap import Heatmap
from velox_tui.console.charts.percentile_curve import PercentileCurve
from velox_tui.console.charts.waterfall import Waterfall
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.book_counters import BookCounters
from velox_tui.console.widgets.bundles import Bundles
from velox_tui.console.widgets.cores import Cores
from velox_tui.console.widgets.event_list import EventList
from velox_tui.console.widgets.header import Header
from velox_tui.console.widgets.ladder import Ladder
from velox_tui.console.widgets.latency_table import LatencyTable
from velox_tui.console.widgets.ledger import LedgerPane
from velox_tui.console.widgets.line import plain
from velox_tui.console.widgets.pipe import Pipe
from velox_tui.console.widgets.replay_bar import ReplayBar
from velox_tui.console.widgets.ring_details import RingDetails
from velox_tui.console.widgets.ring_table import RingTable
from velox_tui.console.widgets.stage_table import StageTable
from velox_tui.console.widgets.vitals import Vitals
from velox_tui.console.windows import Windows
from velox_tui.sources.canned import samples
from velox_tui.telemetry.history import History
from velox_tui.telemetry.sample import Event, Sample

PANES: tuple[type[PaneWidget], ...] = (
    *(
        BookCounters,
        Bundles,
        Cores,
        EventList,
        Header,
        Heatmap,
        Ladder,
        LatencyTable,
        LedgerPane,
        PercentileCurve,
    ),
    *(Pipe, ReplayBar, RingDetails, RingTable, StageTable, TimeChart, Vitals, Waterfall),
)
SECOND_NS = 10**9
Pane = TypeVar("Pane", bound=PaneWidget)


@dataclass(frozen=True)
class Past:
    """Canned Samples with the history and the log that a Session would have of them."""

    samples: tuple[Sample, ...]
    windows: Windows
    events: tuple[Event, ...]

    @property
    def newest(self) -> Sample:
        """The last of them."""
        return self.samples[-1]


def past_of(made: list[Sample]) -> Past:
    """A past of these Samples."""
    history = History(made[0].run, interval_ns=SECOND_NS)
    for sample in made:
        history.append(sample)
    events = tuple(event for sample in made for event in sample.events)
    return Past(tuple(made), Windows(history, lambda: events), events)


@cache
def past(seconds: int = 90) -> Past:
    """The first seconds of the canned run, which goes on."""
    return past_of(samples(seconds + 1)[:-1])


def put(
    pane: Pane, sample: Sample | None, windows: Windows | None = None, view: ViewState | None = None
) -> Pane:
    """The pane with what it would be given, without an app around it."""
    if windows is not None:
        pane.windows = windows
    pane.sample, pane.view = sample, view or ViewState()
    return pane


def text(pane: PaneWidget, width: int = 120, height: int = 12) -> list[str]:
    """The pane's lines."""
    return [plain(line) for line in pane.compose_lines(width, height)]


_UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "ns": 1.0, "µs": 1e3, "ms": 1e6, "s": 1e9, "%": 0.01}


def number(cell: str) -> float:
    """What a cell says: `99.8k`, `1.20ms` (ns), `31%` (0.31), `76,140,211`; a state's glyph before it says no
    number.
    """
    cell = cell.lstrip("▲✗")
    digits = cell.rstrip("kMGnµms%")
    return float(digits.replace(",", "")) * _UNITS[cell[len(digits) :]]


def agrees(cell: str, value: float) -> bool:
    """Whether a cell is the value, rounded to the digits that the cell has."""
    cell = cell.lstrip("▲✗")
    digits = cell.rstrip("kMGnµms%")
    unit = _UNITS[cell[len(digits) :]]
    places = len(digits.partition(".")[2])
    return abs(number(cell) - value) <= 0.5000001 * 10.0**-places * unit


def table(lines: list[str], heads: str) -> list[dict[str, str]]:
    """Rows of a table whose heads, separated by blanks, are all of one word."""
    at = next(index for index, one in enumerate(lines) if one.split() == heads.split())
    found = []
    for one in lines[at + 1 :]:
        words = one.lstrip("▸> ").split()
        if len(words) != len(heads.split()):
            break
        found.append(dict(zip(heads.split(), words, strict=True)))
    return found
