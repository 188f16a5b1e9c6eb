"""Files just signed are read again before they are released, by processes beside this one where there are many.

Reading a contract as the verifier does takes longer than all the rest of its signature, and would hold up the screen.
In a process: `python -P -m kernel.casework.gatekeeper`, frames on stdin and stdout.
"""

from __future__ import annotations

import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

from kernel.api.text import Text
from kernel.tokens.errors import SignerCrashed, SignerTimeout
from kernel.tokens.framing import read_frame, write_frame
from kernel.tokens.inside import own_streams
from kernel.tokens.process import Child

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel.signing.trust import Trust

__all__ = ["FEW", "Gatekeepers"]

FEW = 30
"""Files that are read sooner here than processes start."""

_MOST = 4
_START_SECONDS = 60.0
_CHECK_SECONDS = 180.0
"""The verifier bounds itself by the size of the file."""


class Gatekeepers:
    """Read signed files as `kernel.signing.gate` does, `count` of them: side by side where they are many."""

    def __init__(self, trust: Trust, log: Path, count: int) -> None:
        self._trust = trust
        self._log = log
        size = min(os.cpu_count() or 1, _MOST) if count > FEW else 0
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="gate") if size else None
        self._free: SimpleQueue[Child | None] = SimpleQueue()
        for _ in range(size):
            self._free.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        while not self._free.empty():
            child = self._free.get()
            if child is not None:
                child.close()

    def check(self, pdf: bytes, field: str, certificate: bytes) -> Callable[[], Text | None]:
        """Begin to read a file, and return what tells why it must not be released, None where it may be."""
        if self._threads is None:
            return lambda: self._here(pdf, field, certificate)
        return self._threads.submit(self._beside, pdf, field, certificate).result

    def _here(self, pdf: bytes, field: str, certificate: bytes) -> Text | None:
        from kernel.signing.gate import doubt

        return doubt(pdf, field, certificate, self._trust)

    def _beside(self, pdf: bytes, field: str, certificate: bytes) -> Text | None:
        child = self._free.get()
        try:
            if child is None or not child.running:
                child = self._started()
            header, _ = child.ask("check", {"field": field}, [pdf, certificate], _CHECK_SECONDS)
        except (SignerCrashed, SignerTimeout):
            # a process that is gone has said nothing
            child = None
            return self._here(pdf, field, certificate)
        finally:
            self._free.put(child)
        return Text(*header["doubt"]) if header["doubt"] else None

    def _started(self) -> Child:
        child = Child(__spec__.name, [], {}, self._log)
        try:
            child.greet(_START_SECONDS)
            child.ask("trust", {}, [pickle.dumps(self._trust)], _START_SECONDS)
        except BaseException:
            child.close()
            raise
        return child


def main() -> int:
    """Answer frames until the other side closes. Returns the exit status."""
    frames_in, frames_out = own_streams()
    from kernel.signing.gate import doubt

    write_frame(frames_out, {"ready": True})
    trust: Trust | None = None
    while (frame := read_frame(frames_in)) is not None:
        header, parts = frame
        if header["verb"] == "trust":
            trust = pickle.loads(parts[0])  # noqa: S301  # from this program's own parent
            write_frame(frames_out, {})
            continue
        assert trust is not None  # noqa: S101  # it is told first
        found = doubt(parts[0], header["field"], parts[1], trust)
        write_frame(frames_out, {"doubt": None if found is None else [found.vi, found.en]})
    return 0


if __name__ == "__main__":
    sys.exit(main())
