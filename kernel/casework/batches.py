"""Many signatures at once: one PIN, one certificate, section after section, and the exact place kept.

A document that cannot be signed is noted and left behind; anything wrong with the PIN or the token stops the batch.
What was signed before a stop, a crash or a power cut is not signed again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlmodel import col, func, select, update

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.casework.certificates import choose, everything_at_hand
from kernel.casework.errors import BatchAtWork, BatchEmpty, BatchOver
from kernel.casework.gatekeeper import Gatekeepers
from kernel.casework.office import Actor, Office
from kernel.casework.sections import Bench, Line, tick
from kernel.casework.signing import recover
from kernel.casework.time_stamping import AT_ONCE
from kernel.storage import documents
from kernel.storage.tables import BatchItemRow, BatchRow, SigningRow

if TYPE_CHECKING:
    from kernel.storage.unit_of_work import UnitOfWork
    from kernel.tokens.shapes import Errand

BatchState = Literal["waiting", "running", "paused", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class Left:
    """A document of a batch that could not be signed, and why."""

    document: str
    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Where a batch stands. `staff` opened it, `detail` tells why it stopped."""

    id: str
    staff: str
    certificate: str
    state: BatchState
    total: int
    done: int
    left: tuple[Left, ...]
    detail: str = ""

    @property
    def waiting(self) -> int:
        """How many documents are still to be signed."""
        return self.total - self.done - len(self.left)


