"""OpenMetrics 1.0 text (application/openmetrics-text) of one snapshot. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Iterator

from velox_tui.exporters.families import Family, Point, families
from velox_tui.telemetry.snapshot import Snapshot
from velox_tui.texts import replaced

END = "# EOF\n"
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def render(snapshot: Snapshot) -> str:
    """The whole exposition, with its end mark."""
    return "".join(line for family in families(snapshot) for line in _lines(family)) + END


def _lines(family: Family) -> Iterator[str]:
    yield f"# TYPE {family.name} {family.kind}\n"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}\n"
    yield f"# HELP {family.name} {family.help.translate(_ESCAPES)}\n"
    for point in family.points:
        yield f"{family.name}{point.suffix}{_labels(point)} {point.value}\n"


def _labels(point: Point) -> str:
    if not point.labels:
        return ""
    labels = (f'{name}="{replaced(value.translate(_ESCAPES))}"' for name, value in point.labels)
    return f"{{{','.join(labels)}}}"
