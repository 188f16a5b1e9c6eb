"""The part of the fake desk that signs many at once, and what all of it stands on."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from console.desk_batches import BatchHand, BatchView, FailedPage, FailedRow, ToSign, ToSignPage
from kernel.api.errors import Diagnosis, QuayDienError
from kernel.api.text import Language, Text
from tests.fake_service import SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSWORD = "thuchanh"
PIN = "87654321"
CODE = "246810"


class Refused(QuayDienError):
    """The fake desk says no, in words of its own."""

    code = "fake.refused"

    def __init__(self, title: str, cause: str = "Vì bàn giả nói vậy.", advice: str = "Hãy làm lại.") -> None:
        super().__init__(title=title)
        self._diagnosis = Diagnosis(title, cause, advice)

    def diagnosis(self, language: Language = "vi") -> Diagnosis:
        return self._diagnosis


class Hand:
    """The hand on a batch of the fake desk."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self.stopped = False

    def pause(self) -> None:
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def stop(self) -> None:
        self.stopped = True
        self._go.set()

    def goes_on(self) -> bool:
        assert self._go.wait(10)
        return not self.stopped


class FakeBatches:
    """`to_sign_count` documents wait, those in `bad` fail, `pace` lets them through one by one.

    `calls` counts what was asked; `fail_next[name]` is raised by that method once.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.fail_next: dict[str, Exception] = {}
        self.wait_before: dict[str, threading.Event] = {}
        self.pins: list[str] = []
        self.to_sign_count = 5
        self.bad: frozenset[str] = frozenset()
        self.pace: threading.Semaphore | None = None
        self.batch_items: dict[str, dict[str, str]] = {}
        self.batch_certificates: dict[str, str] = {}
        self.batch_signed: set[str] = set()
        self.batch_detail = ""

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        if (gate := self.wait_before.get(name)) is not None:
            gate.wait(10)
        if (error := self.fail_next.pop(name, None)) is not None:
            raise error

    def to_sign(self, words: str, offset: int, limit: int) -> ToSignPage:
        self._called("to_sign")
        left = [number for number in range(self.to_sign_count) if f"w{number}" not in self.batch_signed]
        rows = (
            ToSign(
                f"w{number}", SLOTS[1], Text("Hợp đồng [x]", "Contract [x]"), f"HĐ-{number:04}", f"d{number}",
                f"GC26{number:06}", f"Nguyễn Thị Ữ {number}", START,
            )
            for number in left[offset : offset + limit]
        )  # fmt: skip
        return ToSignPage(tuple(rows), len(left), START)

    def batches(self) -> Sequence[BatchView]:
        self._called("batches")
        return [batch for batch in map(self._batch, self.batch_items) if batch.waiting]

    def open_batch(
        self, certificate: str, only: Sequence[str] | None, but_not: Sequence[str], at: datetime
    ) -> BatchView:
        self._called("open_batch")
        assert at == START
        waiting = [row.document for row in self.to_sign("", 0, 1_000_000).rows]
        wanted = [one for one in waiting if (only is None or one in only) and one not in but_not]
        name = f"b{len(self.batch_items)}"
        self.batch_items[name] = dict.fromkeys(wanted, "waiting")
        self.batch_certificates[name] = certificate
        return self._batch(name)

    def _batch(self, name: str) -> BatchView:
        states = list(self.batch_items[name].values())
        waiting = [one for one, state in self.batch_items[name].items() if state == "waiting"]
        stands: Literal["stopped", "done"] = "stopped" if waiting else "done"
        return BatchView(
            name, self.batch_certificates[name], stands, len(states), states.count("done"), states.count("failed"),
            len(waiting), waiting[0] if waiting else "", self.batch_detail if waiting else "",
        )  # fmt: skip

    def batch_hand(self) -> BatchHand:
        return Hand()

    def run_batch(self, batch: str, pin: str, hand: BatchHand, tell: Callable[[BatchView], None]) -> BatchView:
        self._called("run_batch")
        assert isinstance(hand, Hand)
        self.pins.append(pin)
        if pin != PIN:
            raise Refused("PIN không đúng", "Còn 2 lần thử.", "Gõ lại PIN.")
        items = self.batch_items[batch]
        for document in [one for one, state in items.items() if state == "waiting"]:
            if not hand.goes_on():
                break
            if self.pace is not None:
                assert self.pace.acquire(timeout=10)
            if (error := self.fail_next.pop(f"sign {document}", None)) is not None:
                self.batch_detail = str(error)
                raise error
            items[document] = "failed" if document in self.bad else "done"
            if document not in self.bad:
                self.batch_signed.add(document)
            tell(replace(self._batch(batch), state="running"))
        return self._batch(batch)

    def failed(self, batch: str, offset: int, limit: int) -> FailedPage:
        self._called("failed")
        found = [one for one, state in self.batch_items[batch].items() if state == "failed"]
        rows = (
            FailedRow(
                f"d{one[1:]}", f"GC26{int(one[1:]):06}", Text("Hợp đồng", "Contract"), f"HĐ-{one[1:]}", "tệp hỏng [b]"
            )
            for one in found[offset : offset + limit]
        )
        return FailedPage(tuple(rows), len(found))

    def retry_batch(self, batch: str) -> BatchView:
        self._called("retry_batch")
        items = self.batch_items[batch]
        items.update({one: "waiting" for one, state in items.items() if state == "failed"})
        return self._batch(batch)

    def drop_batch(self, batch: str) -> None:
        self._called("drop_batch")
        items = self.batch_items[batch]
        self.batch_items[batch] = {one: state for one, state in items.items() if state != "waiting"}
