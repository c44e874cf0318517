"""Every binding of the console: id, keys, action, what it is called and what it does; remapping by the config.

One table. The footer, the palette, the help and the tests are made from it. Ids are what the config's `[keys]` table
names; keys are Textual's names. Nothing printable has priority, so an input field always gets its characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, format_key

from velox_tui.errors import ConfigError


class KeymapError(ConfigError):
    """The config's `[keys]` names an unknown binding or an unusable key; the message says which, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Key:
    """One binding. `keys`: Textual's names, comma-separated; `group` heads it in the help."""

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    group: str
    priority: bool = False

    @property
    def display(self) -> str:
        """The first key as a person writes it: `[`, `ctrl+p`, `space`."""
        return display(self.keys.split(",")[0])


SCREENS = ("flow", "latency", "rings", "cores", "events")

KEYS: tuple[Key, ...] = (
    Key("screen_flow", "1", "show('flow')", "Flow", "Is it healthy? Stages, rings, bundles, ledger", "Screens"),
    Key("screen_latency", "2", "show('latency')", "Latency", "Where does the tail come from?", "Screens"),
    Key("screen_rings", "3", "show('rings')", "Rings & book", "Rings, batches, order book", "Screens"),
    Key("screen_cores", "4", "show('cores')", "Cores", "Who runs where, and how busy", "Screens"),
    Key("screen_events", "5", "show('events')", "Events", "Alerts, control actions, markers", "Screens"),
    Key("focus_next", "tab", "focus('next')", "Next pane", "Move the focus to the next pane", "Panes"),
    Key("focus_previous", "shift+tab", "focus('previous')", "Previous pane", "Move the focus back", "Panes"),
    Key("maximise", "m", "maximise", "Maximise", "The focused pane takes the whole screen, and back", "Panes"),
    Key("copy", "y", "copy_pane", "Copy", "Copy the focused pane as text: clipboard and a file", "Panes"),
    Key("chart_shorter", "left_square_bracket", "chart_window(-1)", "Window -", "Shorter chart window", "Charts"),
    Key("chart_longer", "right_square_bracket", "chart_window(1)", "Window +", "Longer chart window", "Charts"),
    Key("percentile_window", "w", "percentile_window", "Percentiles", "1 s, 10 s, 1 m, whole run", "Charts"),
    Key("series", "x", "series", "Series", "Next series of the chart", "Charts"),
    Key("scale", "l", "scale", "Lin/log", "Linear or logarithmic axis", "Charts"),
    Key("pause", "space", "pause", "Pause", "Pause the view; sampling and recording go on", "Time"),
    Key("step_back", "comma", "step(-1)", "Step back", "One sample back (pauses)", "Time"),
    Key("step_forward", "full_stop", "step(1)", "Step", "One sample forward", "Time"),
    Key("back_10s", "less_than_sign", "seek(-10)", "Back 10 s", "Ten seconds back (pauses)", "Time"),
    Key("forward_10s", "greater_than_sign", "seek(10)", "Forward 10 s", "Ten seconds forward", "Time"),
    Key("start", "home", "seek_start", "Start", "To the oldest sample kept (pauses)", "Time"),
    Key("end", "end", "seek_end", "Newest", "To the newest sample", "Time"),
    Key("go_to", "g", "go_to", "Go to", "Go to a time (pauses)", "Time"),
    Key("burst", "b", "burst", "Burst", "Emit a burst at once: watch the rings fill", "Control"),
    Key("stall", "B", "stall", "Stall", "Stop a stage for a while: choose stage and time", "Control"),
    Key("hold", "z", "hold", "Hold", "Hold or release the ingress", "Control"),
    Key("rate_up", "plus", "rate(1.1)", "Rate +", "Rate 10 % up", "Control"),
    Key("rate_down", "minus", "rate(0.9)", "Rate -", "Rate 10 % down", "Control"),
    Key("rate_halve", "left_curly_bracket", "rate(0.5)", "Halve", "Half the rate", "Control"),
    Key("rate_double", "right_curly_bracket", "rate(2.0)", "Double", "Twice the rate", "Control"),
    Key("tune", "t", "tune", "Tune", "Rate, bundle max, timeout, waiting", "Control"),
    Key("reset", "0", "reset_windows", "Reset", "Start windows anew (never totals)", "Record"),
    Key("record", "r", "record", "Record", "Start or stop a recording in the present folder", "Record"),
    Key("mark", "n", "mark", "Marker", "Mark this moment with a note", "Record"),
    Key("screenshot", "s", "screenshot", "Screenshot", "Save the screen as SVG in the present folder", "Record"),
    Key("acknowledge", "a", "acknowledge", "Acknowledge", "Acknowledge the alert", "Record"),
    Key("filter", "slash", "filter", "Filter", "Filter events", "Record"),
    Key("lock", "L", "lock", "Lock keys", "Lock the keys (wall screens); again unlocks", "Program"),
    Key("palette", "ctrl+p", "command_palette", "Commands", "All commands, with their keys", "Program", True),
    Key("help", "question_mark", "help", "Help", "What the numbers of this pane mean; all keys", "Program"),
    Key("quit", "q", "leave", "Quit", "Drain the pipeline and leave", "Program"),
    Key("quit_always", "ctrl+q,ctrl+c", "leave", "Quit", "Drain and leave, also from a form", "Program", True),
)


