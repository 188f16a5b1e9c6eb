"""A section of a batch: some documents asked for, signed, checked and released together.

One transaction writes down what is asked, one wait for the disk keeps what the token signed, one transaction releases.
Between the two the files are checked, and the next section may be signed meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.casework.certificates import AtHand
from kernel.casework.errors import NotReleased
from kernel.casework.gatekeeper import Gatekeepers
from kernel.casework.office import Actor, Office
from kernel.casework.signing import Asked, close, prepare, recover, release_result, settle, write_down
from kernel.casework.time_stamping import SignedFile, passed, stamper, time_stamped
from kernel.errors import DatabaseUnavailable, StorageFull
from kernel.storage.tables import BatchItemRow
from kernel.storage.unit_of_work import UnitOfWork
from kernel.tokens.errors import SignerCrashed, SignerTimeout, TokenError

if TYPE_CHECKING:
    from kernel.api.text import Text
    from kernel.tokens.shapes import SignResult


_MOST = 16
_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Bench:
    """What all sections of a batch are signed with."""

    office: Office
    actor: Actor
    chosen: AtHand
    issuers: tuple[bytes, ...]
    gatekeepers: Gatekeepers
    stamping: Executor
    """Asks for the time stamps of a section side by side."""


@dataclass(frozen=True, slots=True)
class _Made:
    item: BatchItemRow
    result: SignResult
    checked: Callable[[], SignedFile]
    """Waits for the file that may be released. Raises NotReleased."""


@dataclass(frozen=True, slots=True)
class _Good:
    """A file that may be released, kept by its SHA-256."""

    made: _Made
    signed: SignedFile
    sha256: str


@dataclass(slots=True)
class Section:
    """Documents that were signed and wait for their checks."""

    made: list[_Made] = field(default_factory=list)
    left: list[tuple[BatchItemRow, QuayDienError]] = field(default_factory=list)
    """Those that cannot be signed."""
    recovered: list[BatchItemRow] = field(default_factory=list)
    trouble: QuayDienError | None = None
    """What is wrong with the token: nothing behind it was signed."""

    @property
    def documents(self) -> frozenset[str]:
        """The documents that are not released yet."""
        return frozenset(one.item.document for one in self.made)


class Line:
    """Signs section after section: one is checked and released when the next is signed.

    A section takes half a second or so, and who pauses or stops hardly waits: at a slow token it is one document, at
    an HSM it is many.
    """

    def __init__(self, bench: Bench, tell: Callable[[], None]) -> None:
        self._bench = bench
        self._tell = tell
        self._size = 1
        self._signed: Section | None = None

    def sign(self, items: Sequence[BatchItemRow]) -> Sequence[BatchItemRow]:
        """Sign the next of `items`, release those before them, and return what is left. Raises what stops a batch."""
        begun = time.monotonic()
        section = list(_different(items[: self._size]))
        if self._signed is not None and self._signed.documents.intersection(one.document for one in section):
            self.drain()  # its next slot: the one before has to be released
        try:
            following = begin(self._bench, section)
        except QuayDienError:
            self.drain()
            raise
        self.drain()
        self._signed = following
        if following.trouble is not None:
            self.drain()
            raise following.trouble
        seconds = time.monotonic() - begun
        if seconds < _SECONDS:
            self._size = min(self._size * 2, _MOST)
        elif seconds > 2 * _SECONDS:
            self._size = max(self._size // 2, 1)
        return items[len(section) :]

    def drain(self) -> None:
        """Release what is signed. Raises DatabaseUnavailable and StorageFull."""
        signed, self._signed = self._signed, None
        if signed is not None:
            finish(self._bench, signed)
            self._tell()


def _different(items: Iterable[BatchItemRow]) -> Iterator[BatchItemRow]:
    """Yield items up to the second one of a document."""
    seen: set[str] = set()
    for item in items:
        if item.document in seen:
            return
        seen.add(item.document)
        yield item


def begin(bench: Bench, items: Sequence[BatchItemRow]) -> Section:
    """Sign documents, each a different one, and let them be checked. Raises DatabaseUnavailable and StorageFull."""
    section = Section()
    asked = _asked(bench, section, items)
    answers = bench.chosen.signer.sign_all([(one.request, one.pdf) for _, one in asked]) if asked else []
    for (item, one), answer in zip(asked, answers, strict=True):
        if isinstance(answer, QuayDienError):
            _not_made(bench, section, item, one, answer)
        else:
            section.made.append(_Made(item, answer, _being_checked(bench, item.field, one.certificate, answer)))
    return section


def _being_checked(bench: Bench, field: str, certificate: bytes, result: SignResult) -> Callable[[], SignedFile]:
    """Begin to time-stamp and read a signed file, and return what waits for the one that may be released."""

    def read(pdf: bytes) -> Callable[[], Text | None]:
        return bench.gatekeepers.check(pdf, field, certificate)

    if stamper(bench.office) is None:
        plain, doubt = SignedFile(result.pdf), read(result.pdf)
        return lambda: passed(plain, result.pdf, lambda pdf: read(pdf)(), doubt())

    def begun() -> tuple[SignedFile, Callable[[], Text | None]]:
        signed = time_stamped(bench.office, result.pdf, len(result.update))
        return signed, read(signed.pdf)

    waiting = bench.stamping.submit(begun)

    def finished() -> SignedFile:
        signed, doubt = waiting.result()
        return passed(signed, result.pdf, lambda pdf: read(pdf)(), doubt())

    return finished


def finish(bench: Bench, section: Section) -> None:
    """Release what passed its checks, and tick every document off. Raises DatabaseUnavailable and StorageFull."""
    office = bench.office
    good: list[_Good] = []
    for made in section.made:
        try:
            signed = made.checked()
        except NotReleased as error:
            _refused(bench, section, made, error)
        else:
            good.append(_Good(made, replace(signed, pdf=b""), office.blobs.put(signed.pdf)))
    try:
        _release(bench, good)
    except NotReleased:
        for one in good:  # somebody was faster with one of them
            try:
                _release(bench, [one])
            except NotReleased as error:
                _refused(bench, section, one.made, error)
    with office.work() as work:
        for item in section.recovered:
            tick(work, item)
        for item, why in section.left:
            tick(work, item, why, why.diagnosis(office.settings.language).cause)
        work.commit()
    for one in good:
        settle(bench.chosen.signer, one.made.result.request_id)


def tick(work: UnitOfWork, item: BatchItemRow, error: QuayDienError | None = None, cause: str = "") -> None:
    """Note in a transaction that a document of a batch is signed, or why it is left behind."""
    row = work.session.get_one(BatchItemRow, (item.batch, item.position))
    row.state = "done" if error is None else "failed"
    if error is not None:
        row.code, row.detail = error.code, cause


def _asked(bench: Bench, section: Section, items: Sequence[BatchItemRow]) -> list[tuple[BatchItemRow, Asked]]:
    """Write down what is asked of the documents that still wait, and return it."""
    office, actor = bench.office, bench.actor
    prepared: list[tuple[BatchItemRow, Asked]] = []
    for item in _still_waiting(office, items):
        with _left_behind(section, item):
            one = prepare(office, actor, item.document, item.field, bench.chosen, bench.issuers)
            prepared.append((item, one))
    written: list[tuple[BatchItemRow, Asked]] = []
    with office.work() as work:
        for item, one in prepared:
            with _left_behind(section, item):
                write_down(office, actor, work, one)
                written.append((item, one))
        work.commit()
    return written


def _still_waiting(office: Office, items: Sequence[BatchItemRow]) -> list[BatchItemRow]:
    """Return the documents that another machine has not signed and nobody has given up meanwhile."""
    with office.work(reading=True) as work:
        places = [(item, (item.batch, item.position)) for item in items]
        return [item for item, place in places if work.session.get_one(BatchItemRow, place).state == "waiting"]


@contextmanager
def _left_behind(section: Section, item: BatchItemRow) -> Iterator[None]:
    """Note why a document cannot be signed. What is wrong with the database or the disk stops everything."""
    try:
        yield
    except (TokenError, DatabaseUnavailable, StorageFull):
        raise
    except QuayDienError as error:
        section.left.append((item, error))


def _not_made(bench: Bench, section: Section, item: BatchItemRow, asked: Asked, error: QuayDienError) -> None:
    request_id = asked.request.request_id
    if isinstance(error, (SignerCrashed, SignerTimeout)):
        # the token may have signed before its process was gone: the journal tells
        if recover(bench.office, bench.actor, request_id) is not None:
            section.recovered.append(item)
            return
    else:
        close(bench.office, bench.actor, request_id, "failed", error.code)
    if isinstance(error, TokenError):
        section.trouble = section.trouble or error
    else:
        section.left.append((item, error))


def _refused(bench: Bench, section: Section, made: _Made, error: NotReleased) -> None:
    close(bench.office, bench.actor, made.result.request_id, "failed", error.code)
    section.left.append((made.item, error))


def _release(bench: Bench, good: Sequence[_Good]) -> None:
    """Release checked files, kept by their SHA-256, and tick them off, all or none. Raises NotReleased."""
    with bench.office.work() as work:
        for one in good:
            release_result(bench.office, bench.actor, work, one.made.result, one.signed, one.sha256)
            tick(work, one.made.item)
        work.commit()