class Control:
    """The hand on a running batch: from another thread, and looked at between two sections of it."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stopped = False

    def pause(self) -> None:
        """Wait when what is being signed is released."""
        self._go.clear()

    def resume(self) -> None:
        """Go on."""
        self._go.set()

    def stop(self) -> None:
        """End when what is being signed is released; the rest stays waiting."""
        self._stopped = True
        self._go.set()

    @property
    def paused(self) -> bool:
        """Whether the batch waits."""
        return not self._go.is_set()

    def goes_on(self) -> bool:
        """Wait while paused; return whether to sign on."""
        self._go.wait()
        return not self._stopped


def open_batch(office: Office, actor: Actor, certificate: str, items: Iterable[tuple[str, str]]) -> Batch:
    """Put documents and their fields on a list to be signed by `certificate` (SHA-256 of its DER), in this order.

    Raises BatchEmpty.
    """
    wanted = list(dict.fromkeys(items))
    if not wanted:
        raise BatchEmpty
    now, batch_id = clock.now(), uuid4().hex
    with office.work() as work:
        work.session.add(
            BatchRow(
                id=batch_id,
                unit=actor.unit,
                staff=actor.id,
                certificate=certificate,
                state="waiting",
                at=now,
                updated_at=now,
            )
        )
        work.session.add_all(
            BatchItemRow(batch=batch_id, position=position, document=document, field=field, state="waiting")
            for position, (document, field) in enumerate(wanted, 1)
        )
        work.record(
            unit=actor.unit,
            actor=actor.id,
            action="open_batch",
            subject=batch_id,
            certificate=certificate,
            documents=len(wanted),
        )
        work.commit()
    return look(office, batch_id)


def look(office: Office, batch_id: str) -> Batch:
    """Return where a batch stands. Raises NotFound."""
    with office.work(reading=True) as work:
        return _read(work, batch_id)


def unfinished(office: Office) -> tuple[Batch, ...]:
    """Return the batches of the unit with documents still to be signed, oldest first."""
    with office.work(reading=True) as work:
        rows = work.session.exec(
            select(BatchRow.id).where(BatchRow.unit == office.unit, BatchRow.state != "done").order_by(col(BatchRow.at))
        )
        return tuple(_read(work, batch_id) for batch_id in rows)


def left_page(office: Office, batch_id: str, offset: int, limit: int) -> tuple[tuple[Left, ...], int]:
    """Return a page of what a batch has left behind, in its order, and how much there is in all."""
    failed = (BatchItemRow.batch == batch_id, BatchItemRow.state == "failed")
    with office.work(reading=True) as work:
        total = work.session.exec(select(func.count()).select_from(BatchItemRow).where(*failed)).one()
        rows = work.session.exec(
            select(BatchItemRow).where(*failed).order_by(col(BatchItemRow.position)).offset(offset).limit(limit)
        )
        return tuple(Left(row.document, row.code, row.detail) for row in rows), total


def next_document(office: Office, batch_id: str) -> str | None:
    """Return the id of the document a batch goes on with, None when nothing waits."""
    with office.work(reading=True) as work:
        return work.session.exec(
            select(BatchItemRow.document)
            .where(BatchItemRow.batch == batch_id, BatchItemRow.state == "waiting")
            .order_by(col(BatchItemRow.position))
            .limit(1)
        ).first()


def try_again(office: Office, actor: Actor, batch_id: str) -> Batch:
    """Put what was left behind among what waits again. Raises NotFound and BatchEmpty."""
    return _move(office, actor, batch_id, "failed", "waiting", "stopped")


def give_up(office: Office, actor: Actor, batch_id: str) -> Batch:
    """End a batch: what waits in it is not signed by it any more. Raises NotFound and BatchEmpty."""
    return _move(office, actor, batch_id, "waiting", "dropped", "done")


def _move(office: Office, actor: Actor, batch_id: str, old: str, new: str, state: BatchState) -> Batch:
    with office.work() as work:
        row = work.row(BatchRow, batch_id)
        moved = work.session.exec(
            update(BatchItemRow)
            .where(col(BatchItemRow.batch) == batch_id, col(BatchItemRow.state) == old)
            .values(state=new, code="", detail="")
        )
        if not moved.rowcount:
            raise BatchEmpty
        row.state, row.detail, row.updated_at = state, "", clock.now()
        work.record(
            unit=row.unit,
            actor=actor.id,
            action="batch",
            subject=batch_id,
            state=state,
            why=f"{old} > {new}",
            documents=moved.rowcount,
        )
        work.commit()
    return look(office, batch_id)


def run(
    office: Office,
    actor: Actor,
    batch_id: str,
    pin: str | None,
    *,
    control: Control | None = None,
    tell: Callable[[Batch], None] = lambda _: None,
) -> Batch:
    """Sign what is still waiting in a batch, and return where it stands then.

    `pin` is tried once (None: the reader's own pad, or a key that is unlocked already). `tell` hears where the batch
    stands after each section of documents: one at a slow token, several where they take no time. Raises NotFound,
    BatchOver, BatchAtWork, CertificateNotFound, NoToken, and what unlocking the token raises; whatever stops the batch
    later is written into it and raised.
    """
    with _alone(office, batch_id):
        return _run(office, actor, batch_id, pin, control or Control(), tell)


@contextmanager
def _alone(office: Office, batch_id: str) -> Iterator[None]:
    """Keep every other console of this machine from the batch. Raises BatchAtWork."""
    office.settings.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(office.settings.state / f"batch-{batch_id}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as taken:
        raise BatchAtWork from taken
    try:
        yield
    finally:
        lock.release()


def _run(
    office: Office, actor: Actor, batch_id: str, pin: str | None, control: Control, tell: Callable[[Batch], None]
) -> Batch:
    batch = look(office, batch_id)
    if batch.state == "done":
        raise BatchOver
    at_hand = everything_at_hand(office, anew=True)
    chosen = choose(at_hand, batch.certificate)
    issuers = tuple(one.certificate.der for one in at_hand)
    for row_id in _interrupted(office, batch_id):
        recover(office, actor, row_id)
    items: Sequence[BatchItemRow] = _settled(office, batch)
    chosen.signer.unlock(batch.certificate, pin, _errands(office, items))
    _note(office, actor, batch_id, "running")
    try:
        with (
            Gatekeepers(office.trust, office.settings.state / "gatekeeper.log", len(items)) as gatekeepers,
            ThreadPoolExecutor(AT_ONCE, thread_name_prefix="stamping") as stamping,
        ):
            bench = Bench(office, actor, chosen, issuers, gatekeepers, stamping)
            line = Line(bench, lambda: tell(look(office, batch_id)))
            while items:
                if control.paused:
                    line.drain()
                    _note(office, actor, batch_id, "paused")
                    tell(look(office, batch_id))
                    go_on = control.goes_on()
                    _note(office, actor, batch_id, "running")
                else:
                    go_on = control.goes_on()
                if not go_on:
                    break
                items = line.sign(items)
            line.drain()
    except QuayDienError as error:
        _note(office, actor, batch_id, "stopped", error.diagnosis(office.settings.language).cause)
        raise
    finally:
        chosen.signer.lock()
    waiting = look(office, batch_id).waiting
    _note(office, actor, batch_id, "stopped" if waiting else "done")
    return look(office, batch_id)


def _interrupted(office: Office, batch_id: str) -> list[str]:
    """Return the requests for documents of a batch whose end nobody noted: the token may have signed them."""
    waiting = select(BatchItemRow.document).where(BatchItemRow.batch == batch_id, BatchItemRow.state == "waiting")
    with office.work(reading=True) as work:
        rows = select(SigningRow.id).where(SigningRow.state == "asked", col(SigningRow.document).in_(waiting))
        return list(work.session.exec(rows))


def _settled(office: Office, batch: Batch) -> list[BatchItemRow]:
    """Return the documents still to be signed; one that was signed before the program died is ticked off first."""
    with office.work(reading=True) as work:
        rows = list(
            work.session.exec(
                select(BatchItemRow)
                .where(BatchItemRow.batch == batch.id, BatchItemRow.state == "waiting")
                .order_by(col(BatchItemRow.position))
            )
        )
        signed = {
            row.position
            for row in rows
            if any(
                (one.field, one.certificate) == (row.field, batch.certificate)
                for one in documents.get(work.session, row.document).filled
            )
        }
    with office.work() as work:
        for row in rows:
            if row.position in signed:
                tick(work, row)
        work.commit()
    return [row for row in rows if row.position not in signed]


def _errands(office: Office, items: Sequence[BatchItemRow]) -> list[Errand]:
    from kernel.tokens.shapes import Errand

    found = []
    with office.work(reading=True) as work:
        for item in items:
            slots = office.declared(documents.get(work.session, item.document)).slots
            found += [Errand(item.document, slot.purpose) for slot in slots if slot.field == item.field]
    return found


def _note(office: Office, actor: Actor, batch_id: str, state: BatchState, detail: str = "") -> None:
    with office.work() as work:
        row = work.row(BatchRow, batch_id)
        row.state, row.detail, row.updated_at = state, detail, clock.now()
        work.record(unit=row.unit, actor=actor.id, action="batch", subject=batch_id, state=state, why=detail)
        work.commit()


def _read(work: UnitOfWork, batch_id: str) -> Batch:
    row = work.row(BatchRow, batch_id)
    items = BatchItemRow.batch == batch_id
    counts = dict(
        work.session.exec(select(BatchItemRow.state, func.count()).where(items).group_by(BatchItemRow.state)).all()
    )
    left = work.session.exec(
        select(BatchItemRow).where(items, BatchItemRow.state == "failed").order_by(col(BatchItemRow.position))
    )
    return Batch(
        id=row.id,
        staff=row.staff,
        certificate=row.certificate,
        state=row.state,  # type: ignore[arg-type]  # only these states are written
        total=sum(count for state, count in counts.items() if state != "dropped"),
        done=counts.get("done", 0),
        left=tuple(Left(one.document, one.code, one.detail) for one in left),
        detail=row.detail,
    )
