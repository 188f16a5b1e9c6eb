"""A pool of signer processes on one key of an HSM: the organisation's seal, ready whenever it is asked for.

Each process is logged in for the purposes of the key and for nothing else. One that crashes, hangs or loses the HSM is
put aside, mended in the background, and its request goes to another; a PIN that was refused is not tried again by any.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from kernel.api.errors import QuayDienError
from kernel.tokens.client import DEADLINES, Signer
from kernel.tokens.errors import (
    CertificateNotFound,
    NoToken,
    PinExpired,
    PinLengthInvalid,
    PinRequired,
    PinWrong,
    PurposeNotOfKey,
    RequestUnknown,
    SignerBusy,
    SignerCrashed,
    SignerTimeout,
    TokenError,
    TokenFault,
    TokenRemoved,
)
from kernel.tokens.journal import Results
from kernel.tokens.process import AHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kernel.api.documents import Purpose
    from kernel.tokens.settings import SignerSettings
    from kernel.tokens.shapes import Errand, SignRequest, SignResult, TokenCertificate, TokenInfo

_GONE = (SignerCrashed, SignerTimeout, TokenRemoved, TokenFault, NoToken, CertificateNotFound)
"""The process or its way to the HSM is at fault, not the request."""

_NO_MORE = (PinWrong, PinLengthInvalid, PinExpired, PinRequired)
"""Trying again with the same PIN would lock the HSM's user."""

_LOOK_SECONDS = 30.0

