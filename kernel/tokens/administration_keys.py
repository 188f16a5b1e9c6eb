"""Keys and certificates on a token, with PyKCS11, inside the administration's own process."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import PyKCS11
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

from kernel.signing.certificates import load_certificate
from kernel.tokens.administration_session import USER, describe, logged_in, present, reading, slot_of, step
from kernel.tokens.errors import CertificatePresent, RequestInvalid
from kernel.tokens.shapes import TokenCertificate

if TYPE_CHECKING:
    from collections.abc import Sequence

Template = list[tuple[int, Any]]

_CURVES: dict[str, tuple[ec.EllipticCurve, bytes]] = {
    "P-256": (ec.SECP256R1(), bytes.fromhex("06082a8648ce3d030107")),
    "P-384": (ec.SECP384R1(), bytes.fromhex("06052b81040022")),
}
"""Curves with the DER of their OID (RFC 5480, 2.1.1.1)."""

_YES, _NO = PyKCS11.CK_TRUE, PyKCS11.CK_FALSE


def list_certificates(library: PyKCS11.PyKCS11Lib) -> list[TokenCertificate]:
    """Return the certificates of the initialised tokens present, as they are seen without a PIN."""
    listed = []
    for slot, info in present(library):
        if not info.flags & PyKCS11.CKF_TOKEN_INITIALIZED:
            continue
        token = describe(info)
        with reading(library, slot, token.label) as session:
            keys = {_read(session, key, PyKCS11.CKA_ID) for key in _found(session, PyKCS11.CKO_PUBLIC_KEY)}
            for item in _found(session, PyKCS11.CKO_CERTIFICATE):
                der, key_id = _read(session, item, PyKCS11.CKA_VALUE), _read(session, item, PyKCS11.CKA_ID)
                listed.append(
                    TokenCertificate(
                        der=der,
                        sha256=hashlib.sha256(der).hexdigest(),
                        key_id=key_id.hex(),
                        label=_read(session, item, PyKCS11.CKA_LABEL).decode("utf-8", "replace"),
                        token_serial=token.serial,
                        token_label=token.label,
                        has_key=True if key_id and key_id in keys else None,
                    )
                )
    return [one for one in listed if one.der]


def generate_key(library: PyKCS11.PyKCS11Lib, *, serial: str, pin: str, label: str, key_id: bytes, kind: str) -> bytes:
    """Make a key pair inside the token and return the public key (SubjectPublicKeyInfo, DER).

    `kind` is one of `administration.KeyKind`. Raises RequestInvalid, NoToken, PinWrong, TokenRefused.
    """
    public, private = _public(label, key_id), _private(label, key_id)
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
        logged_in(library, slot_of(library, serial), pin, USER, serial) as session,
        step("C_GenerateKeyPair", serial),
    ):
        made, _ = session.generateKeyPair(public, private, mecha=mechanism)
        return _public_der(session, made, kind)


def import_certificate(
    library: PyKCS11.PyKCS11Lib, *, serial: str, pin: str, label: str, key_id: bytes, der: bytes
) -> None:
    """Put a certificate next to its key. Raises CertificateInvalid, NoToken, PinWrong, TokenRefused."""
    template = _certificate(label, key_id, der)
    with (
        logged_in(library, slot_of(library, serial), pin, USER, serial) as session,
        step("C_CreateObject", serial),
    ):
        session.createObject(template)


def import_identity(
    library: PyKCS11.PyKCS11Lib,
    *,
    serial: str,
    pin: str,
    label: str,
    key_id: bytes,
    key: bytes,
    certificates: Sequence[bytes],
) -> None:
    """Put a private key (PKCS #8, DER), its certificate and the certificates above it on the token: all or none.

    Raises CertificateInvalid, CertificatePresent, RequestInvalid, NoToken, PinWrong, TokenWriteProtected,
    TokenRefused.
    """
    private, public = _key_templates(load_der_private_key(key, None), label, key_id)
    own, *above = certificates
    templates = [private, public, _certificate(label, key_id, own)]
    with logged_in(library, slot_of(library, serial), pin, USER, serial) as session, step("C_CreateObject", serial):
        there = {_read(session, item, PyKCS11.CKA_VALUE) for item in _found(session, PyKCS11.CKO_CERTIFICATE)}
        if own in there:
            raise CertificatePresent(token=serial)
        templates += [_certificate("CA", b"", der) for der in above if der not in there]
        made: list[Any] = []
        try:
            made.extend(session.createObject(template) for template in templates)
        except PyKCS11.PyKCS11Error:
            for handle in made:
                session.destroyObject(handle)
            raise


def _public(label: str, key_id: bytes) -> Template:
    # what a public key may do is left to the token: tpm2-pkcs11 refuses a pair where both halves say it
    return [
        (PyKCS11.CKA_TOKEN, _YES), (PyKCS11.CKA_LABEL, label), (PyKCS11.CKA_ID, key_id), (PyKCS11.CKA_PRIVATE, _NO),
    ]  # fmt: skip


def _private(label: str, key_id: bytes) -> Template:
    # a signing key signs and does nothing else
    return [
        (PyKCS11.CKA_TOKEN, _YES), (PyKCS11.CKA_LABEL, label), (PyKCS11.CKA_ID, key_id),
        (PyKCS11.CKA_PRIVATE, _YES), (PyKCS11.CKA_SENSITIVE, _YES), (PyKCS11.CKA_EXTRACTABLE, _NO),
        (PyKCS11.CKA_SIGN, _YES), (PyKCS11.CKA_DECRYPT, _NO), (PyKCS11.CKA_UNWRAP, _NO),
    ]  # fmt: skip


def _key_templates(key: Any, label: str, key_id: bytes) -> tuple[Template, Template]:
    private: Template = [(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY), *_private(label, key_id)]
    public: Template = [(PyKCS11.CKA_CLASS, PyKCS11.CKO_PUBLIC_KEY), *_public(label, key_id)]
    if isinstance(key, rsa.RSAPrivateKey):
        own = key.private_numbers()
        shared = [
            (PyKCS11.CKA_KEY_TYPE, PyKCS11.CKK_RSA),
            (PyKCS11.CKA_MODULUS, _octets(own.public_numbers.n)),
            (PyKCS11.CKA_PUBLIC_EXPONENT, _octets(own.public_numbers.e)),
        ]
        parts = (
            (PyKCS11.CKA_PRIVATE_EXPONENT, own.d), (PyKCS11.CKA_PRIME_1, own.p), (PyKCS11.CKA_PRIME_2, own.q),
            (PyKCS11.CKA_EXPONENT_1, own.dmp1), (PyKCS11.CKA_EXPONENT_2, own.dmq1), (PyKCS11.CKA_COEFFICIENT, own.iqmp),
        )  # fmt: skip
        return private + shared + [(name, _octets(value)) for name, value in parts], public + shared
    oid = next((der for curve, der in _CURVES.values() if curve.name == key.curve.name), None)
    if oid is None:
        raise RequestInvalid(detail=f"curve {key.curve.name}")
    shared = [(PyKCS11.CKA_KEY_TYPE, PyKCS11.CKK_EC), (PyKCS11.CKA_EC_PARAMS, oid)]
    size = (key.key_size + 7) // 8
    secret = key.private_numbers().private_value.to_bytes(size, "big")
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # an OCTET STRING around the point (PKCS#11 v2.40 mechanisms, 2.3.3); both lengths stay below 128
    wrapped = b"\x04" + bytes([len(point)]) + point
    return [*private, *shared, (PyKCS11.CKA_VALUE, secret)], [*public, *shared, (PyKCS11.CKA_EC_POINT, wrapped)]


def _certificate(label: str, key_id: bytes, der: bytes) -> Template:
    subject = load_certificate(der).subject.public_bytes()
    return [
        (PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE), (PyKCS11.CKA_CERTIFICATE_TYPE, PyKCS11.CKC_X_509),
        (PyKCS11.CKA_TOKEN, _YES), (PyKCS11.CKA_PRIVATE, _NO), (PyKCS11.CKA_LABEL, label), (PyKCS11.CKA_ID, key_id),
        (PyKCS11.CKA_SUBJECT, subject), (PyKCS11.CKA_VALUE, der),
    ]  # fmt: skip


def _public_der(session: PyKCS11.Session, handle: Any, kind: str) -> bytes:
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    if kind in _CURVES:
        raw = _read(session, handle, PyKCS11.CKA_EC_POINT)
        # some tokens leave the OCTET STRING out
        inner = raw[2:] if raw[:1] == b"\x04" and len(raw) == raw[1] + 2 else raw
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kind][0], inner)
    else:
        modulus, exponent = (_read(session, handle, one) for one in (PyKCS11.CKA_MODULUS, PyKCS11.CKA_PUBLIC_EXPONENT))
        key = rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _found(session: PyKCS11.Session, kind: int) -> list[Any]:
    with step("C_FindObjects", ""):
        return list(session.findObjects([(PyKCS11.CKA_CLASS, kind)]))


def _read(session: PyKCS11.Session, item: Any, attribute: int) -> bytes:
    """Return an attribute, empty where the token does not have it."""
    try:
        (value,) = session.getAttributeValue(item, [attribute], allAsBinary=True)
    except PyKCS11.PyKCS11Error:
        return b""
    return bytes(value) if value is not None else b""
