"""A moment as a user writes it: `12:04:31` (UTC), `+3m` since the start of the run, `-30s` before the newest
Sample.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.units import format_elapsed, parse_duration_ns

EXAMPLES = "12:04:31 (UTC), +3m since the start, -30s before now"
REPLAY_EXAMPLES = "00:03:10 or 3m since the beginning, -30s before the end, 12:04:31Z (UTC)"
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?", re.ASCII)


def parse_moment(text: str, oldest: Sample, newest: Sample) -> int:
    """The moment on the axis of Sample.mono_ns. Raises ValueError where the text is none, or it is not
    kept.
    """
    text = text.strip()
    if text.startswith("+"):
        moment = newest.run.start_mono_ns + _duration(text[1:])
    elif text.startswith("-"):
        moment = newest.mono_ns - _duration(text[1:])
    else:
        moment = _clock(text, newest)
    if not oldest.mono_ns <= moment <= newest.mono_ns:
        raise ValueError(f"{text} is not kept: from {_utc(oldest):%H:%M:%S} to {_utc(newest):%H:%M:%S} is")
    return moment


def parse_in_replay(text: str, oldest: Sample, newest: Sample) -> int:
    """The same for a recording, where time counts from its first row: `00:03:10`, `3m`; `-30s` before its
    end; `12:04:31Z` and `2026-01-31T12:04:31Z` by the clock. ValueError likewise.
    """
    text = text.strip()
    if text.startswith("-"):
        moment = newest.mono_ns - _duration(text[1:])
    elif text.endswith("Z"):
        moment = _dated(text, newest) if "T" in text else _clock(text, newest)
    else:
        moment = oldest.mono_ns + _duration(text.removeprefix("+"))
    if not oldest.mono_ns <= moment <= newest.mono_ns:
        length = format_elapsed(newest.mono_ns - oldest.mono_ns)
        span = f"from {_utc(oldest):%H:%M:%S}Z to {_utc(newest):%H:%M:%S}Z, {length} long"
        raise ValueError(f"{text} is not in the recording: it is {span}")
    return moment


def _dated(text: str, newest: Sample) -> int:
    try:
        wall = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text!r} is no time: write {REPLAY_EXAMPLES}") from None
    return newest.mono_ns - (newest.unix_ns - int(wall.timestamp() * 1000) * 1_000_000)


def _duration(text: str) -> int:
    """`3m`, and `00:12:41` as elapsed time is shown."""
    match = _CLOCK.fullmatch(text)
    return _of_day(match) if match else parse_duration_ns(text, bare="s")


def _clock(text: str, newest: Sample) -> int:
    """The last time before the newest Sample that the clock showed that."""
    match = _CLOCK.fullmatch(text.removesuffix("Z"))
    if match is None or int(match[1]) > 23:
        raise ValueError(f"{text!r} is no time: write {EXAMPLES}")
    midnight = _utc(newest).replace(hour=0, minute=0, second=0, microsecond=0)
    unix_ns = int(midnight.timestamp()) * 10**9 + _of_day(match)
    if unix_ns > newest.unix_ns:
        unix_ns -= 86_400 * 10**9
    return newest.mono_ns - (newest.unix_ns - unix_ns)


def _of_day(match: re.Match[str]) -> int:
    """Nanoseconds of hours, minutes, seconds and milliseconds."""
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    if minutes > 59 or seconds > 59:
        raise ValueError(f"{match[0]!r} is no time: write {EXAMPLES}")
    whole = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return whole // timedelta(microseconds=1) * 1000 + int((match[4] or "0").ljust(3, "0")) * 1_000_000


def _utc(sample: Sample) -> datetime:
    return datetime.fromtimestamp(sample.unix_ns / 1e9, UTC)
