"""The table of bindings as Textual wants it, and remapped by the config's `[keys]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, format_key

from velox_tui.console.bindings.table import BY_ID, KEYS, Key
from velox_tui.errors import ConfigError

SAME_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+left_square_bracket": "escape"}
"""Keys that terminals cannot tell from others."""
SUSPENDS = "ctrl+z"
"""Never bound: it would stop the engine, which lives in this process."""


class KeymapError(ConfigError):
    """The config's `[keys]` names an unknown binding or an unusable key. The message says which, and what is
    allowed.
    """


def bindings() -> Iterator[Binding]:
    """The table as Textual's bindings, for the app."""
    for key in KEYS:
        yield Binding(
            key.keys,
            key.action,
            key.label,
            id=key.id,
            tooltip=key.tooltip,
            priority=key.priority,
            show=False,
        )


def display(key: str) -> str:
    """A key as a person writes it: `^p`, `[`, `space`."""
    return "^" + key.removeprefix("ctrl+") if key.startswith("ctrl+") else format_key(_named(key))


def shown(key: Key, keymap: Mapping[str, str]) -> str:
    """The first key of a binding as a person writes it, with the config's changes."""
    return display(keymap.get(key.id, key.keys).split(",")[0])


def remap(wanted: Mapping[str, str]) -> dict[str, str]:
    """The config's `[keys]` (id → key, or several with commas between) as a Textual keymap.

    Raises KeymapError for an unknown id, a key that no terminal sends or that may not be bound, and for a key
    that two bindings would share.
    """
    keymap: dict[str, str] = {}
    for identifier, keys in wanted.items():
        if identifier not in BY_ID:
            raise KeymapError(f"keys.{identifier}: no such binding; known are {', '.join(sorted(BY_ID))}")
        keymap[identifier] = ",".join(_usable(identifier, key) for key in _split(keys))
    _refuse_shared(keymap)
    return keymap


def _split(keys: str) -> list[str]:
    """A lone `,` is a key; otherwise commas separate."""
    return ["comma"] if keys.strip() == "," else [key.strip() for key in keys.split(",")]


def _named(key: str) -> str:
    """Textual's name of a key: of a character, also behind modifiers."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    return "+".join([*modifiers, _character_to_key(last) if len(last) == 1 else last])


def _usable(identifier: str, key: str) -> str:
    """The key's name in Textual, or KeymapError."""
    name = _named(key)
    if name in SAME_AS:
        raise KeymapError(f"keys.{identifier}: terminals send {key!r} as {SAME_AS[name]}; choose another")
    if name == SUSPENDS:
        raise KeymapError(f"keys.{identifier}: {key!r} would suspend the engine; choose another")
    if name not in SENDABLE:
        raise KeymapError(
            f"keys.{identifier}: {key!r} is no usable key; such are x, X, f5, ctrl+x, shift+up, slash"
        )
    return name


def _refuse_shared(changed: Mapping[str, str]) -> None:
    """KeymapError where a changed binding takes a key that another one has."""
    owners: dict[str, str] = {}
    for key in sorted(KEYS, key=lambda key: key.id in changed):
        for name in map(_named, changed.get(key.id, key.keys).split(",")):
            if name in owners and owners[name] != key.id:
                raise KeymapError(
                    f"keys.{key.id}: {display(name)!r} is the key of {owners[name]}; remap that one too"
                )
            owners[name] = key.id


SENDABLE = frozenset(
    {_named(chr(code)) for code in range(33, 127)}
    | {key.value for key in Keys if not key.value.startswith("<")}
)
"""Names of all keys that can be bound."""
