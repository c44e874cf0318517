"""What only measuring can tell, by the benchmark program; nothing, with the reason, where that fails."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from velox_tui.cli.bench import program
from velox_tui.errors import EngineError
from velox_tui.machine.check import Measured

PATIENCE_S = 30.0


def probe() -> Measured:
    """Runs `velox-bench --probe`; never raises."""
    try:
        command = [str(program()), "--probe"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        return parsed(json.loads(done.stdout))
    except EngineError as error:
        return Measured(missing=str(error))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        return Measured(missing=f"velox-bench --probe failed: {error}")


def parsed(found: dict[str, Any]) -> Measured:
    """The program's answer."""
    return Measured(
        clock=found["clock"],
        distances_ns=tuple((int(a), int(b), float(ns)) for a, b, ns in found["distances_ns"] if ns > 0),
        sleep_p50_us=found.get("sleep_p50_us"),
        sleep_p99_us=found.get("sleep_p99_us"),
        wake_p50_us=found.get("wake_p50_us"),
        wake_p99_us=found.get("wake_p99_us"),
        counters=str(found["counters"]),
        counters_complete=found["counters_complete"] is True,
    )
