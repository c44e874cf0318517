"""Numbers as panes show them: zeros and what says little are dim, losses bright, what is unknown a dash."""

from __future__ import annotations

from velox_tui.console.glyphs import Glyphs
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.line import Line
from velox_tui.console.widgets.meter import load_ink
from velox_tui.console.widgets.table import cell
from velox_tui.console.windows import meaningful
from velox_tui.telemetry.sample import Quantiles
from velox_tui.telemetry.units import format_count, format_grouped, format_ns, format_percent, format_rate


def rate(per_s: float | None, ink: Ink = Ink.TEXT) -> Line:
    """`99.8k`."""
    return cell(format_rate(per_s), ink if per_s else Ink.MUTED)


def loss(per_s: float | None) -> Line:
    """A rate or number that should be 0: dim when it is, bright when it is not."""
    return cell(format_rate(per_s), Ink.CRITICAL if per_s else Ink.MUTED)


def total(value: int | None, width: int, ink: Ink = Ink.TEXT) -> Line:
    """Grouped (`76,140,211`) where the column has the room, else `76.1M`."""
    text = format_grouped(value)
    return cell(text if len(text) <= width else format_count(value), ink if value else Ink.MUTED)


def lost_total(value: int | None, width: int) -> Line:
    """A total that should be 0."""
    return total(value, width, Ink.CRITICAL)


def share(ratio: float | None, ink: Ink = Ink.TEXT) -> Line:
    """`31%`; below 10 % with a decimal, so that a little is not nothing."""
    decimals = 1 if ratio is not None and 0 < ratio < 0.0995 else 0
    return cell(format_percent(ratio, decimals=decimals), ink if ratio else Ink.MUTED)


def load(ratio: float | None, drawn: Glyphs) -> Line:
    """How full a ring is; a glyph, too, says when that is a warning or critical."""
    ink = load_ink(ratio)
    if ink is Ink.OK:
        return share(ratio)
    text, _ = share(ratio)[0]
    return cell((drawn.warn if ink is Ink.WARN else drawn.bad) + text, ink)


def percentile(found: Quantiles | None, p: float) -> Line:
    """A latency percentile; dim with fewer than ten values beyond it."""
    if found is None:
        return cell(format_ns(None), Ink.MUTED)
    values = {0.5: found.p50, 0.9: found.p90, 0.99: found.p99, 0.999: found.p999, 0.9999: found.p9999}
    return cell(format_ns(values[p]), Ink.TEXT if meaningful(found, p) else Ink.MUTED)