_SECTION = 256
"""Requests a process takes of many before it is looked at again: so many at most share the fate of one that is lost."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MemberHealth:
    """How one process of the pool is. `problem` is empty for one that can sign at once."""

    pid: int | None
    ready: bool
    signed: int
    problem: str


@dataclass(eq=False)
class _Member:
    signer: Signer
    results: Results
    lock: threading.Lock
    ready: bool = False
    signed: int = 0
    problem: QuayDienError | None = None


class SignerPool:
    """`size` signer processes for the key of `certificate` (SHA-256 of its DER). Thread-safe.

    `pin` is asked when a process has to log in. In place of a `Signer` wherever documents are signed; raises what a
    Signer raises, PurposeNotOfKey, and what `pin` raises.
    """

    def __init__(
        self,
        settings: SignerSettings,
        certificate: str,
        purposes: Collection[Purpose],
        pin: Callable[[], str],
        *,
        size: int = 2,
        deadlines: Mapping[str, float] = DEADLINES,
        busy_after: float = 30.0,
    ) -> None:
        self._certificate = certificate
        self._purposes = frozenset(purposes)
        self._pin = pin
        self._busy_after = busy_after
        self._refused: TokenError | None = None
        self._closed = threading.Event()
        self._free = threading.Condition()
        self._standing = threading.Lock()
        self._members = [
            _Member(
                Signer(replace(settings, state_dir=settings.state_dir / str(number)), deadlines=deadlines),
                Results(settings.state_dir / str(number)),
                threading.Lock(),
            )
            for number in range(1, size + 1)
        ]
        self._keeper: threading.Thread | None = None

    def sign(
        self,
        request: SignRequest,
        document: bytes | Path,
        *,
        pin: str | None = None,
        pin_pad: bool = False,
        keep_unlocked: bool = False,
        errands: Sequence[Errand] = (),
    ) -> SignResult:
        """Sign one field with the pool's key, which stands unlocked: no PIN of the caller's is used.

        A request that was signed before goes to the process that has its result. Raises PurposeNotOfKey,
        CertificateNotFound, SignerBusy, and what the last process that tried raised.
        """
        del pin, pin_pad, keep_unlocked, errands  # a standing key needs none of it
        if request.purpose not in self._purposes:
            raise PurposeNotOfKey(purpose=str(request.purpose))
        if request.certificate != self._certificate:
            raise CertificateNotFound(certificate=request.certificate)
        self._keep()
        owner = next((one for one in self._members if request.request_id in one.results), None)
        if owner is not None:
            with suppress(SignerCrashed):
                return owner.signer.sign(request, document)
            return owner.signer.sign(request, document)  # the process that takes its place reads the same journal
        tried: set[_Member] = set()
        anew: set[_Member] = set()
        while True:
            with self._taken(tried) as member:
                try:
                    self._ready(member)
                    result = member.signer.sign(request, document, keep_unlocked=True)
                except _GONE as error:
                    self._put_aside(member, error)
                    tried.add(member)
                    made = self._made_all_the_same(member, request, document)
                    if made is not None:
                        return made
                    if len(tried) == len(self._members):
                        raise
                    continue
                except PinRequired as error:
                    # another process took the place of one that died, and is not logged in yet
                    self._put_aside(member, error)
                    if self._refused is not None or member in anew:
                        raise
                    anew.add(member)
                    continue
                member.signed += 1
                return result

    def sign_all(self, asked: Sequence[tuple[SignRequest, bytes | Path]]) -> list[SignResult | QuayDienError]:
        """Sign with all processes at once, and return the result of each request or what came in its way, as `sign`.

        Each takes the next request as it goes on; what it could not by its own fault is asked of all, one by one.
        """
        self._keep()
        first_of = {one.request_id: number for number, (one, _) in reversed(list(enumerate(asked)))}
        waiting = iter([asked[number] for number in sorted(first_of.values()) if self._new(asked[number][0])])
        ahead = min(AHEAD, -(-len(asked) // len(self._members)))
        answers: dict[str, SignResult | QuayDienError] = {}

        def work() -> None:
            while (first := next(waiting, None)) is not None:
                self._section(chain([first], islice(waiting, _SECTION - 1)), ahead, answers)

        with ThreadPoolExecutor(len(self._members)) as threads:
            for one in [threads.submit(work) for _ in self._members]:
                one.result()
        return [
            (answers.get(request.request_id) if first_of[request.request_id] == number else None)
            or self._tried(request, document)  # signed before, or named twice: whoever has its result answers
            for number, (request, document) in enumerate(asked)
        ]

    def _section(
        self,
        asked: Iterable[tuple[SignRequest, bytes | Path]],
        ahead: int,
        answers: dict[str, SignResult | QuayDienError],
    ) -> None:
        """Let one process sign what it takes from `asked` as it goes on, and note what is not that process's fault."""
        taken: list[str] = []

        def noted() -> Iterator[tuple[SignRequest, bytes | Path]]:
            for one in asked:
                taken.append(one[0].request_id)
                yield one

        with suppress(*_GONE, *_NO_MORE, SignerBusy), self._taken(set()) as member:
            self._ready(member)
            told = member.signer.sign_all(noted(), ahead=ahead)
            for request_id, answer in zip(taken, told, strict=True):
                if isinstance(answer, (*_GONE, PinRequired)):
                    self._put_aside(member, answer)
                else:
                    answers[request_id] = answer
                    member.signed += not isinstance(answer, QuayDienError)

    def _tried(self, request: SignRequest, document: bytes | Path) -> SignResult | QuayDienError:
        try:
            return self.sign(request, document)
        except QuayDienError as error:
            return error

    def _new(self, request: SignRequest) -> bool:
        """Tell whether the pool's key is asked for something it may do and has not done."""
        fits = request.purpose in self._purposes and request.certificate == self._certificate
        return fits and all(request.request_id not in member.results for member in self._members)

    def result(self, request_id: str, document: bytes | Path) -> SignResult:
        """Return what was signed under `request_id`. Raises RequestUnknown and RequestSettled."""
        for member in self._members:
            with suppress(RequestUnknown):
                return member.signer.result(request_id, document)
        raise RequestUnknown(request=request_id)

    def settle(self, request_id: str) -> None:
        """Tell that the signed PDF is safe elsewhere."""
        for member in self._members:
            if request_id in member.results:
                member.signer.settle(request_id)

    def tokens(self) -> tuple[TokenInfo, ...]:
        """Return the tokens of the HSM's module."""
        return self._any(lambda signer: signer.tokens())

    def certificates(self) -> tuple[TokenCertificate, ...]:
        """Return the key's certificate, and the authorities' that lie beside it."""
        found = self._any(lambda signer: signer.certificates())
        own = next((one for one in found if one.sha256 == self._certificate), None)
        if own is None:
            return ()
        return (own, *(one for one in found if one.token_serial == own.token_serial and one.has_key is not True))

    def unlock(self, certificate: str, pin: str | None, errands: Sequence[Errand]) -> None:
        """See that one process at least stands ready. Raises as `sign`."""
        del pin, errands
        if certificate != self._certificate:
            raise CertificateNotFound(certificate=certificate)
        with self._taken(set()) as member:
            self._ready(member)

    def lock(self) -> None:
        """Do nothing: the key stands for others too."""

    def unlocked_for(self) -> str | None:
        """Return the key's certificate while a process stands ready."""
        return self._certificate if any(member.ready for member in self._members) else None

    def restart(self) -> None:
        """End the processes and forget a refused PIN; the next request starts them anew."""
        self._refused = None
        for member in self._members:
            member.ready, member.problem = False, None
            member.signer.restart()

    def check(self) -> tuple[MemberHealth, ...]:
        """Look at every process that is not at work, log in those that are not, and tell how all are."""
        for member in self._members:
            if self._closed.is_set() or not member.lock.acquire(blocking=False):
                continue  # at work: its answer will tell
            try:
                if member.ready and member.signer.unlocked_for() != self._certificate:
                    member.ready = False
                self._ready(member)
            except QuayDienError as error:
                self._put_aside(member, error)
            finally:
                self._give_back(member)
        return self.health()

    def health(self) -> tuple[MemberHealth, ...]:
        """Return how the processes were when last heard of."""
        return tuple(
            MemberHealth(
                member.signer.pid,
                member.ready,
                member.signed,
                "" if member.problem is None else member.problem.diagnosis("vi").cause,
            )
            for member in self._members
        )

    def close(self) -> None:
        """End the processes for good."""
        self._closed.set()
        for member in self._members:
            member.signer.close()
            member.results.close()

    def _keep(self) -> None:
        """Look at the processes from time to time, from the first request on."""
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._watch, daemon=True, name="seal pool")
            self._keeper.start()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            self.check()

    def _ready(self, member: _Member) -> None:
        """Log a process in if it is not. One after the other: a refused PIN is refused once."""
        if member.ready:
            return
        with self._standing:
            if self._refused is not None:
                raise self._refused
            try:
                member.signer.stand(self._certificate, self._pin(), self._purposes)
            except _NO_MORE as error:
                self._refused = error
                raise
        member.ready, member.problem = True, None

    def _put_aside(self, member: _Member, error: QuayDienError) -> None:
        member.ready, member.problem = False, error

    def _made_all_the_same(self, member: _Member, request: SignRequest, document: bytes | Path) -> SignResult | None:
        """Return what a process had signed before it was lost: no other signs it again."""
        if request.request_id not in member.results:
            return None
        return member.signer.result(request.request_id, document)

    @contextmanager
    def _taken(self, tried: Collection[_Member]) -> Iterator[_Member]:
        member = self._take(tried)
        try:
            yield member
        finally:
            self._give_back(member)

    def _take(self, tried: Collection[_Member]) -> _Member:
        """Return a free process, one that stands ready before one that does not. Raises SignerBusy."""
        until = time.monotonic() + self._busy_after
        with self._free:
            while True:
                for member in sorted(self._members, key=lambda one: not one.ready):
                    if member not in tried and member.lock.acquire(blocking=False):
                        return member
                if not self._free.wait(max(until - time.monotonic(), 0)) and time.monotonic() >= until:
                    raise SignerBusy(seconds=round(self._busy_after))

    def _give_back(self, member: _Member) -> None:
        with self._free:
            member.lock.release()
            self._free.notify()

    def _any(self, ask: Callable[[Signer], T]) -> T:
        """Ask whichever process is free."""
        with self._taken(set()) as member:
            try:
                return ask(member.signer)
            except _GONE as error:
                self._put_aside(member, error)
                raise
