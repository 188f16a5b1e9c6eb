"""A card in the virtual reader of vsmartcard: this process is the card, over TCP."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.devices.piv_card import PivCard

_POWER_OFF, _POWER_ON, _RESET, _ATR = b"\x00", b"\x01", b"\x02", b"\x04"
"""One-byte messages of the reader; every longer one is an APDU. Both ways a message follows its length, two bytes."""

_HANDS_SECONDS = 1.0


class Slot:
    """The slot of a virtual reader that listens at `port`. A card is in it while `insert` and `remove` say so."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._line: socket.socket | None = None
        self._removed_at = 0.0
        self._thread: threading.Thread | None = None

    def insert(self, card: PivCard, atr: bytes) -> None:
        """Put a card in, and wait until the reader has given it power."""
        # pcscd looks every 400 ms: of cards changed faster than that it sees one
        time.sleep(max(self._removed_at + _HANDS_SECONDS - time.monotonic(), 0))
        powered = threading.Event()
        self._line = self._connected()
        self._thread = threading.Thread(target=_be_card, args=(self._line, card, atr, powered), daemon=True)
        self._thread.start()
        if not powered.wait(30):
            raise TimeoutError("the reader does not see the card")

    def _connected(self) -> socket.socket:
        """Return the line to the reader; a pcscd that was started by asking for it listens a moment later."""
        end = time.monotonic() + 10
        while True:
            try:
                line = socket.create_connection(("127.0.0.1", self._port), timeout=10)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                line.settimeout(None)
                return line

    def remove(self) -> None:
        """Pull the card out, even while it is working."""
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
            self._line.close()
            self._line, self._removed_at = None, time.monotonic()


def _be_card(line: socket.socket, card: PivCard, atr: bytes, powered: threading.Event) -> None:
    try:
        while (message := _read(line)) is not None:
            if message in (_POWER_OFF, _POWER_ON, _RESET):
                card.power_off()
                if message == _POWER_ON:
                    powered.set()
            elif message == _ATR:
                _write(line, atr)
            else:
                _write(line, card.answer(message))
    except OSError:
        return  # pulled out


def _read(line: socket.socket) -> bytes | None:
    head = _exactly(line, 2)
    return None if head is None else _exactly(line, int.from_bytes(head, "big"))


def _exactly(line: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        # the reader sends length and message apart: a late acknowledgement would hold up every one of them by 40 ms
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        more = line.recv(size - len(data))
        if not more:
            return None
        data += more
    return data


def _write(line: socket.socket, message: bytes) -> None:
    line.sendall(len(message).to_bytes(2, "big") + message)
