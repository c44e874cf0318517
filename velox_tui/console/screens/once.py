"""Screens that are left once: Textual pops whatever is on top at every `dismiss`, so that enter typed twice
would take the screen below along.
"""

from __future__ import annotations

import asyncio
import gc
from contextvars import Context
from typing import TypeVar

from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.screen import Screen

Result = TypeVar("Result")
FORGOTTEN_S = 1.0
"""After a screen was left, Textual is through with it."""


class Once(Screen[Result]):
    """A screen whose `dismiss` counts only while it is on top."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leaves with the result; nothing when it has been left."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def on_unmount(self) -> None:
        """Its widgets hold each other: unasked, the collector would leave some dozens of such screens."""
        # In a context of its own: the present one holds the screen.
        asyncio.get_running_loop().call_later(FORGOTTEN_S, _forget, context=Context())


def _forget() -> None:
    """Lets go of screens that were left and of what was drawn of them: Textual caches a method by the object
    that keeps a widget's lines, for the last 1,024 widgets, which are a hundred dialogs of 140 KB.
    """
    cached = getattr(StylesCache, "get_inner_outer", None)
    getattr(cached, "cache_clear", lambda: None)()
    gc.collect()


class Palette(CommandPalette, Once[None]):
    """Textual's command palette, left once, and whatever it still finds after that is not shown any more."""

    def _watch__list_visible(self) -> None:
        """The list may be gone by now: a search ends later than the palette that is left at once."""
        if self.query(CommandList):
            super()._watch__list_visible()
