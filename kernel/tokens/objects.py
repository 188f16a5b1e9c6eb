"""Read certificates and keys of a token, whatever its module leaves out or gets wrong."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import Attribute, ObjectClass

from kernel.tokens.errors import KeyAmbiguous, KeyNotFound, TokenFault
from kernel.tokens.shapes import TokenCertificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

ODD = (pkcs11.PKCS11Error, MemoryError, ValueError, OverflowError, KeyError, NotImplementedError, SystemError)
"""What python-pkcs11 raises where a module answers CK_UNAVAILABLE_INFORMATION or a value of the wrong size."""

GONE = (
    pkcs11.DeviceRemoved,
    pkcs11.TokenNotPresent,
    pkcs11.TokenNotRecognised,
    pkcs11.SlotIDInvalid,
    pkcs11.SessionHandleInvalid,
    pkcs11.SessionClosed,
)


def certificates(session: Any, *, logged_in: bool) -> list[TokenCertificate]:
    """Return the X.509 certificates of the session's token. Raises what python-pkcs11 raises when it is gone."""
    found = _objects(session, ObjectClass.CERTIFICATE)
    key_class = ObjectClass.PRIVATE_KEY if logged_in else ObjectClass.PUBLIC_KEY
    key_ids = [_bytes(key, Attribute.ID) for key in _objects(session, key_class)]
    serial, label = session.token.serial.decode("utf-8", "replace"), session.token.label
    listed = []
    for item in found:
        der = _bytes(item, Attribute.VALUE)
        if der:
            key_id = _bytes(item, Attribute.ID)
            listed.append(
                TokenCertificate(
                    der=der,
                    sha256=hashlib.sha256(der).hexdigest(),
                    key_id=key_id.hex(),
                    label=_text(item, Attribute.LABEL),
                    token_serial=serial,
                    token_label=label,
                    has_key=_has_key(key_id, key_ids, logged_in=logged_in),
                )
            )
    return listed


def private_key(session: Any, held: TokenCertificate, certificate: x509.Certificate) -> Any:
    """Return the private key of `held`: by CKA_ID, or the only one there is where no id tells.

    The public part decides wherever the token shows it. Raises KeyNotFound and KeyAmbiguous.
    """
    name = certificate.subject.rfc4514_string()
    keys = _objects(session, ObjectClass.PRIVATE_KEY)
    named = [key for key in keys if held.key_id and _bytes(key, Attribute.ID).hex() == held.key_id]
    unnamed = [key for key in keys if not held.key_id or not _bytes(key, Attribute.ID)]
    if not named and len(unnamed) > 1:
        raise KeyAmbiguous(subject=name, count=len(unnamed))
    fitting = [key for key in named or unnamed if _belongs(key, certificate)]
    if not fitting:
        raise KeyNotFound(subject=name)
    if len(fitting) > 1:
        raise KeyAmbiguous(subject=name, count=len(fitting))
    return fitting[0]


def flag(item: Any, attribute: Attribute) -> bool:
    """Return a boolean attribute, False where the token does not have it."""
    return bool(_odd_is(lambda: item[attribute], default=False))


def _objects(session: Any, kind: ObjectClass) -> list[Any]:
    try:
        return list(session.get_objects({Attribute.CLASS: kind}))
    except GONE:
        raise
    except ODD as error:
        raise TokenFault(detail=type(error).__name__) from error


def _belongs(key: Any, certificate: x509.Certificate) -> bool:
    public = certificate.public_key()
    modulus = _bytes(key, Attribute.MODULUS) if isinstance(public, rsa.RSAPublicKey) else b""
    return not modulus or (
        isinstance(public, rsa.RSAPublicKey) and int.from_bytes(modulus, "big") == public.public_numbers().n
    )


def _has_key(key_id: bytes, key_ids: list[bytes], *, logged_in: bool) -> bool | None:
    if key_id and key_id in key_ids:
        return True
    if not logged_in:
        return None
    return not key_id and len(key_ids) == 1


def _bytes(item: Any, attribute: Attribute) -> bytes:
    value = _odd_is(lambda: item[attribute], default=b"")
    return value if isinstance(value, bytes) else b""


def _text(item: Any, attribute: Attribute) -> str:
    return str(_odd_is(lambda: item[attribute], default="") or "")


def _odd_is(read: Callable[[], Any], default: object) -> Any:
    try:
        return read()
    except GONE:
        raise
    except ODD:
        return default
