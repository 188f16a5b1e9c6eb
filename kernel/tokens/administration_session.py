"""Sessions of PyKCS11 for administration, and what its errors mean. Inside its own short-lived process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import PyKCS11

from kernel.tokens.errors import (
    ModuleUnusable,
    NoToken,
    PinExpired,
    PinFinalTry,
    PinLengthInvalid,
    PinLocked,
    PinWrongUncounted,
    SoPinFinalTry,
    SoPinLocked,
    SoPinWrong,
    TokenNotNamed,
    TokenRefused,
    TokenRemoved,
    TokenWriteProtected,
)
from kernel.tokens.library import refuse_unusable
from kernel.tokens.shapes import TokenInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GONE = {PyKCS11.CKR_DEVICE_REMOVED, PyKCS11.CKR_TOKEN_NOT_PRESENT, PyKCS11.CKR_SLOT_ID_INVALID}
USER, OFFICER = PyKCS11.CKU_USER, PyKCS11.CKU_SO


def open_module(module: Path) -> PyKCS11.PyKCS11Lib:
    """Load `module`. Raises ModuleNotFound, ModuleUnusable and its kinds."""
    refuse_unusable(module)
    library = PyKCS11.PyKCS11Lib()
    try:
        library.load(str(module))
    except PyKCS11.PyKCS11Error as error:
        raise ModuleUnusable(module=module, detail=_ckr(error)) from error
    return library


def present(library: PyKCS11.PyKCS11Lib) -> list[tuple[int, PyKCS11.CK_TOKEN_INFO]]:
    """Return slot and CK_TOKEN_INFO of every token present."""
    found = []
    with step("C_GetSlotList", ""):
        for slot in library.getSlotList(tokenPresent=True):
            try:
                found.append((slot, library.getTokenInfo(slot)))
            except PyKCS11.PyKCS11Error as error:
                if error.value not in _GONE:
                    raise
    return found


def slot_of(library: PyKCS11.PyKCS11Lib, serial: str) -> int:
    """Return the slot of the token with that serial number. Raises NoToken, TokenNotNamed where several have it."""
    same = [(slot, info) for slot, info in present(library) if serial_of(info) == serial]
    found = [(slot, info) for slot, info in same if info.flags & PyKCS11.CKF_TOKEN_INITIALIZED] or same
    if len(found) > 1:
        # tpm2-pkcs11 numbers all its tokens alike: a PIN must not be tried on the wrong one
        raise TokenNotNamed(tokens=", ".join(f"{label_of(info)} ({serial})" for _, info in found))
    if not found:
        raise NoToken(module=serial)
    return found[0][0]


@contextmanager
def reading(library: PyKCS11.PyKCS11Lib, slot: int, token: str) -> Iterator[PyKCS11.Session]:
    """Give a session that logs in nowhere."""
    with step("C_OpenSession", token):
        session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION)
    try:
        yield session
    finally:
        session.closeSession()


@contextmanager
def logged_in(library: PyKCS11.PyKCS11Lib, slot: int, pin: str, user: int, token: str) -> Iterator[PyKCS11.Session]:
    """Give a session that may write, logged in with one try and never the last one.

    Raises PinWrong, PinFinalTry, PinLocked (SoPin… of the security officer), PinLengthInvalid, PinExpired,
    TokenWriteProtected, TokenRemoved, TokenRefused.
    """
    _refuse_last(library.getTokenInfo(slot).flags, user, token)
    with step("C_OpenSession", token):
        session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
    try:
        with step("C_Login", token, user):
            session.login(pin, user)
        yield session
        with step("C_Logout", token):
            session.logout()
    finally:
        session.closeSession()


def _refuse_last(flags: int, user: int, token: str) -> None:
    if user == USER:
        if flags & PyKCS11.CKF_USER_PIN_LOCKED:
            raise PinLocked(token=token)
        if flags & PyKCS11.CKF_USER_PIN_FINAL_TRY:
            raise PinFinalTry(token=token)
    elif flags & PyKCS11.CKF_SO_PIN_LOCKED:
        raise SoPinLocked(token=token)
    elif flags & PyKCS11.CKF_SO_PIN_FINAL_TRY:
        raise SoPinFinalTry(token=token)


@contextmanager
def step(name: str, token: str, user: int = USER) -> Iterator[None]:
    """Turn what PyKCS11 raises in the step `name` into an error of ours."""
    try:
        yield
    except PyKCS11.PyKCS11Error as error:
        simple = {
            PyKCS11.CKR_PIN_LOCKED: PinLocked if user == USER else SoPinLocked,
            PyKCS11.CKR_PIN_LEN_RANGE: PinLengthInvalid,
            PyKCS11.CKR_PIN_INVALID: PinLengthInvalid,
            PyKCS11.CKR_PIN_EXPIRED: PinExpired,
            PyKCS11.CKR_USER_PIN_NOT_INITIALIZED: PinExpired,
            PyKCS11.CKR_TOKEN_WRITE_PROTECTED: TokenWriteProtected,
            PyKCS11.CKR_SESSION_READ_ONLY: TokenWriteProtected,
            **dict.fromkeys(_GONE, TokenRemoved),
        }.get(error.value)
        if simple is not None:
            raise simple(token=token) from None
        if error.value == PyKCS11.CKR_PIN_INCORRECT:
            wrong = PinWrongUncounted if user == USER else SoPinWrong
            raise wrong(token=token, tries_left=None) from None
        raise TokenRefused(step=name, detail=_ckr(error)) from error


def describe(info: PyKCS11.CK_TOKEN_INFO) -> TokenInfo:
    """Return CK_TOKEN_INFO in our words; this process counts no tries."""
    flags = info.flags
    return TokenInfo(
        serial=serial_of(info),
        label=label_of(info),
        model=_text(info.model),
        manufacturer=_text(info.manufacturerID),
        login_required=bool(flags & PyKCS11.CKF_LOGIN_REQUIRED),
        pin_set=bool(flags & PyKCS11.CKF_USER_PIN_INITIALIZED),
        pin_count_low=bool(flags & PyKCS11.CKF_USER_PIN_COUNT_LOW),
        pin_final_try=bool(flags & PyKCS11.CKF_USER_PIN_FINAL_TRY),
        pin_locked=bool(flags & PyKCS11.CKF_USER_PIN_LOCKED),
        protected_path=bool(flags & PyKCS11.CKF_PROTECTED_AUTHENTICATION_PATH),
        tries_left=0 if flags & PyKCS11.CKF_USER_PIN_LOCKED else 1 if flags & PyKCS11.CKF_USER_PIN_FINAL_TRY else None,
        unlocked=False,
        write_protected=bool(flags & PyKCS11.CKF_WRITE_PROTECTED),
        pin_to_be_changed=bool(flags & PyKCS11.CKF_USER_PIN_TO_BE_CHANGED),
        so_pin_to_be_changed=bool(flags & PyKCS11.CKF_SO_PIN_TO_BE_CHANGED),
    )


def label_of(info: PyKCS11.CK_TOKEN_INFO) -> str:
    """Return the token's label without its padding."""
    return _text(info.label)


def serial_of(info: PyKCS11.CK_TOKEN_INFO) -> str:
    """Return the token's serial number without its padding."""
    return _text(info.serialNumber)


def _text(value: Any) -> str:
    return str(value).partition("\0")[0].rstrip()  # some modules leave rubbish behind a closing NUL


def _ckr(error: PyKCS11.PyKCS11Error) -> str:
    return str(PyKCS11.CKR.get(error.value, error.value))
