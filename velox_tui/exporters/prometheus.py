"""A pipeline's metrics for prometheus_client, which writes them in whatever format a scraper asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import Metric

from velox_tui.exporters.families import families
from velox_tui.telemetry.snapshot import Snapshot


class PipelineCollector:
    """What a registry asks at every scrape; one snapshot each, so that all its numbers are of one moment."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        """`take` gives the present moment, from any thread."""
        self._take = take

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        for family in families(self._take()):
            metric = Metric(family.name, family.help, family.kind, family.unit)
            for point in family.points:
                metric.add_sample(family.name + point.suffix, dict(point.labels), point.value)
            yield metric

    def describe(self) -> list[Metric]:
        """Nothing is known before the first scrape."""
        return []
