"""Effective settings as TOML that reads back as the same settings, with what each means and who set it as
comments.
"""

from __future__ import annotations

from collections.abc import Collection

from velox_tui.settings import ALERTS, KEYS, TABLE, Setting
from velox_tui.settings_load import Effective
from velox_tui.texts import shown, toml_string


def as_toml(effective: Effective) -> str:
    """The whole text, with its last line feed."""
    plain = [one for one in TABLE if one.group != ALERTS]
    limits = [one for one in TABLE if one.group == ALERTS]
    read = effective.config or "no configuration file"
    lines = [f"# {read}; flags > environment > file > defaults"]
    group = ""
    for one in plain:
        if one.group != group:
            group = one.group
            lines += ["", f"# --- {group}"]
        lines += _lines(effective, one)
    lines += [
        "",
        f"[{ALERTS}]",
        *(line for one in limits for line in _lines(effective, one)),
        "",
        f"[{KEYS}]",
    ]
    lines += [
        f"{toml_string(binding)} = {toml_string(key)}" for binding, key in effective.settings.keys.items()
    ]
    return "".join(f"{shown(line)}\n" for line in lines)


def literals(effective: Effective, groups: Collection[str]) -> dict[str, dict[str, str | None]]:
    """Every setting of the groups by key: its TOML text, None where it is not set, and who set it."""
    return {
        one.key: {"value": _literal(effective, one), "set_by": effective.origins[one.key]}
        for one in TABLE
        if one.group in groups
    }


def _literal(effective: Effective, one: Setting) -> str | None:
    value = one.of(effective.settings)
    return None if value is None else str(one.kind.toml(value))


def _lines(effective: Effective, one: Setting) -> tuple[str, str]:
    name = one.key.rpartition(".")[2]
    literal = _literal(effective, one)
    text = f"# {name} is not set" if literal is None else f"{name} = {literal}"
    return f"# {one.help}; {one.kind.allowed}", f"{text:<39} # {effective.origins[one.key]}"
