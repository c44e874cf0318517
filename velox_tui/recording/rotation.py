"""When a recording goes on in a new part."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rotation:
    """At every multiple of a time, counted from 1970-01-01 UTC (`1d`: at midnight), or before a size is
    exceeded.
    """

    period_ns: int | None = None
    size_bytes: int | None = None

    def due(self, *, part_unix_ns: int, now_unix_ns: int, size_bytes: int, row_bytes: int) -> bool:
        """Whether the next row belongs into a new part. `part_unix_ns`: a time within the present one.

        A clock that was set back by more than the period begins one too: the part would grow until the clock
        had caught up. By less it does not, lest one that is put right about midnight begin two.
        """
        if self.period_ns is not None:
            later = now_unix_ns // self.period_ns > part_unix_ns // self.period_ns
            if later or part_unix_ns - now_unix_ns > self.period_ns:
                return True
        return self.size_bytes is not None and size_bytes + row_bytes > self.size_bytes
