"""Administration of tokens with PyKCS11, inside its own short-lived process."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import PyKCS11
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.signing.certificates import load_certificate
from kernel.tokens.errors import (
    LabelInvalid,
    ModuleUnusable,
    NoToken,
    PinExpired,
    PinFinalTry,
    PinLengthInvalid,
    PinLocked,
    PinWrongUncounted,
    RequestInvalid,
    TokenRefused,
    TokenRemoved,
    TokenWriteProtected,
)
from kernel.tokens.library import refuse_unusable
from kernel.tokens.shapes import TokenInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LABEL_BYTES = 32
"""CK_TOKEN_INFO.label (PKCS#11 v2.40, 3.2)."""

_CURVES: dict[str, tuple[ec.EllipticCurve, bytes]] = {
    "P-256": (ec.SECP256R1(), bytes.fromhex("06082a8648ce3d030107")),
    "P-384": (ec.SECP384R1(), bytes.fromhex("06052b81040022")),
}
"""Curves with the DER of their OID (RFC 5480, 2.1.1.1)."""

_YES, _NO = PyKCS11.CK_TRUE, PyKCS11.CK_FALSE
_GONE = {PyKCS11.CKR_DEVICE_REMOVED, PyKCS11.CKR_TOKEN_NOT_PRESENT, PyKCS11.CKR_SLOT_ID_INVALID}


def open_module(module: Path) -> PyKCS11.PyKCS11Lib:
    """Load `module`. Raises ModuleNotFound, ModuleUnusable and its kinds."""
    refuse_unusable(module)
    library = PyKCS11.PyKCS11Lib()
    try:
        library.load(str(module))
    except PyKCS11.PyKCS11Error as error:
        raise ModuleUnusable(module=module, detail=_ckr(error)) from error
    return library


def list_tokens(library: PyKCS11.PyKCS11Lib) -> list[TokenInfo]:
    """Return the tokens present that are initialised."""
    return [describe(info) for _, info in _present(library) if info.flags & PyKCS11.CKF_TOKEN_INITIALIZED]


def init_token(library: PyKCS11.PyKCS11Lib, *, serial: str | None, label: str, so_pin: str, pin: str) -> TokenInfo:
    """Make a token empty and give it a label and PINs: the one of `serial`, or the first that was never initialised.

    Raises LabelInvalid, NoToken, PinWrong (of the security officer), PinLengthInvalid, TokenRefused.
    """
    if not label.strip() or len(label.encode()) > _LABEL_BYTES:
        raise LabelInvalid(label=label)
    before = {_serial(info) for _, info in _present(library)}
    slot = _slot(library, serial) if serial is not None else _free_slot(library)
    with _step("C_InitToken", label):
        library.initToken(slot, so_pin, label)
    # some modules give the token another slot, and a serial, only now
    found = [
        (place, info)
        for place, info in _present(library)
        if _label(info) == label and (_serial(info) == serial or _serial(info) not in before)
    ]
    if not found:
        raise NoToken(module=label)
    place = found[0][0]
    with _logged_in(library, place, so_pin, PyKCS11.CKU_SO, label) as session, _step("C_InitPIN", label):
        session.initPin(pin)
    return describe(library.getTokenInfo(place))


def generate_key(library: PyKCS11.PyKCS11Lib, *, serial: str, pin: str, label: str, key_id: bytes, kind: str) -> bytes:
    """Make a key pair inside the token and return the public key (SubjectPublicKeyInfo, DER).

    `kind` is one of `administration.KeyKind`. Raises RequestInvalid, NoToken, PinWrong, TokenRefused.
    """
    both = [(PyKCS11.CKA_TOKEN, _YES), (PyKCS11.CKA_LABEL, label), (PyKCS11.CKA_ID, key_id)]
    # a signing key signs and does nothing else
    public = [
        *both, (PyKCS11.CKA_PRIVATE, _NO), (PyKCS11.CKA_VERIFY, _YES),
        (PyKCS11.CKA_ENCRYPT, _NO), (PyKCS11.CKA_WRAP, _NO),
    ]  # fmt: skip
    private = [
        *both, (PyKCS11.CKA_PRIVATE, _YES), (PyKCS11.CKA_SENSITIVE, _YES), (PyKCS11.CKA_EXTRACTABLE, _NO),
        (PyKCS11.CKA_SIGN, _YES), (PyKCS11.CKA_DECRYPT, _NO), (PyKCS11.CKA_UNWRAP, _NO),
    ]  # fmt: skip
    if kind in {"RSA-2048", "RSA-3072", "RSA-4096"}:
        mechanism = PyKCS11.MechanismRSAGENERATEKEYPAIR
        public += [
            (PyKCS11.CKA_MODULUS_BITS, int(kind.removeprefix("RSA-"))),
            (PyKCS11.CKA_PUBLIC_EXPONENT, b"\x01\x00\x01"),
        ]
    elif kind in _CURVES:
        mechanism = PyKCS11.MechanismECGENERATEKEYPAIR
        public.append((PyKCS11.CKA_EC_PARAMS, _CURVES[kind][1]))
    else:
        raise RequestInvalid(detail=f"kind {kind}")
    with (
        _logged_in(library, _slot(library, serial), pin, PyKCS11.CKU_USER, serial) as session,
        _step("C_GenerateKeyPair", serial),
    ):
        made, _ = session.generateKeyPair(public, private, mecha=mechanism)
        return _public_der(session, made, kind)


def import_certificate(
    library: PyKCS11.PyKCS11Lib, *, serial: str, pin: str, label: str, key_id: bytes, der: bytes
) -> None:
    """Put a certificate next to its key. Raises CertificateInvalid, NoToken, PinWrong, TokenRefused."""
    certificate = load_certificate(der)
    template = [
        (PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE), (PyKCS11.CKA_CERTIFICATE_TYPE, PyKCS11.CKC_X_509),
        (PyKCS11.CKA_TOKEN, _YES), (PyKCS11.CKA_PRIVATE, _NO), (PyKCS11.CKA_LABEL, label), (PyKCS11.CKA_ID, key_id),
        (PyKCS11.CKA_SUBJECT, certificate.subject.public_bytes()), (PyKCS11.CKA_VALUE, der),
    ]  # fmt: skip
    with (
        _logged_in(library, _slot(library, serial), pin, PyKCS11.CKU_USER, serial) as session,
        _step("C_CreateObject", serial),
    ):
        session.createObject(template)


def change_pin(library: PyKCS11.PyKCS11Lib, *, serial: str, old_pin: str, new_pin: str) -> None:
    """Change the user PIN, with one try. Raises NoToken, PinWrong, PinFinalTry, PinLocked, PinLengthInvalid."""
    slot = _slot(library, serial)
    with _logged_in(library, slot, old_pin, PyKCS11.CKU_USER, serial) as session, _step("C_SetPIN", serial):
        session.setPin(old_pin, new_pin)


def describe(info: PyKCS11.CK_TOKEN_INFO) -> TokenInfo:
    """Return CK_TOKEN_INFO in our words; this process counts no tries."""
    flags = info.flags
    return TokenInfo(
        serial=_serial(info),
        label=_label(info),
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
    )


def _present(library: PyKCS11.PyKCS11Lib) -> list[tuple[int, PyKCS11.CK_TOKEN_INFO]]:
    found = []
    with _step("C_GetSlotList", ""):
        for slot in library.getSlotList(tokenPresent=True):
            try:
                found.append((slot, library.getTokenInfo(slot)))
            except PyKCS11.PyKCS11Error as error:
                if error.value not in _GONE:
                    raise
    return found


def _slot(library: PyKCS11.PyKCS11Lib, serial: str) -> int:
    for slot, info in _present(library):
        if _serial(info) == serial:
            return slot
    raise NoToken(module=serial)


def _free_slot(library: PyKCS11.PyKCS11Lib) -> int:
    for slot, info in _present(library):
        if not info.flags & PyKCS11.CKF_TOKEN_INITIALIZED:
            return slot
    raise NoToken(module="")


@contextmanager
def _logged_in(library: PyKCS11.PyKCS11Lib, slot: int, pin: str, user: int, token: str) -> Iterator[PyKCS11.Session]:
    info = describe(library.getTokenInfo(slot))
    if user == PyKCS11.CKU_USER and info.pin_locked:
        raise PinLocked(token=token)
    if user == PyKCS11.CKU_USER and info.pin_final_try:
        raise PinFinalTry(token=token)
    with _step("C_OpenSession", token):
        session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
    try:
        with _step("C_Login", token):
            session.login(pin, user)
        yield session
        with _step("C_Logout", token):
            session.logout()
    finally:
        session.closeSession()


@contextmanager
def _step(name: str, token: str) -> Iterator[None]:
    try:
        yield
    except PyKCS11.PyKCS11Error as error:
        simple = {
            PyKCS11.CKR_PIN_LOCKED: PinLocked,
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
            raise PinWrongUncounted(token=token, tries_left=None) from None
        raise TokenRefused(step=name, detail=_ckr(error)) from error


def _ckr(error: PyKCS11.PyKCS11Error) -> str:
    return str(PyKCS11.CKR.get(error.value, error.value))


def _public_der(session: PyKCS11.Session, handle: Any, kind: str) -> bytes:
    if kind in _CURVES:
        (point,) = session.getAttributeValue(handle, [PyKCS11.CKA_EC_POINT])
        raw = bytes(point)
        # CKA_EC_POINT is an OCTET STRING around the point (PKCS#11 v2.40 mechanisms, 2.3.3); some tokens leave it out
        inner = raw[2:] if raw[:1] == b"\x04" and len(raw) == raw[1] + 2 else raw
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey = ec.EllipticCurvePublicKey.from_encoded_point(
            _CURVES[kind][0], inner
        )
    else:
        modulus, exponent = session.getAttributeValue(handle, [PyKCS11.CKA_MODULUS, PyKCS11.CKA_PUBLIC_EXPONENT])
        key = rsa.RSAPublicNumbers(
            int.from_bytes(bytes(exponent), "big"), int.from_bytes(bytes(modulus), "big")
        ).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _label(info: PyKCS11.CK_TOKEN_INFO) -> str:
    return _text(info.label)


def _serial(info: PyKCS11.CK_TOKEN_INFO) -> str:
    return _text(info.serialNumber)


def _text(value: Any) -> str:
    return str(value).rstrip("\0 ")
