"""The signer process: `python -P -m kernel.tokens.signer`. One module, one thread at the token, frames on stdin/stdout.

In goes a whole PDF with its document, purpose, field and certificate; out comes what to append to it. No bare digest is
signed, no handle leaves, no PIN is tried twice.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.tokens.errors import (
    JournalUnwritable,
    MechanismRefused,
    RequestInvalid,
    RequestUnknown,
    SignatureInvalid,
    TokenError,
    TokenFault,
    to_wire,
)
from kernel.tokens.framing import Frame, FrameError, read_frame, write_frame
from kernel.tokens.inside import keep_secrets, own_streams
from kernel.tokens.journal import Journal, LogLine
from kernel.tokens.pins import TryCounter
from kernel.tokens.process import AHEAD
from kernel.tokens.settings import from_arguments
from kernel.tokens.shapes import Errand, Errands, SignResult, errand_from, purpose_from, request_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel.signing.source import Source
    from kernel.tokens.settings import SignerSettings
    from kernel.tokens.shapes import SignRequest, TokenCertificate
    from kernel.tokens.vault import Vault

_GRACE = 30.0
"""Seconds a token call may go on after the console has gone: what it signed is still written down."""

_FIRST_PAUSE = 0.2

_TOGETHER = AHEAD // 2
_TOGETHER_SECONDS = 0.05
"""Signatures that wait for the disk together, and how long the first of them waits for others: a slow token's never."""

Answer = tuple[dict[str, Any], list[bytes]]


