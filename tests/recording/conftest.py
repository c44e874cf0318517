"""Canned Samples, made once."""

from __future__ import annotations

import pytest

from velox_tui.sources import canned
from velox_tui.telemetry.sample import Sample


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    """Three minutes and a bit: bursts, drops, a stall, a marker, alerts; stopped at the end."""
    return list(canned.samples(190))
