"""The desk's part for many signatures at once: what waits for whom, and batches with one PIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from kernel.api.documents import SignatureSlot
from kernel.api.text import Text


@dataclass(frozen=True, slots=True)
class ToSign:
    """A document that waits for the person signed in, and the slot that is theirs."""

    document: str
    slot: SignatureSlot
    title: Text
    number: str
    dossier: str
    code: str
    customer: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class ToSignPage:
    rows: tuple[ToSign, ...]
    total: int
    at: datetime
    """When it was looked."""


@dataclass(frozen=True, slots=True)
class BatchView:
    """Where a batch of signatures stands. `next` is the document it goes on with, empty when none waits."""

    id: str
    certificate: str
    state: Literal["waiting", "running", "paused", "stopped", "done"]
    total: int
    done: int
    failed: int
    waiting: int
    next: str
    detail: str
    """Why it stopped."""


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A document a batch left behind, and why."""

    dossier: str
    code: str
    title: Text
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class FailedPage:
    rows: tuple[FailedRow, ...]
    total: int


class BatchHand(Protocol):
    """The hand on a running batch: it is looked at between two documents."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def stop(self) -> None: ...


class BatchesDesk(Protocol):
    """What a person can do about many signatures at once."""

    def to_sign(self, words: str, offset: int, limit: int) -> ToSignPage:
        """Return a page of what waits for the signature of the person signed in, oldest first."""
        ...

    def batches(self) -> Sequence[BatchView]:
        """Return the unfinished batches of the person signed in, oldest first."""
        ...

    def open_batch(
        self, certificate: str, only: Sequence[str] | None, but_not: Sequence[str], at: datetime
    ) -> BatchView:
        """Put documents that waited for this person at `at` on a list: all or `only` these, `but_not` those."""
        ...

    def batch_hand(self) -> BatchHand: ...
    def run_batch(self, batch: str, pin: str, hand: BatchHand, tell: Callable[[BatchView], None]) -> BatchView:
        """Sign what waits in a batch. `pin` is used once and kept nowhere; `tell` hears of every document."""
        ...

    def failed(self, batch: str, offset: int, limit: int) -> FailedPage: ...
    def retry_batch(self, batch: str) -> BatchView:
        """Let what was left behind wait again."""
        ...

    def drop_batch(self, batch: str) -> None:
        """End a batch: what waits in it is not signed by it any more."""
        ...