class Verbs:
    """The verbs of one signer process."""

    def __init__(self, settings: SignerSettings, vault: Vault, journal: Journal, counter: TryCounter) -> None:
        self._settings = settings
        self._vault = vault
        self._journal = journal
        self._counter = counter
        self._verbs: dict[str, Callable[[dict[str, Any], list[bytes]], Answer]] = {
            "ping": self._ping,
            "status": self._status,
            "tokens": self._tokens,
            "certificates": self._certificates,
            "sign": self._sign,
            "unlock": self._unlock,
            "lock": self._lock,
            "try_mechanisms": self._try_mechanisms,
            "result": self._result,
            "settle": self._settle,
            "clear_tries": self._clear_tries,
        }

    def answer(self, header: dict[str, Any], parts: list[bytes]) -> Answer:
        """Do one request; an error becomes an answer."""
        verb = self._verbs.get(str(header.get("verb")))
        try:
            if verb is None:
                raise RequestInvalid(detail="verb")
            return verb(header, parts)
        except QuayDienError as error:
            return {"error": to_wire(error)}, []

    def kept(self, answers: list[Answer]) -> list[Answer]:
        """Return the answers when what they tell is on the disk; where it can't be, no signature is told and none made.

        Errors are told all the same.
        """
        try:
            self._journal.commit()
        except JournalUnwritable as error:
            self.lock()
            refused: Answer = ({"error": to_wire(error)}, [])
            return [refused if "result" in header else (header, parts) for header, parts in answers]
        return answers

    def close(self) -> None:
        """Lock the token and close the journal."""
        self.lock()
        try:
            self._journal.close()
        except JournalUnwritable as error:
            print(error, file=sys.stderr)  # noqa: T201  # stderr is the log of this process

    def idle_left(self) -> float | None:
        """Return the seconds until the token must be locked, None while it is locked."""
        return self._vault.idle_left()

    def lock(self) -> None:
        """Lock the token, whatever it answers."""
        try:
            self._vault.lock()
        except TokenFault as error:
            print(error, file=sys.stderr)  # noqa: T201  # stderr is the log of this process

    def _ping(self, _header: dict[str, Any], _parts: list[bytes]) -> Answer:
        return {}, []

    def _status(self, _header: dict[str, Any], _parts: list[bytes]) -> Answer:
        return {"unlocked_for": self._vault.unlocked_for, "idle_left": self._vault.idle_left()}, []

    def _tokens(self, _header: dict[str, Any], _parts: list[bytes]) -> Answer:
        return {"tokens": [asdict(token) for token in self._vault.tokens()]}, []

    def _certificates(self, _header: dict[str, Any], _parts: list[bytes]) -> Answer:
        listed = self._vault.certificates()
        return {"certificates": [{**asdict(item), "der": None} for item in listed]}, [item.der for item in listed]

    def _unlock(self, header: dict[str, Any], parts: list[bytes]) -> Answer:
        try:
            listed = _errands({"errands": json.loads(parts[0])})
        except (ValueError, IndexError) as error:
            raise RequestInvalid(detail="errands") from error
        errands = Errands(listed, frozenset(map(purpose_from, header.get("purposes", []))))
        held = self._fit(str(header.get("certificate")), clock.now())
        self._vault.unlock(held, _pin(header), errands)
        return {}, []

    def _try_mechanisms(self, header: dict[str, Any], _parts: list[bytes]) -> Answer:
        from kernel.tokens.self_test import try_mechanisms

        held = self._vault.find(str(header.get("certificate")))
        return {"trials": [asdict(trial) for trial in try_mechanisms(self._vault, held, _pin(header))]}, []

    def _lock(self, _header: dict[str, Any], _parts: list[bytes]) -> Answer:
        self._vault.lock()
        return {}, []

    def _result(self, header: dict[str, Any], _parts: list[bytes]) -> Answer:
        request_id = str(header.get("request_id"))
        found = self._journal.find(request_id)
        if found is None:
            raise RequestUnknown(request=request_id)
        return _answer(found)

    def _settle(self, header: dict[str, Any], _parts: list[bytes]) -> Answer:
        self._journal.settle(str(header.get("request_id")))
        return {}, []

    def _clear_tries(self, header: dict[str, Any], _parts: list[bytes]) -> Answer:
        self._counter.forget(str(header.get("token_serial")))
        return {}, []

    def _sign(self, header: dict[str, Any], parts: list[bytes]) -> Answer:
        from kernel.signing.source import source_of

        if not parts:
            raise RequestInvalid(detail="pdf")
        file = header.get("file")
        request = request_from(header, parts[1] if len(parts) > 1 else None)
        document = source_of(Path(file) if isinstance(file, str) else parts[0])
        before = document.sha256
        fingerprint = request.fingerprint(before)
        found = self._journal.find(request.request_id, fingerprint)
        if found is not None:
            return _answer(found)
        keep = header.get("keep_unlocked") is True
        line = LogLine(request.request_id, request.document_id, str(request.purpose), before, "", "", "")
        try:
            result = self._signed(request, document, header, keep=keep)
        except QuayDienError as error:
            if not keep or isinstance(error, TokenError):
                self.lock()
            self._journal.keep(replace(line, result=error.code))
            raise
        if not keep:
            self.lock()
        signed = replace(
            line, sha256_after=result.sha256_after, certificate_serial=result.certificate_serial, result="signed"
        )
        self._journal.keep(signed, result, fingerprint)
        return _answer(result)

    def _signed(self, request: SignRequest, document: Source, header: dict[str, Any], *, keep: bool) -> SignResult:
        from kernel.signing.errors import SignatureOfAnother
        from kernel.signing.sign import sign_field
        from kernel.tokens.key import TokenKey

        errand = Errand(request.document_id, request.purpose)
        errands = Errands((_errands(header) if keep else frozenset[Errand]()) | {errand})
        held = self._fit(request.certificate, request.at)
        pin = _pin(header)
        log_in = pin is not None or header.get("pin_pad") is True
        if not log_in:
            self._vault.authorise(held, errand)
        while True:
            key = TokenKey(
                self._vault,
                held,
                errand=errand,
                errands=errands,
                log_in=log_in,
                pin=pin,
                settings=self._settings,
            )
            try:
                signed = sign_field(
                    document,
                    field=request.field,
                    signer=key,
                    at=request.at,
                    appearance=request.appearance,
                    name=request.name,
                    reason=request.reason,
                    location=request.location,
                    unsigned_attribute=request.unsigned_attribute,
                )
                break
            except MechanismRefused:
                log_in, pin = False, None  # the token is unlocked by now: on with its next mechanism
            except SignatureOfAnother as error:
                raise SignatureInvalid(subject=error.facts["name"]) from error
        return SignResult(
            request_id=request.request_id,
            document_id=request.document_id,
            purpose=request.purpose,
            update=signed.update,
            sha256_before=signed.sha256_before,
            sha256_after=signed.sha256_after,
            digest=signed.digest,
            mechanism=f"{key.mechanism.value} {key.ckm}",
            certificate=held.sha256,
            certificate_serial=key.serial,
            signed_at=request.at,
            repeated=False,
        )

    def _fit(self, certificate: str, at: Any) -> TokenCertificate:
        from kernel.signing.certificates import refuse_unfit

        held = self._vault.find(certificate)
        refuse_unfit(held.der, clock.now())
        refuse_unfit(held.der, at)
        return held


