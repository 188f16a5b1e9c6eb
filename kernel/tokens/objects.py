"""Read certificates and keys of a token, whatever its module leaves out or gets wrong."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import Attribute, KeyType, ObjectClass

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
    listed: dict[str, TokenCertificate] = {}
    for item in found:
        der = _bytes(item, Attribute.VALUE)
        if not der:
            continue
        key_id = _bytes(item, Attribute.ID)
        read = TokenCertificate(
            der=der,
            sha256=hashlib.sha256(der).hexdigest(),
            key_id=key_id.hex(),
            label=_text(item, Attribute.LABEL),
            token_serial=serial,
            token_label=label,
            has_key=_has_key(key_id, key_ids, logged_in=logged_in),
        )
        # a certificate stored twice is one; the copy that leads to a key counts
        if read.sha256 not in listed or read.has_key:
            listed[read.sha256] = read
    return list(listed.values())


def private_key(session: Any, held: TokenCertificate, certificate: x509.Certificate) -> Any:
    """Return the private key of `held`: by its public part, else by CKA_ID, else the only one of its kind there is.

    Raises KeyNotFound and KeyAmbiguous.
    """
    name = certificate.subject.rfc4514_string()
    judged = [(key, _belongs(key, certificate)) for key in _objects(session, ObjectClass.PRIVATE_KEY)]
    proven = [key for key, belongs in judged if belongs]
    if proven:
        return proven[0]
    keys = [key for key, belongs in judged if belongs is None]
    named = [key for key in keys if held.key_id and _bytes(key, Attribute.ID).hex() == held.key_id]
    fitting = named or [key for key in keys if not held.key_id or not _bytes(key, Attribute.ID)]
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


def _belongs(key: Any, certificate: x509.Certificate) -> bool | None:
    """Tell whether the key is the certificate's, None where the token shows too little of it.

    A private RSA key shows its modulus, one on a curve nothing but the curve (PKCS#11 v2.40 mechanisms, 2.1.3, 2.3.4).
    """
    public = certificate.public_key()
    kind = _odd_is(lambda: key[Attribute.KEY_TYPE], default=None)
    if isinstance(public, rsa.RSAPublicKey):
        modulus = _bytes(key, Attribute.MODULUS)
        if modulus:
            return int.from_bytes(modulus, "big") == public.public_numbers().n
        return None if kind in {KeyType.RSA, None} else False
    return None if kind in {KeyType.EC, None} else False


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
