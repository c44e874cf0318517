"""Settings from their four places: flags > environment VELOX_* > the configuration file > defaults, and who
set each.

The file is `--config`, else `VELOX_CONFIG`, else `$XDG_CONFIG_HOME/velox-tui/config.toml`; it is only ever
read. An unknown key, a wrong type or a value that is not allowed is an error that names where it was set, the
value and what is allowed: UsageError for a flag, ConfigError for the rest.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from velox_tui import settings_kinds as kinds
from velox_tui.errors import ConfigError, UsageError
from velox_tui.settings import ALERTS, KEYS, TABLE, Setting, Settings

DEFAULT = "default"
FILE_BYTES_MAX = 1 << 20
OTHER_VARIABLES = ("VELOX_CONFIG", "VELOX_DEBUG", "VELOX_LIBRARY")
"""Variables of ours that are no settings."""
_SERVICE_LINK = re.compile(
    r"VELOX_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)
"""What Kubernetes and Docker put into the environment for a service that is called velox."""


@dataclass(frozen=True, slots=True)
class Effective:
    """Valid settings and, by key, who set each: `default`, `--rate`, `VELOX_RATE` or the file's path."""

    settings: Settings
    origins: Mapping[str, str]
    config: Path | None
    """The configuration file that was read."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A value with its place, waiting for its precedence."""

    setting: Setting
    value: Any
    origin: str


def nearest(name: str, known: Iterable[str]) -> str:
    """` (did you mean 'rate'?)`, or nothing when no known name is near."""
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(repr(one) for one in near)}?)" if near else ""


def load(flags: Mapping[str, str], environ: Mapping[str, str], config: Path | None = None) -> Effective:
    """The effective settings. `flags`: key → text as given; `config`: a file that must exist."""
    path, required = _config_path(environ, config)
    document = _read(path, required)
    found = [*_from_file(document or {}, path), *_from_environment(environ), *_from_flags(flags)]
    values = {one.setting.attribute: one.value for one in found}
    origins = {one.key: DEFAULT for one in TABLE} | {one.setting.key: one.origin for one in found}
    keys = MappingProxyType(_remapped(document or {}, path))
    return Effective(Settings.of(values, keys), origins, path if document is not None else None)


def _config_path(environ: Mapping[str, str], config: Path | None) -> tuple[Path, bool]:
    """The file to read and whether it must exist."""
    named = config or (Path(environ["VELOX_CONFIG"]) if environ.get("VELOX_CONFIG") else None)
    if named is not None:
        try:
            return kinds.named_file(str(named)), True
        except ValueError as error:
            raise ConfigError(f"configuration file: {error}") from None
    home = environ.get("XDG_CONFIG_HOME") or ""
    base = Path(home) if home.startswith("/") else Path(environ.get("HOME") or "/") / ".config"
    return base / "velox-tui" / "config.toml", False


def _read(path: Path, required: bool) -> dict[str, Any] | None:
    """The file's document; None where there is none and none is required."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):  # HOME=/dev/null is what some services are given
        if required:
            raise ConfigError(f"{path}: no such configuration file") from None
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > FILE_BYTES_MAX:
        raise ConfigError(f"{path}: longer than {FILE_BYTES_MAX} bytes; that is no configuration file")
    try:
        document = tomllib.loads(content.decode())
        repr(document)  # fails for numbers and nestings that no message could show
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    return document


def _from_file(document: Mapping[str, Any], path: Path) -> Iterator[_Found]:
    known = {one.key: one for one in TABLE}
    for key, value in _flattened(document, path):
        if key not in known:
            every = (*known, KEYS)
            raise ConfigError(f"{path}: unknown key {key!r} (= {value!r}){nearest(key, every)}")
        try:
            yield _Found(known[key], known[key].kind.read_toml(value), str(path))
        except ValueError as error:
            raise ConfigError(f"{path}: {key}: {error}") from None


def _flattened(document: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    """Keys as the settings name them: those of the table of alerts with its name before them."""
    for key, value in document.items():
        if key == KEYS:
            continue
        if key != ALERTS:
            yield key, value
        elif isinstance(value, dict):
            yield from ((f"{ALERTS}.{inner}", one) for inner, one in value.items())
        else:
            raise ConfigError(f"{path}: {ALERTS}: {value!r} has the wrong type; allowed: a table of limits")


def _remapped(document: Mapping[str, Any], path: Path) -> dict[str, str]:
    table = document.get(KEYS, {})
    if not isinstance(table, dict):
        raise ConfigError(
            f'{path}: {KEYS}: {table!r} has the wrong type; allowed: a table of binding = "key"'
        )
    for binding, key in table.items():
        if not isinstance(key, str) or not key:
            raise ConfigError(f'{path}: {KEYS}.{binding}: {key!r} is no key; allowed: text such as "f5"')
    return table


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Found]:
    known = {one.variable: one for one in TABLE}
    for name, text in sorted(environ.items()):
        if not name.startswith("VELOX_") or name in OTHER_VARIABLES or _SERVICE_LINK.fullmatch(name):
            continue
        if name not in known:
            raise ConfigError(f"{name}: unknown variable (= {text!r}){nearest(name, known)}")
        try:
            yield _Found(known[name], known[name].kind.read(text), name)
        except ValueError as error:
            raise ConfigError(f"{name}: {error}") from None


def _from_flags(flags: Mapping[str, str]) -> Iterator[_Found]:
    known = {one.key: one for one in TABLE}
    for key, text in flags.items():
        try:
            yield _Found(known[key], known[key].kind.read(text), known[key].flag)
        except ValueError as error:
            raise UsageError(f"{known[key].flag}: {error}") from None
