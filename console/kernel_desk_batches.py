"""The desk's part over the kernel for many signatures at once. See `console.desk_batches`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, cast

from console import desk_batches as shapes
from kernel import clock
from kernel.casework import batches
from kernel.casework.awaiting import everything_awaiting, page_awaiting
from kernel.storage import documents

if TYPE_CHECKING:
    from kernel.casework.office import Actor, Office

__all__ = ["BatchVerbs", "batch_view"]


class BatchVerbs(ABC):
    """Mixed into `KernelDesk`, which has the office and the person. Safe to call from several threads."""

    _office: Office
    _running: frozenset[str] = frozenset()
    """The batches that sign now."""
    _running_lock = Lock()

    @property
    @abstractmethod
    def _actor(self) -> Actor: ...

    @property
    def batch_at_work(self) -> bool:
        """Whether a batch is signing."""
        return bool(self._running)

    def to_sign(self, words: str, offset: int, limit: int) -> shapes.ToSignPage:
        """See Desk."""
        at = clock.now()
        rows, total = page_awaiting(self._office, self._actor, words, offset, limit)
        return shapes.ToSignPage(
            tuple(
                shapes.ToSign(
                    document=one.document,
                    slot=one.slot,
                    title=one.title,
                    number=one.number,
                    dossier=one.dossier,
                    code=one.code,
                    customer=one.customer,
                    drawn_at=one.drawn_at,
                )
                for one in rows
            ),
            total,
            at,
        )

    def batches(self) -> tuple[shapes.BatchView, ...]:
        """See Desk."""
        mine = self._actor.id
        return tuple(batch_view(self._office, one) for one in batches.unfinished(self._office) if one.staff == mine)

    def open_batch(
        self, certificate: str, only: Sequence[str] | None, but_not: Sequence[str], at: datetime
    ) -> shapes.BatchView:
        """See Desk."""
        waiting = everything_awaiting(self._office, self._actor, "", at)
        wanted = set(only) if only is not None else {document for document, _ in waiting}
        wanted -= set(but_not)
        items = [(document, field) for document, field in waiting if document in wanted]
        return batch_view(self._office, batches.open_batch(self._office, self._actor, certificate, items))

    def batch_hand(self) -> shapes.BatchHand:
        """See Desk."""
        return batches.Control()

    def run_batch(
        self, batch: str, pin: str, hand: shapes.BatchHand, tell: Callable[[shapes.BatchView], None]
    ) -> shapes.BatchView:
        """See Desk."""
        with self._running_lock:
            self._running |= {batch}
        try:
            ended = batches.run(
                self._office,
                self._actor,
                batch,
                pin or None,
                control=cast("batches.Control", hand),  # made by `batch_hand`
                tell=lambda now: tell(batch_view(self._office, now)),
            )
        finally:
            with self._running_lock:
                self._running -= {batch}
        return batch_view(self._office, ended)

    def failed(self, batch: str, offset: int, limit: int) -> shapes.FailedPage:
        """See Desk."""
        left, total = batches.left_page(self._office, batch, offset, limit)
        rows = []
        with self._office.work(reading=True) as work:
            for one in left:
                document = documents.get(work.session, one.document)
                dossier = self._office.dossier(work, document.dossier)
                title = self._office.declared(document).title
                rows.append(shapes.FailedRow(dossier.id, dossier.code, title, document.number, one.cause))
        return shapes.FailedPage(tuple(rows), total)

    def retry_batch(self, batch: str) -> shapes.BatchView:
        """See Desk."""
        return batch_view(self._office, batches.try_again(self._office, self._actor, batch))

    def drop_batch(self, batch: str) -> None:
        """See Desk."""
        batches.give_up(self._office, self._actor, batch)


def batch_view(office: Office, batch: batches.Batch) -> shapes.BatchView:
    """Return a batch as the screens show it."""
    return shapes.BatchView(
        id=batch.id,
        certificate=batch.certificate,
        state=batch.state,
        total=batch.total,
        done=batch.done,
        failed=len(batch.left),
        waiting=batch.waiting,
        next=(batches.next_document(office, batch.id) or "") if batch.waiting else "",
        detail=batch.detail,
    )
