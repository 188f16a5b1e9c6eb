"""Time stamps while somebody waits: from the pool, within one deadline, and not at all for a while after a miss."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from kernel.signing.errors import TimeStampUnavailable
from kernel.trust_services.errors import because

if TYPE_CHECKING:
    from datetime import timedelta

    from kernel.signing.ports import TimeStamper, TimeStampToken

__all__ = ["PromptTimeStamper"]


class PromptTimeStamper:
    """The TimeStamper of signing. Safe to use from several threads.

    The deadline holds whatever hangs, a name server too: the question is asked in a thread of its own, which may end
    later, by its authority's own time limit, and then only tells the pool how that authority did.
    """

    def __init__(self, pool: TimeStamper, *, seconds: float, rest: timedelta) -> None:
        """`seconds` is how long to wait for an answer in all, `rest` how long nobody is asked after a miss."""
        self._pool = pool
        self._seconds = seconds
        self._rest = rest.total_seconds()
        self._rests_until = 0.0

    @property
    def token_size(self) -> int:
        """Bytes a token may take at most."""
        return self._pool.token_size

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        """Return a time stamp over `imprint`. Raises TimeStampUnavailable, after the deadline too, TimeStampWrong."""
        if time.monotonic() < self._rests_until:
            raise TimeStampUnavailable(detail=because("timeout", seconds=f"{self._seconds:g}"))
        answer: Future[TimeStampToken] = Future()
        threading.Thread(target=self._ask, args=(answer, imprint, algorithm), name="time stamp", daemon=True).start()
        try:
            return answer.result(self._seconds)
        except TimeoutError as problem:
            self._rests_until = time.monotonic() + self._rest
            raise TimeStampUnavailable(detail=because("timeout", seconds=f"{self._seconds:g}")) from problem

    def _ask(self, answer: Future[TimeStampToken], imprint: bytes, algorithm: str) -> None:
        try:
            answer.set_result(self._pool.stamp(imprint, algorithm))
        except BaseException as problem:  # noqa: BLE001  # raised again where it is waited for
            answer.set_exception(problem)
