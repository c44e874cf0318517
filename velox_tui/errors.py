"""The one family of exceptions: each says what was wrong, with which value and what to do, and names its exit
code.

The command line prints the message as one line and ends with `exit_code`; a traceback is only ever our own
fault.
"""

from __future__ import annotations

from typing import ClassVar


class VeloxError(Exception):
    """Any foreseen failure; one clear line."""

    exit_code: ClassVar[int] = 70


class UsageError(VeloxError):
    """A flag or argument that is unknown, out of range or does not fit the others."""

    exit_code: ClassVar[int] = 2


class InputError(VeloxError):
    """An input with bad data: a damaged segment, recording or transaction file."""

    exit_code: ClassVar[int] = 65


class InputMissingError(InputError):
    """An input that does not exist or cannot be read."""

    exit_code: ClassVar[int] = 66


class EngineError(VeloxError):
    """The engine cannot be loaded or started."""

    exit_code: ClassVar[int] = 69


class ControlError(VeloxError):
    """A control action that does not apply here, or whose value is not allowed. Never ends the program."""

    exit_code: ClassVar[int] = 69


class OutputError(VeloxError):
    """An output that exists or cannot be written."""

    exit_code: ClassVar[int] = 73


class RecordingError(VeloxError):
    """A recording that exists or cannot be created."""

    exit_code: ClassVar[int] = 73


class ConfigError(VeloxError):
    """An unknown key, a wrong type or a value that is not allowed in the configuration."""

    exit_code: ClassVar[int] = 78
