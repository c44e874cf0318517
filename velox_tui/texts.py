"""Texts that somebody else wrote (names of files, columns and instruments, labels of a segment), made plain:
no character in them ends a line or controls a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def shown(text: str) -> str:
    """For people: what is not printable as Python escapes it, `\\x1b`."""
    return _plain(text, lambda one: one.encode("unicode_escape").decode())


def replaced(text: str) -> str:
    """For formats that know no escapes: what is not printable as U+FFFD."""
    return _plain(text, lambda one: "\ufffd")


def json_line(value: Any) -> str:
    """The value as JSON, with its line feed: letters as they are, what is not printable as `\\u001b`.

    ValueError for NaN and infinities, which JSON does not have.
    """
    return _plain(json.dumps(value, ensure_ascii=False, allow_nan=False), _in_json) + "\n"


def toml_string(text: str) -> str:
    """A TOML basic string, escaped likewise."""
    return _plain(json.dumps(text, ensure_ascii=False), _in_toml)


def _plain(text: str, escape: Callable[[str], str]) -> str:
    return text if text.isprintable() else "".join(one if one.isprintable() else escape(one) for one in text)


def _in_json(one: str) -> str:
    return json.dumps(one)[1:-1]


def _in_toml(one: str) -> str:
    """JSON's escapes are TOML's, but for its pairs of surrogates."""
    return f"\\u{ord(one):04x}" if ord(one) < 1 << 16 else f"\\U{ord(one):08x}"
