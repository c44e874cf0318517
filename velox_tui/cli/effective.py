"""The settings a command runs with, checked whole before anything starts."""

from __future__ import annotations

import os
from argparse import Namespace

from velox_tui.cli.parser import given
from velox_tui.errors import ConfigError
from velox_tui.settings_load import Effective, load


def effective_settings(parsed: Namespace) -> Effective:
    """From flags, environment and configuration file; UsageError or ConfigError for what is wrong there."""
    effective = load(given(parsed), os.environ, parsed.config)
    if effective.settings.keys:
        _refuse_bad_keys(effective)
    return effective


def _refuse_bad_keys(effective: Effective) -> None:
    """ConfigError with the file's name. Only the console knows which keys there are: imported when needed."""
    from velox_tui.console.bindings.keys import remap

    try:
        remap(effective.settings.keys)
    except ConfigError as error:
        raise ConfigError(f"{effective.config}: {error}") from None
