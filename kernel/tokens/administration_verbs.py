"""Administration of tokens with PyKCS11, inside its own short-lived process: what is there, initialising, PINs."""

from __future__ import annotations

from contextlib import suppress

import PyKCS11

from kernel.tokens.administration_session import (
    OFFICER,
    USER,
    describe,
    label_of,
    logged_in,
    open_module,
    present,
    reading,
    serial_of,
    slot_of,
    step,
)
from kernel.tokens.errors import LabelInvalid, NoToken, PinExpired
from kernel.tokens.shapes import TokenInfo

__all__ = ["change_pin", "change_so_pin", "init_token", "list_tokens", "open_module", "unblock"]

_LABEL_BYTES = 32
"""CK_TOKEN_INFO.label (PKCS#11 v2.40, 3.2)."""


def list_tokens(library: PyKCS11.PyKCS11Lib) -> list[TokenInfo]:
    """Return the tokens present that are initialised."""
    return [describe(info) for _, info in present(library) if info.flags & PyKCS11.CKF_TOKEN_INITIALIZED]


def init_token(library: PyKCS11.PyKCS11Lib, *, serial: str | None, label: str, so_pin: str, pin: str) -> TokenInfo:
    """Make a token empty and give it a label and PINs: the one of `serial`, or the first that was never initialised.

    Raises LabelInvalid, NoToken, SoPinWrong, SoPinLocked, PinLengthInvalid, TokenWriteProtected, TokenRefused.
    """
    if not label.strip() or len(label.encode()) > _LABEL_BYTES:
        raise LabelInvalid(label=label)
    before = {serial_of(info) for _, info in present(library)}
    slot = slot_of(library, serial) if serial is not None else _free_slot(library)
    with step("C_InitToken", label, OFFICER):
        library.initToken(slot, so_pin, _padded(label))
    # some modules give the token another slot, and a serial, only now
    found = [
        (place, info)
        for place, info in present(library)
        if label_of(info) == label and (place == slot or serial_of(info) == serial or serial_of(info) not in before)
    ]
    if not found:
        raise NoToken(module=label)
    place = found[0][0]
    with logged_in(library, place, so_pin, OFFICER, label) as session, step("C_InitPIN", label):
        session.initPin(pin)
    return describe(library.getTokenInfo(place))


def change_pin(library: PyKCS11.PyKCS11Lib, *, serial: str, old_pin: str, new_pin: str) -> None:
    """Change the user PIN, with one try. Raises NoToken, PinWrong, PinFinalTry, PinLocked, PinLengthInvalid."""
    slot = slot_of(library, serial)
    with logged_in(library, slot, old_pin, USER, serial) as session, step("C_SetPIN", serial):
        session.setPin(old_pin, new_pin)


def unblock(library: PyKCS11.PyKCS11Lib, *, serial: str, so_pin: str, new_pin: str) -> None:
    """Give a locked token a new user PIN, with one try of the security officer's.

    Raises NoToken, SoPinWrong, SoPinFinalTry, SoPinLocked, PinLengthInvalid, TokenWriteProtected, TokenRefused.
    """
    slot = slot_of(library, serial)
    with logged_in(library, slot, so_pin, OFFICER, serial) as session, step("C_InitPIN", serial):
        session.initPin(new_pin)
    # openCryptoki goes on telling of one try left until it has seen the right PIN: it is known here, and shown once
    with suppress(PinExpired), reading(library, slot, serial) as session, step("C_Login", serial):
        session.login(new_pin, USER)
        session.logout()


def change_so_pin(library: PyKCS11.PyKCS11Lib, *, serial: str, old_pin: str, new_pin: str) -> None:
    """Change the security officer's PIN, with one try. Raises as `unblock`."""
    slot = slot_of(library, serial)
    with logged_in(library, slot, old_pin, OFFICER, serial) as session, step("C_SetPIN", serial, OFFICER):
        session.setPin(old_pin, new_pin)


def _padded(label: str) -> str:
    """Return the label blank-padded to 32 bytes: C_InitToken reads so many, and PyKCS11 hands on what it is given."""
    return label + " " * (_LABEL_BYTES - len(label.encode()))


def _free_slot(library: PyKCS11.PyKCS11Lib) -> int:
    for slot, info in present(library):
        if not info.flags & PyKCS11.CKF_TOKEN_INITIALIZED:
            return slot
    raise NoToken(module="")