def bindings() -> Iterator[Binding]:
    """The table as Textual's bindings, for the app."""
    for key in KEYS:
        yield Binding(
            key.keys, key.action, key.label, id=key.id, tooltip=key.tooltip, priority=key.priority, show=False
        )


def display(key: str) -> str:
    """A Textual key name as a person writes it."""
    return "^" + key[5:] if key.startswith("ctrl+") else format_key(key)


def by_id() -> dict[str, Key]:
    """The table by id."""
    return {key.id: key for key in KEYS}


_INDISTINGUISHABLE = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+left_square_bracket": "escape"}
_SUSPENDS = "ctrl+z"


def remap(wanted: Mapping[str, str]) -> dict[str, str]:
    """The config's `[keys]` (id → key or keys) as a Textual keymap.

    Raises KeymapError for an unknown id, a key no terminal sends or that this console may not bind, or a key that two
    bindings would share.
    """
    known = by_id()
    keymap: dict[str, str] = {}
    for identifier, keys in wanted.items():
        if identifier not in known:
            raise KeymapError(f"keys.{identifier}: no such binding; known are {', '.join(sorted(known))}")
        keymap[identifier] = ",".join(_usable(identifier, key) for key in _split(keys))
    _refuse_shared({identifier: keymap.get(identifier, key.keys) for identifier, key in known.items()}, keymap)
    return keymap


def _split(keys: str) -> list[str]:
    """`,` is a key of its own; otherwise commas separate."""
    return [","] if keys.strip() == "," else [key.strip() for key in keys.split(",")]


def _usable(identifier: str, key: str) -> str:
    """The key's name in Textual, or KeymapError."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    name = "+".join([*modifiers, _character_to_key(last) if len(last) == 1 else last])
    if name in _INDISTINGUISHABLE:
        raise KeymapError(f"keys.{identifier}: terminals send {key!r} as {_INDISTINGUISHABLE[name]}; choose another")
    if name == _SUSPENDS:
        raise KeymapError(f"keys.{identifier}: {key!r} would suspend the engine in this process; choose another")
    if name not in _sendable():
        raise KeymapError(f"keys.{identifier}: {key!r} is no usable key; e.g. x, X, f5, ctrl+x, shift+up, slash")
    return name


def _sendable() -> frozenset[str]:
    printable = {_character_to_key(chr(code)) for code in range(33, 127)}
    return frozenset(printable | {key.value for key in Keys if not key.value.startswith("<")})


def _refuse_shared(effective: Mapping[str, str], changed: Mapping[str, str]) -> None:
    """KeymapError where a changed binding takes a key that another one has."""
    owners: dict[str, str] = {}
    for identifier, keys in sorted(effective.items(), key=lambda item: item[0] in changed):
        for key in keys.split(","):
            if key in owners and (identifier in changed or owners[key] in changed):
                raise KeymapError(
                    f"keys.{identifier}: {display(key)!r} is already the key of {owners[key]}; remap that one too"
                )
            owners[key] = identifier
