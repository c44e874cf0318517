"""What makes use of `velox-tui serve` elsewhere: a Grafana dashboard and Prometheus alert rules."""

from __future__ import annotations

from importlib.resources import files

SHIPPED = {"dashboard": "grafana-dashboard.json", "rules": "prometheus-rules.yml"}
"""What there is, and the name of its file."""


def shipped(what: str) -> str:
    """The text of one of SHIPPED. KeyError for others."""
    return files("velox_tui.exporters").joinpath(SHIPPED[what]).read_text(encoding="utf-8")