def _errands(header: dict[str, Any]) -> frozenset[Errand]:
    given = header.get("errands", [])
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise RequestInvalid(detail="errands")
    return frozenset(errand_from(item) for item in given)


def _pin(header: dict[str, Any]) -> str | None:
    pin = header.pop("pin", None)
    if pin is not None and (not isinstance(pin, str) or not pin):
        raise RequestInvalid(detail="pin")
    return pin


def _answer(result: SignResult) -> Answer:
    return {"result": result.told()}, [result.update]


def _read_all(stream: BinaryIO, waiting: queue.SimpleQueue[Frame | None]) -> None:
    try:
        while (frame := read_frame(stream)) is not None:
            waiting.put(frame)
    except (FrameError, OSError) as error:
        print(f"frames: {error}", file=sys.stderr)  # noqa: T201  # stderr is the log of this process
    waiting.put(None)
    end = threading.Timer(_GRACE, os._exit, (3,))
    end.daemon = True
    end.start()


def main() -> int:
    """Answer frames until the other side closes. Returns the exit status."""
    settings = from_arguments(sys.argv[1:])
    keep_secrets()
    _without_http()
    frames_in, frames_out = own_streams()
    try:
        from kernel.tokens.library import open_library
        from kernel.tokens.vault import Vault

        journal = Journal(settings.state_dir)
        counter = TryCounter(settings.state_dir / "tries.json", settings.max_tries)
        verbs = Verbs(
            settings, Vault(open_library(settings.module, settings.state_dir), settings, counter), journal, counter
        )
    except QuayDienError as error:
        write_frame(frames_out, {"error": to_wire(error)})
        return 1
    write_frame(frames_out, {"ready": True})
    waiting: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
    threading.Thread(target=_read_all, args=(frames_in, waiting), daemon=True).start()
    _serve(verbs, waiting, frames_out)
    verbs.close()
    return 0


def _serve(verbs: Verbs, waiting: queue.SimpleQueue[Frame | None], frames_out: BinaryIO) -> None:
    warm = False
    while True:
        frame, waited = None, False
        try:
            frame = waiting.get(timeout=verbs.idle_left() if warm else _FIRST_PAUSE)
        except queue.Empty:
            warm, waited = warm or _warm_up(), True
        if verbs.idle_left() == 0:
            verbs.lock()
        if waited:
            continue
        if frame is None:
            return
        try:
            for answer in verbs.kept(_answers(verbs, frame, waiting)):
                write_frame(frames_out, *answer)
        except BrokenPipeError:
            return


def _answers(verbs: Verbs, frame: Frame, waiting: queue.SimpleQueue[Frame | None]) -> list[Answer]:
    """Do a request and those that wait behind it, as far as they share one wait for the disk."""
    answers, until = [verbs.answer(*frame)], time.monotonic() + _TOGETHER_SECONDS
    while len(answers) < _TOGETHER and time.monotonic() < until and not waiting.empty():
        following = waiting.get()
        if following is None:
            waiting.put(None)  # the end: for the one who serves
            break
        answers.append(verbs.answer(*following))
    return answers


def _without_http() -> None:
    """Keep HTTP out of this process: pyHanko imports aiohttp for time-stamp clients that are never used here.

    That is a third of its import time. The stand-in answers every name pyHanko's annotations ask for.
    """
    stand_in = ModuleType("aiohttp")
    stand_in.__getattr__ = lambda _name: object  # type: ignore[method-assign]  # PEP 562
    sys.modules["aiohttp"] = stand_in


def _warm_up() -> bool:
    """Import pyHanko (half a second) in the first pause, while nobody waits."""
    import kernel.signing.sign
    import kernel.tokens.key  # noqa: F401  # the import is the purpose

    return True


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # modules that misbehave at unload must not turn a finished session into a crash
