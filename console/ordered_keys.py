"""Keys one by one: each is finished before the next begins.

Textual 8.2.8 inserts letters at once but runs Backspace, Tab and function keys only after they bubbled up to the
app. An input method sends Backspace and the accented letter together, so the letter lands first and is deleted.
Here a queue hands the app one key, waits until it has bubbled through every ancestor, and until what it opened
has a focused field. Textual is pinned exactly because this stands on its event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.widgets import Input

from console import scanner

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

_HOP = 2.0
"""Seconds a node may take over one key before the next is let go."""
_OPENING = 60.0
"""Seconds a screen that opens may take: a dossier is claimed in CMIS, a signature made in a slow token."""
_ENDS_SCAN = ("enter", "tab")


def _is_line_feed(event: events.Event) -> bool:
    return isinstance(event, events.Key) and event.key in ("ctrl+j", "newline")


class OrderedKeys(App[None]):
    """An app that gives keys and pastes to its widgets strictly in the order they arrived."""

    def __init__(self) -> None:
        super().__init__()
        self._arrived: deque[events.Key | events.Paste] = deque()
        self._arrival = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()
        self._holds = 0
        self._busy = False
        self._pump: asyncio.Task[None] | None = None

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if self._pump is None:
                self._pump = asyncio.create_task(self._pump_keys(), name="ordered keys")
            # Enter typed before the terminal was in raw mode, and some scanners, come as a line feed
            self._arrived.append(events.Key("enter", "\r") if _is_line_feed(event) else event)
            self._arrival.set()
            return
        await super().on_event(event)

    def hold_keys(self) -> None:
        """Keep what is typed from now on until `release_keys`: something is opening that it is meant for."""
        self._holds += 1
        self._free.clear()

    def release_keys(self, *, forget: bool = False) -> None:
        """End one `hold_keys`. `forget` drops what was typed ahead: what it was meant for did not open."""
        if forget:
            self._arrived.clear()
        self._holds = max(0, self._holds - 1)
        if not self._holds:
            self._free.set()

    @property
    def keys_waiting(self) -> bool:
        """Whether keys have arrived that are not finished yet."""
        return bool(self._holds or self._arrived or self._busy)

    def take_scan(self, scan: scanner.Scan) -> None:
        """Put a recognised scan where it belongs. The app says where."""

    def stop_keys(self) -> None:
        """End the pump. Called once, when the app closes."""
        if self._pump is not None:
            self._pump.cancel()

    async def _pump_keys(self) -> None:
        while True:
            self._arrival.clear()
            while not self._arrived:
                await self._arrival.wait()
                self._arrival.clear()
            self._busy = True
            try:
                await self._opened()
                if not self._arrived:
                    continue
                event = self._arrived.popleft()
                if isinstance(event, events.Paste):
                    await self._paste(event)
                    continue
                for key in await self._without_scan(event):
                    await self._deliver(key)
            except Exception as error:  # noqa: BLE001 - whatever it was, the app reports it and ends
                self._handle_exception(error)
                return
            finally:
                self._busy = False

    async def _paste(self, event: events.Paste) -> None:
        if (scan := scanner.recognise(event.text)) is not None:
            self.take_scan(scan)
            await self._settle(self.screen)
        else:
            await self._deliver(event)

    async def _without_scan(self, first: events.Key) -> list[events.Key]:
        """Return the keys to deliver: `first` and what was held back with it, or none if they were a scan."""
        keys = [first]
        if not (first.character and scanner.may_begin(first.character)):
            return keys
        text = first.character
        while scanner.may_become(text):
            following = await self._next_key(keys[-1], scanner.patience(text))
            if following is None:
                break
            keys.append(following)
            if following.key in _ENDS_SCAN:
                if (scan := scanner.recognise(text)) is not None:
                    self.take_scan(scan)
                    await self._settle(self.screen)
                    return []
                break
            if following.key == "backspace" and scanner.is_sure(text):
                text = text[:-1]  # an input method corrects what the scanner types
            elif following.character is not None and following.is_printable:
                text += following.character
            else:
                break
        return keys

    async def _next_key(self, last: events.Key, gap: float) -> events.Key | None:
        """Return the next key if it came within `gap` seconds of `last`, by the times the terminal gave them."""
        if not self._arrived:
            self._arrival.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrival.wait(), gap)
        if not self._arrived:
            await self._settle(self)  # a busy loop may hold keys it has not handed on yet
        if not self._arrived:
            return None
        following = self._arrived[0]
        if not isinstance(following, events.Key) or following.time - last.time > gap:
            return None
        return self._arrived.popleft()  # type: ignore[return-value]  # it was looked at in the line above

    async def _deliver(self, event: events.Key | events.Paste) -> None:
        top = self.screen
        await super().on_event(event)
        target = self.focused or self.screen
        if isinstance(event, events.Key) and event.is_printable and isinstance(target, Input):
            await self._settle(target)
        else:
            for node in (*target.ancestors_with_self, *target.ancestors_with_self):
                # twice: the action may have posted a message that bubbles the same way
                await self._settle(node)
        if self.screen is not top:
            # what asked for the screen that has just closed is told in its own turn
            await self._settle(self)
            await self._settle(self.screen)
        await self._opened()

    async def _settle(self, node: MessagePump) -> None:
        """Wait until `node` has handled everything that is in its queue now."""
        done = asyncio.Event()
        if not node.call_later(done.set):
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_HOP):
                while not done.is_set() and node.is_running:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(done.wait(), 0.05)

    async def _opened(self) -> None:
        """Wait until nothing is being opened and the screen on top has a place for a key to go."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._free.wait(), _OPENING)
        with suppress(TimeoutError):
            async with asyncio.timeout(_HOP):
                while not self._ready_for_keys():
                    await asyncio.sleep(0.005)

    def _ready_for_keys(self) -> bool:
        if not self.app_focus:
            return True  # the key itself brings the focus back
        top = self.screen
        return top.is_attached and top.is_mounted and (top.focused is not None or not top.focus_chain)
