"""The console's side of a signer process. Imports neither PKCS#11 nor pyHanko."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kernel.api.errors import QuayDienError
from kernel.tokens.errors import (
    CertificateNotFound,
    ModuleNotFound,
    ModuleUnusable,
    NoToken,
    SignerBusy,
    SignerCrashed,
    SignerTimeout,
    TokenFault,
    TokenRemoved,
)
from kernel.tokens.process import AHEAD, Child
from kernel.tokens.shapes import TokenCertificate, TokenInfo, Trial, result_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kernel.api.documents import Purpose
    from kernel.tokens.framing import Frame
    from kernel.tokens.process import Asked
    from kernel.tokens.settings import SignerSettings
    from kernel.tokens.shapes import Errand, SignRequest, SignResult

DEADLINES: Mapping[str, float] = MappingProxyType(
    {
        "start": 30,
        "ping": 5,
        "status": 5,
        "tokens": 15,
        "certificates": 30,
        "sign": 90,
        "unlock": 60,
        "try_mechanisms": 240,
        "lock": 10,
        "result": 15,
        "settle": 5,
        "clear_tries": 5,
    }
)
"""Seconds a verb may take. A pin pad waits for fingers, an old token signs in ten seconds."""

_STALE = (NoToken, TokenRemoved, CertificateNotFound)
"""After these the process is replaced: a module sees a token plugged in later only when it starts anew."""

_LONGEST_PAUSE = 5.0


class Signer:
    """One signer process, started when first needed and replaced when it hangs or crashes. Thread-safe.

    Every method raises the errors of `kernel.tokens.errors` and `kernel.signing.errors`, and nothing else:
    SignerCrashed, SignerTimeout and SignerBusy of all of them, and what the verb itself may raise.
    """

    def __init__(
        self, settings: SignerSettings, *, deadlines: Mapping[str, float] = DEADLINES, busy_after: float = 5.0
    ) -> None:
        self._settings = settings
        self._deadlines = {**DEADLINES, **deadlines}
        self._busy_after = busy_after
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._child: Child | None = None
        self._crashes = 0
        self._not_before = 0.0
        self._seen: tuple[str, ...] = ()
        """Labels of the tokens last listed: what a clerk calls them."""

    @property
    def pid(self) -> int | None:
        """Id of the process, None while there is none."""
        child = self._child
        return child.pid if child is not None and child.running else None

    def ping(self) -> None:
        """Return when the process answers."""
        self._ask("ping", {})

    def unlocked_for(self) -> str | None:
        """Return the SHA-256 of the certificate the token is unlocked for, None while locked."""
        header, _ = self._ask("status", {})
        found = header["unlocked_for"]
        return None if found is None else str(found)

    def tokens(self) -> tuple[TokenInfo, ...]:
        """Return the tokens present."""
        header, _ = self._ask("tokens", {})
        return tuple(TokenInfo(**fields) for fields in header["tokens"])

    def certificates(self) -> tuple[TokenCertificate, ...]:
        """Return the certificates of the tokens present. Raises TokenRemoved."""
        header, ders = self._ask("certificates", {})
        listed = zip(header["certificates"], ders, strict=True)
        found = tuple(TokenCertificate(**{**fields, "der": der}) for fields, der in listed)
        self._seen = tuple(dict.fromkeys(one.token_label for one in found if one.token_label))
        return found

    def unlock(self, certificate: str, pin: str | None, errands: Sequence[Errand]) -> None:
        """Log in once for a batch: these errands, this certificate, no others. `pin` of None uses the pin pad.

        Raises PinWrong, PinLocked, PinFinalTry, PinLengthInvalid, PinRequired, CertificateNotFound, NoToken,
        TokenRemoved, and what makes a certificate unfit.
        """
        # thousands of errands do not fit the head of a frame
        listed = json.dumps([asdict(item) for item in errands]).encode()
        self._ask("unlock", {"certificate": certificate, "pin": pin}, [listed])

    def stand(self, certificate: str, pin: str | None, purposes: Collection[Purpose]) -> None:
        """Log in to an organisation's key for whatever is asked for `purposes`, until `lock`. Raises as `unlock`."""
        fields = {"certificate": certificate, "pin": pin, "purposes": [str(one) for one in purposes]}
        self._ask("unlock", fields, [b"[]"])

    def try_mechanisms(self, certificate: str, pin: str | None) -> tuple[Trial, ...]:
        """Try every mechanism of the certificate's key on a text of the signer's own. Raises as `unlock`."""
        header, _ = self._ask("try_mechanisms", {"certificate": certificate, "pin": pin})
        return tuple(Trial(**fields) for fields in header["trials"])

    def lock(self) -> None:
        """Log out and forget the PIN."""
        if self.pid is not None:
            self._ask("lock", {})

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
        """Sign one field of a document, in memory or in a file that the signer reads itself.

        `pin` (or `pin_pad`) logs in for this signature; without either the token must be unlocked for this errand.
        With `keep_unlocked` it stays unlocked for `errands`, with the same certificate only. A request id that was
        signed before returns its first result and touches no token; with other input it raises RequestMismatch.
        """
        fields, parts = _asked(request, document)
        fields |= {"pin": pin, "pin_pad": pin_pad, "keep_unlocked": keep_unlocked}
        fields["errands"] = [asdict(item) for item in errands]
        return _result(*self._ask("sign", fields, parts), document)

    def sign_all(
        self, asked: Iterable[tuple[SignRequest, bytes | Path]], *, ahead: int = AHEAD
    ) -> list[SignResult | QuayDienError]:
        """Sign with the unlocked token, which stays so, and return the result of each request or what came in its way.

        The process gets at most `ahead` requests ahead of its answers, and several results wait for the disk together.
        An error of the token locks it: the requests behind have no result then. Raises what no request can be sent for.
        """
        documents: list[bytes | Path] = []

        def frames() -> Iterator[Asked]:
            for request, document in asked:
                documents.append(document)
                fields, parts = _asked(request, document)
                yield fields | {"keep_unlocked": True}, parts

        waiting = frames()
        answers: list[Frame | QuayDienError] = []
        trouble: QuayDienError | None = None
        with self._turn():
            child = self._running()
            try:
                with self._minding():
                    for answer in child.ask_all("sign", waiting, self._deadlines["sign"], ahead):
                        answers.append(answer)  # kept, also where the next one raises
                    trouble = next((one for one in answers if isinstance(one, (TokenFault, *_STALE))), None)
                    if trouble is not None:
                        raise trouble
            except QuayDienError as error:
                answers = [error if one is trouble else one for one in answers]
                deque(waiting, maxlen=0)  # those that were not sent come to the same end
                answers += [error] * (len(documents) - len(answers))
        return [
            one if isinstance(one, QuayDienError) else _result(*one, document)
            for one, document in zip(answers, documents, strict=True)
        ]

    def result(self, request_id: str, document: bytes | Path) -> SignResult:
        """Return what was signed under `request_id`, of this document. Raises RequestUnknown and RequestSettled."""
        return _result(*self._ask("result", {"request_id": request_id}), document)

    def settle(self, request_id: str) -> None:
        """Tell that the signed PDF is safe elsewhere: the signer's copy of it is deleted, the record stays."""
        self._ask("settle", {"request_id": request_id})

    def clear_tries(self, token_serial: str) -> None:
        """Forget the counted wrong PINs, after an administrator has seen the right PIN work elsewhere."""
        self._ask("clear_tries", {"token_serial": token_serial})

    def restart(self) -> None:
        """End the process; the next call starts another, which sees the tokens present then."""
        with self._turn():
            self._stop()

    def close(self) -> None:
        """End the process for good, even in the middle of a call."""
        self._closed.set()
        if self._lock.acquire(timeout=self._busy_after):
            try:
                self._stop()
            finally:
                self._lock.release()
        elif (child := self._child) is not None:
            child.kill()

    def _ask(
        self, verb: str, fields: Mapping[str, Any], parts: Sequence[bytes] = ()
    ) -> tuple[dict[str, Any], list[bytes]]:
        with self._turn():
            child = self._running()
            with self._minding():
                return child.ask(verb, fields, parts, self._deadlines[verb])

    def _any_token(self) -> bool:
        """Return whether a fresh process sees a token; a module that can't tell counts as one."""
        try:
            header, _ = self._running().ask("tokens", {}, (), self._deadlines["tokens"])
        except QuayDienError:
            return True
        finally:
            self._stop()  # it would not see the token come back
        return bool(header["tokens"])

    @contextmanager
    def _minding(self) -> Iterator[None]:
        """See to the process after what was asked inside: one that crashed, hung or lost its token is let go."""
        try:
            yield
        except (SignerCrashed, SignerTimeout):
            self._crashed()
            raise
        except TokenFault as error:
            self._stop()
            # some modules say a general error of a token that was pulled out
            if not self._any_token():
                raise TokenRemoved(token=", ".join(self._seen) or self._settings.module.name) from error
            raise
        except _STALE:
            self._stop()
            raise
        except QuayDienError:
            self._crashes = 0
            raise
        self._crashes = 0

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._busy_after):
            raise SignerBusy(seconds=round(self._busy_after))
        try:
            yield
        finally:
            self._lock.release()

    def _running(self) -> Child:
        if self._child is not None and self._child.running:
            return self._child
        if self._child is not None:
            self._crashed()
        self._closed.wait(max(self._not_before - time.monotonic(), 0))
        if self._closed.is_set():
            raise SignerCrashed(status="closed")
        settings = self._settings
        log = settings.state_dir / "signer.log"
        child = Child("kernel.tokens.signer", settings.arguments(), settings.env, log)
        try:
            child.greet(self._deadlines["start"])
        except BaseException as error:
            child.kill()
            if not isinstance(error, ModuleNotFound):
                self._crashed()
            if isinstance(error, SignerCrashed) and error.by_fault:
                raise ModuleUnusable(module=settings.module, detail=error.facts["status"]) from error
            raise
        self._child = child
        return child

    def _crashed(self) -> None:
        """Forget the dead process; the second crash in a row and those after it make the next start wait."""
        if self._child is not None:
            self._child.kill()
            self._child = None
        pause = min(0.5 * 2 ** (self._crashes - 1), _LONGEST_PAUSE) if self._crashes else 0.0
        self._crashes += 1
        self._not_before = time.monotonic() + pause

    def _stop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


def _asked(request: SignRequest, document: bytes | Path) -> tuple[dict[str, Any], list[bytes]]:
    """Return fields and parts of what asks for a signature."""
    parts = [b"" if isinstance(document, Path) else document]
    if request.appearance is not None:
        parts.append(request.appearance)
    return {**request.header(), "file": str(document) if isinstance(document, Path) else None}, parts


def _result(header: dict[str, Any], parts: list[bytes], document: bytes | Path) -> SignResult:
    return result_from(header["result"], parts[0], document)
