"""A screen that was left leaves nothing behind."""

import asyncio
import gc
import weakref

from stage import scene

from velox_tui.console.screens.once import FORGOTTEN_S, Once


def test_a_dialog_that_was_left_is_forgotten() -> None:
    async def go() -> None:
        async with scene() as stage:
            gc.disable()
            try:
                await stage.pilot.press("B")
                await stage.pilot.pause()
                dialog = stage.app.screen
                assert isinstance(dialog, Once)
                # What Textual drew of it is kept by another object, which the widget only knows.
                left = [weakref.ref(dialog), weakref.ref(dialog.query_one("#heading")._styles_cache)]
                del dialog
                await stage.pilot.press("escape")
                await stage.pilot.pause(FORGOTTEN_S + 0.5)
                assert [kept() for kept in left] == [None, None]
            finally:
                gc.enable()

    asyncio.run(go())
