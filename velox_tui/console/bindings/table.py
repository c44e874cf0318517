"""All bindings of the console, one line each: id, keys, action, label, what it does.

The footer, the palette, the help, the tests and the config's `[keys]` are made from this. Keys are Textual's
names or single characters. Nothing printable has priority, so that an input field always gets its characters.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One binding. `keys`: one or more, comma-separated; `group` heads it in the help."""

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    group: str
    priority: bool = False

    @property
    def name(self) -> str:
        """The action without its parameters."""
        return self.action.split("(")[0]


def _group(group: str, *rows: tuple[str, str, str, str, str], priority: bool = False) -> tuple[Key, ...]:
    return tuple(Key(*row, group, priority) for row in rows)


KEYS: tuple[Key, ...] = (
    *_group(
        "Screens",
        ("screen_flow", "1", "show('flow')", "Flow", "Is it healthy? Stages, rings, bundles, ledger"),
        ("screen_latency", "2", "show('latency')", "Latency", "Where does the tail come from?"),
        ("screen_rings", "3", "show('rings')", "Rings & book", "What waits where; the order book"),
        ("screen_cores", "4", "show('cores')", "Cores", "Who runs where, and how busy"),
        ("screen_events", "5", "show('events')", "Events", "Alerts, control actions, markers"),
    ),
    *_group(
        "Panes",
        ("focus_next", "tab", "focus_pane(1)", "Next pane", "Move the focus to the next pane"),
        ("focus_previous", "shift+tab", "focus_pane(-1)", "Previous pane", "Move the focus back"),
        ("up", "up", "move(0, -1)", "Up", "Row up"),
        ("down", "down", "move(0, 1)", "Down", "Row down"),
        ("left", "left", "move(-1, 0)", "Left", "Crosshair back in time"),
        ("right", "right", "move(1, 0)", "Right", "Crosshair on in time"),
        ("open", "enter", "open", "Open", "Open the row: more about it, or its moment"),
        ("back", "escape", "no_crosshair", "Back", "No crosshair, no maximised pane"),
        ("maximise", "m", "maximise", "Maximise", "The focused pane alone on the screen, and back"),
        ("copy", "y", "copy_pane", "Copy", "Copy the focused pane as text: clipboard and a file"),
    ),
    *_group(
        "Charts",
        ("chart_shorter", "[", "chart_window(-1)", "Window -", "Shorter time on the charts"),
        ("chart_longer", "]", "chart_window(1)", "Window +", "Longer time on the charts"),
        ("percentile_window", "w", "percentile_window", "Percentiles", "Over 1 s, 10 s, 1 m, the run"),
        ("series", "x", "series", "Series", "Next series of the chart"),
        ("scale", "l", "scale", "Lin/log", "Linear or logarithmic axis"),
    ),
    *_group(
        "Time",
        ("pause", "space", "pause", "Pause", "Pause the view; sampling and recording go on"),
        ("step_back", "comma", "step(-1)", "Step back", "One sample back (pauses)"),
        ("step_forward", ".", "step(1)", "Step", "One sample on"),
        ("back_10s", "<", "seek(-10)", "Back 10 s", "Ten seconds back (pauses)"),
        ("forward_10s", ">", "seek(10)", "On 10 s", "Ten seconds on"),
        ("start", "home", "seek_start", "Oldest", "To the oldest sample kept (pauses)"),
        ("end", "end", "seek_end", "Newest", "To the newest sample"),
        ("go_to", "g", "go_to", "Go to", "Go to a time (pauses)"),
        ("event_next", "e", "event(1)", "Next event", "To the next event (pauses)"),
        ("event_previous", "E", "event(-1)", "Event before", "To the event before (pauses)"),
        ("slower", "(", "speed(-1)", "Slower", "A replay slower"),
        ("faster", ")", "speed(1)", "Faster", "A replay faster"),
    ),
    *_group(
        "Control",
        ("burst", "b", "burst", "Burst", "Emit a burst at once: watch the rings fill"),
        ("stall", "B", "stall", "Stall", "Stop a stage for a while: which, how long"),
        ("hold", "z", "hold", "Hold", "Hold or release the ingress"),
        ("rate_up", "plus", "rate(1.1)", "Rate +", "Rate 10 % up"),
        ("rate_down", "-", "rate(0.9)", "Rate -", "Rate 10 % down"),
        ("rate_halve", "{", "rate(0.5)", "Halve", "Half the rate"),
        ("rate_double", "}", "rate(2.0)", "Double", "Twice the rate"),
        ("tune", "t", "tune", "Tune", "Rate, bundle max, timeout, waiting"),
    ),
    *_group(
        "Keeping",
        ("reset", "0", "reset_windows", "Reset", "Begin windows anew (never totals)"),
        ("record", "r", "record", "Record", "Start or stop a recording in this folder"),
        ("mark", "n", "mark", "Marker", "Mark this moment with a note"),
        ("screenshot", "s", "screenshot", "Screenshot", "Save the screen as SVG in this folder"),
        ("acknowledge", "a", "acknowledge", "Acknowledge", "Acknowledge the active alerts"),
        ("filter", "/", "filter", "Filter", "Filter the events"),
    ),
    *_group(
        "Program",
        ("lock", "L", "lock", "Lock keys", "Lock the keys (wall screens); again unlocks"),
        ("help", "?", "help", "Help", "What this pane's numbers mean; all keys"),
        ("quit", "q", "leave", "Quit", "Drain the pipeline and leave"),
    ),
    *_group(
        "Always",
        ("palette", "ctrl+p", "command_palette", "Commands", "All commands with their keys; themes"),
        ("quit_always", "ctrl+q,ctrl+c", "leave_always", "Quit", "Drain and leave, from anywhere"),
        priority=True,
    ),
)
"""In the order of the help and the palette."""

BY_ID = {key.id: key for key in KEYS}
