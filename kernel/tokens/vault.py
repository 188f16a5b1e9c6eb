"""The token of the signer process: what it holds, and the one session that may be unlocked.

Closing any session of python-pkcs11 that logged in logs out every session, so there is at most one of that kind, and
looking around uses it while it is open.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pkcs11
from pkcs11 import TokenFlag

from kernel.signing.certificates import load_certificate
from kernel.tokens import objects
from kernel.tokens.errors import (
    BatchCertificateChanged,
    CertificateNotFound,
    NotAsked,
    NoToken,
    PinExpired,
    PinLengthInvalid,
    PinLocked,
    PinRequired,
    PinWrong,
    TokenError,
    TokenFault,
    TokenLoggedOut,
    TokenRemoved,
)
from kernel.tokens.pins import PinFlags
from kernel.tokens.shapes import Errand, Errands, TokenInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkcs11._pkcs11 import lib as Library  # noqa: N812  # python-pkcs11 names the class in lower case

    from kernel.tokens.pins import TryCounter
    from kernel.tokens.settings import SignerSettings
    from kernel.tokens.shapes import TokenCertificate

_READER = (pkcs11.DeviceError, pkcs11.GeneralError, pkcs11.FunctionFailed)
"""Answers that may mean anything, a token pulled out among them."""


@dataclass(slots=True)
class _Unlocked:
    session: Any
    serial: str
    label: str
    certificate: str
    errands: Errands
    pin: str | None
    """Kept only for keys that want it again for every signature (CKA_ALWAYS_AUTHENTICATE); empty for a pin pad."""
    used_at: float
    key: Any = None
    mechanisms: frozenset[object] | None = None


class Vault:
    """Tokens of one module. Not thread-safe: one thread owns it."""

    def __init__(self, library: Library, settings: SignerSettings, counter: TryCounter) -> None:
        self._library = library
        self._settings = settings
        self._counter = counter
        self._unlocked: _Unlocked | None = None
        self._listed: tuple[TokenCertificate, ...] = ()
        self._refused: set[tuple[str, object]] = set()

    def tokens(self) -> list[TokenInfo]:
        """Return the initialised tokens that are present."""
        return [self._info(token) for token in self._present()]

    def certificates(self) -> list[TokenCertificate]:
        """Return the certificates of all tokens present. Raises TokenRemoved and TokenFault."""
        listed: list[TokenCertificate] = []
        for token in self._present():
            with self._looking(token) as (session, logged_in):
                listed += objects.certificates(session, logged_in=logged_in)
        return listed

    def find(self, certificate: str) -> TokenCertificate:
        """Return the certificate of that SHA-256, for a batch the one it was opened with.

        Raises NoToken and CertificateNotFound.
        """
        if self.unlocked_for != certificate:
            self._listed = tuple(self.certificates())
        found = next((item for item in self._listed if item.sha256 == certificate), None)
        if found is None:
            if not self._present():
                raise NoToken(module=self._settings.module)
            raise CertificateNotFound(certificate=certificate)
        return found

    def beside(self) -> tuple[TokenCertificate, ...]:
        """Return the certificates `find` has seen last."""
        return self._listed

    def mechanisms(self, held: TokenCertificate) -> frozenset[object]:
        """Return the mechanisms of the token that holds the certificate.

        A token that is unlocked for it was asked once: when it is gone, the signature itself will say so.
        """
        unlocked = self._unlocked if self.unlocked_for == held.sha256 else None
        if unlocked is not None and unlocked.mechanisms is not None:
            return unlocked.mechanisms
        with self.guard(held.token_label):
            listed = self._token(held).slot.get_mechanisms()
        usable = frozenset(one for one in listed if (held.token_serial, one) not in self._refused)
        if unlocked is not None:
            unlocked.mechanisms = usable
        return usable

    def refused(self, held: TokenCertificate, mechanism: object) -> None:
        """Take a mechanism off the token's list: it was refused, and would be for every signature."""
        self._refused.add((held.token_serial, mechanism))
        if self._unlocked is not None:
            self._unlocked.mechanisms = None

    def unlock(self, held: TokenCertificate, pin: str | None, errands: Errands) -> None:
        """Log in to the token of `held`, once, for these errands with this certificate, and find its key.

        `pin` of None uses the reader's own pad. Raises PinRequired, PinWrong, PinLocked, PinFinalTry,
        PinLengthInvalid, PinExpired, KeyNotFound, KeyAmbiguous, TokenRemoved, TokenFault.
        """
        self.lock()
        with self.guard(held.token_label):
            token = self._token(held)
            flags = _pin_flags(token)
            self._counter.refuse_last(held.token_serial, flags, held.token_label)
            given: Any = pin or (pkcs11.PROTECTED_AUTH if _has(token, "PROTECTED_AUTHENTICATION_PATH") else None)
            if given is None:
                raise PinRequired(token=held.token_label)
            session = self._log_in(token, held, given, flags)
            self._unlocked = _Unlocked(
                session, held.token_serial, held.token_label, held.sha256, errands, pin, time.monotonic()
            )
            try:
                self._take_key(self._unlocked, held)
            except TokenError:
                self.lock()
                raise

    def authorise(self, held: TokenCertificate, errand: Errand) -> None:
        """Check that the token is unlocked for this errand. Raises PinRequired, BatchCertificateChanged, NotAsked."""
        if self._unlocked is None:
            raise PinRequired(token=held.token_label)
        if self._unlocked.certificate != held.sha256:
            raise BatchCertificateChanged
        if errand not in self._unlocked.errands:
            raise NotAsked(document=errand.document_id, purpose=str(errand.purpose))

    def key(self, held: TokenCertificate) -> tuple[Any, str | None]:
        """Return the private key and the PIN it wants for this signature (CKA_ALWAYS_AUTHENTICATE), or None.

        Raises PinRequired.
        """
        if self._unlocked is None:
            raise PinRequired(token=held.token_label)
        self._unlocked.used_at = time.monotonic()
        return self._unlocked.key, self._unlocked.pin

    def wrong_again(self, held: TokenCertificate) -> PinWrong | PinLocked:
        """Return the error of a PIN refused for one signature after the login took it, and lock."""
        flags = _pin_flags(self._token(held))
        self._counter.spend(held.token_serial, flags)
        self.lock()
        return self._counter.wrong(held.token_serial, flags, held.token_label)

    def lock(self) -> None:
        """Log out and forget the PIN and the errands, whatever the token answers."""
        unlocked, self._unlocked = self._unlocked, None
        if unlocked is not None:
            unlocked.pin = None
            try:
                unlocked.session.close()
            except objects.ODD as error:
                if not isinstance(error, (*objects.GONE, pkcs11.UserNotLoggedIn)):
                    raise TokenFault(detail=type(error).__name__) from error

    @property
    def unlocked_for(self) -> str | None:
        """SHA-256 of the certificate the token is unlocked for, None while locked."""
        return self._unlocked.certificate if self._unlocked else None

    def idle_left(self) -> float | None:
        """Return the seconds until the token must be locked, None while it is locked or stands unlocked."""
        if self._unlocked is None or self._unlocked.errands.standing:
            return None
        return max(self._unlocked.used_at + self._settings.idle_seconds - time.monotonic(), 0)

    @contextmanager
    def guard(self, token: str) -> Iterator[None]:
        """Turn what python-pkcs11 raises into an error of ours, and forget a session that is gone."""
        try:
            yield
        except objects.GONE as error:
            self._unlocked = None
            raise TokenRemoved(token=token) from error
        except pkcs11.UserNotLoggedIn as error:
            self._unlocked = None
            raise TokenLoggedOut(token=token) from error
        except _READER as error:
            serial = self._unlocked.serial if self._unlocked else None
            if serial is not None and serial not in {_serial(item) for item in self._present()}:
                self._unlocked = None
                raise TokenRemoved(token=token) from error
            raise TokenFault(detail=type(error).__name__) from error
        except objects.ODD as error:
            raise TokenFault(detail=type(error).__name__) from error

    def _take_key(self, unlocked: _Unlocked, held: TokenCertificate) -> None:
        unlocked.key = objects.private_key(unlocked.session, held, load_certificate(held.der))
        if not objects.flag(unlocked.key, pkcs11.Attribute.ALWAYS_AUTHENTICATE):
            unlocked.pin = None
        elif unlocked.pin is None:
            # python-pkcs11 gives a text or asks nothing; an empty one sends the reader to its pad again
            unlocked.pin = ""

    def _log_in(self, token: Any, held: TokenCertificate, given: Any, flags: PinFlags) -> Any:
        serial, label = held.token_serial, held.token_label
        self._counter.spend(serial, flags)
        try:
            session = token.open(user_pin=given)
        except pkcs11.PinIncorrect:
            now = _pin_flags(self._token(held))
            raise self._counter.wrong(serial, now, label) from None
        except pkcs11.PinLocked:
            raise PinLocked(token=label) from None
        except _READER:
            raise
        except objects.ODD as error:
            self._counter.refund(serial)
            if isinstance(error, pkcs11.PinLenRange | pkcs11.PinInvalid):
                raise PinLengthInvalid(token=label) from None
            if isinstance(error, pkcs11.PinExpired | pkcs11.UserPinNotInitialized):
                raise PinExpired(token=label) from None
            raise
        self._counter.forget(serial)
        return session

    def _present(self) -> list[Any]:
        present = []
        with self._listing():
            for slot in self._library.get_slots(token_present=True):
                try:
                    token = slot.get_token()
                except objects.GONE:
                    continue
                # some modules forget the flag, others show an empty slot with a number
                if _has(token, "TOKEN_INITIALIZED") or (token.serial and token.label):
                    present.append(token)
        return present

    @contextmanager
    def _listing(self) -> Iterator[None]:
        try:
            yield
        except objects.GONE:
            return
        except objects.ODD as error:
            raise TokenFault(detail=type(error).__name__) from error

    def _token(self, held: TokenCertificate) -> Any:
        for token in self._present():
            if _serial(token) == held.token_serial and token.label == held.token_label:
                return token
        self._unlocked = None
        raise TokenRemoved(token=held.token_label)

    @contextmanager
    def _looking(self, token: Any) -> Iterator[tuple[Any, bool]]:
        with self.guard(token.label):
            if self._unlocked is not None and self._is_unlocked(token):
                yield self._unlocked.session, True
                return
            session = token.open()
            try:
                yield session, False
            finally:
                session.close()

    def _is_unlocked(self, token: Any) -> bool:
        unlocked = self._unlocked
        return unlocked is not None and (unlocked.serial, unlocked.label) == (_serial(token), token.label)

    def _info(self, token: Any) -> TokenInfo:
        flags, serial = _pin_flags(token), _serial(token)
        return TokenInfo(
            serial=serial,
            label=token.label,
            model=token.model,
            manufacturer=token.manufacturer_id,
            login_required=_has(token, "LOGIN_REQUIRED"),
            pin_set=_has(token, "USER_PIN_INITIALIZED"),
            pin_count_low=flags.count_low,
            pin_final_try=flags.final_try,
            pin_locked=flags.locked,
            protected_path=_has(token, "PROTECTED_AUTHENTICATION_PATH"),
            tries_left=self._counter.tries_left(serial, flags),
            unlocked=self._is_unlocked(token),
            write_protected=_has(token, "WRITE_PROTECTED"),
            pin_to_be_changed=_has(token, "USER_PIN_TO_BE_CHANGED"),
            so_pin_to_be_changed=_has(token, "SO_PIN_TO_BE_CHANGED"),
        )


def _serial(token: Any) -> str:
    return str(token.serial.decode("utf-8", "replace"))


def _has(token: Any, flag: str) -> bool:
    return bool(token.flags & TokenFlag[flag])


def _pin_flags(token: Any) -> PinFlags:
    return PinFlags(
        count_low=_has(token, "USER_PIN_COUNT_LOW"),
        final_try=_has(token, "USER_PIN_FINAL_TRY"),
        locked=_has(token, "USER_PIN_LOCKED"),
    )
