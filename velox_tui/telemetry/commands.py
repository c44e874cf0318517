"""Control actions as the engine logs them (velox_command), told for people as Events."""

from __future__ import annotations

from enum import IntEnum

from velox_tui.telemetry.sample import Event
from velox_tui.telemetry.topology import Topology
from velox_tui.telemetry.units import format_grouped, format_ns, format_rate


class Command(IntEnum):
    """velox_command."""

    BURST = 0
    STALL = 1
    SLOW = 2
    HOLD = 3
    RATE_MILLIHZ = 4
    BUNDLE_MAX = 5
    BUNDLE_TIMEOUT_NS = 6
    WAIT = 7


class Wait(IntEnum):
    """How stage threads wait (velox_wait)."""

    AUTO = 0
    SPIN = 1
    YIELD = 2
    BACKOFF = 3


NAMES = ("burst", "stall", "slow", "hold", "rate", "bundle_max", "bundle_timeout", "wait")
OF_A_STAGE = frozenset({Command.STALL, Command.SLOW})


def text(command: Command, label: str, value: int) -> str:
    """One line: what was asked. `label` is the stage's, for those that concern one."""
    match command:
        case Command.BURST:
            return f"burst of {format_grouped(value)} transactions"
        case Command.STALL:
            return f"{label} stalled for {format_ns(value)}" if value else f"stall of {label} ended"
        case Command.SLOW:
            return f"{label} slowed by {format_ns(value)} an item" if value else f"{label} at full speed"
        case Command.HOLD:
            return "ingress held" if value else "ingress released"
        case Command.RATE_MILLIHZ:
            return f"rate {format_rate(value / 1000)}/s"
        case Command.BUNDLE_MAX:
            return f"bundle max {value}"
        case Command.BUNDLE_TIMEOUT_NS:
            return f"bundle timeout {format_ns(value)}"
        case Command.WAIT:
            return f"waiting {Wait(value).name.lower() if value in tuple(Wait) else value}"


def event(topology: Topology, mono_ns: int, command: int, stage: int, value: int) -> Event:
    """The Event of one record of the engine's command log; an unknown command is told by its number."""
    if command not in tuple(Command):
        return Event(mono_ns, "control", "info", f"command_{command}", f"command {command}: {value}")
    known = Command(command)
    concerned = stage if known in OF_A_STAGE and 0 <= stage < len(topology.stages) else None
    label = topology.stages[concerned].label if concerned is not None else f"stage {stage}"
    said = text(known, label, value)
    return Event(mono_ns, "control", "info", NAMES[known], said, value=float(value), stage=concerned)
