"""A private key and its certificates from a file: PKCS #12 (RFC 7292), or PEM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from kernel.api.text import Text
from kernel.tokens.errors import IdentityIncomplete, IdentityPasswordWrong, IdentityUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Identity:
    """What a signer needs: `key` is PKCS #8 (DER), `certificate` its certificate, `chain` what was beside it (DER)."""

    key: bytes
    certificate: bytes
    chain: tuple[bytes, ...]
    key_id: bytes
    """SHA-1 of the public key (RFC 5280, 4.2.1.2): the CKA_ID most token software gives."""


def needs_password(path: Path) -> bool:
    """Tell whether the file's private key is encrypted. Raises IdentityUnreadable."""
    data = _read(path)
    return not _is_pem(data) or b"ENCRYPTED" in data


def read_identity(path: Path, password: str | None, certificate: Path | None = None) -> Identity:
    """Return the key and certificates of a file; `certificate` is another file with the certificate, where it is apart.

    Raises IdentityUnreadable, IdentityPasswordWrong, IdentityIncomplete.
    """
    data = _read(path)
    secret = password.encode() if password else None
    try:
        key, certificates = _from_pem(data, secret) if _is_pem(data) else _from_pkcs12(data, secret)
    except TypeError as error:
        raise IdentityPasswordWrong(file=path) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if "password" in str(error).lower() or "decrypt" in str(error).lower():
            raise IdentityPasswordWrong(file=path) from error
        raise IdentityUnreadable(file=path, detail=str(error)) from error
    if certificate is not None:
        certificates = [*_certificates(certificate), *certificates]
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise IdentityIncomplete(file=path, missing=Text("khóa riêng RSA hoặc EC", "private RSA or EC key"))
    return _matched(key, certificates, path)


def _matched(key: PrivateKey, certificates: Iterable[x509.Certificate], path: Path) -> Identity:
    public = _spki(key.public_key())
    own = [one for one in certificates if _spki(one.public_key()) == public]
    if not own:
        raise IdentityIncomplete(file=path, missing=Text("chứng thư của khóa", "certificate of its key"))
    chain = {one.public_bytes(Encoding.DER) for one in certificates if one not in own}
    return Identity(
        key=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        certificate=own[0].public_bytes(Encoding.DER),
        chain=tuple(sorted(chain)),
        key_id=x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest,
    )


def _from_pkcs12(data: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    found = pkcs12.load_pkcs12(data, secret)
    listed = [found.cert, *found.additional_certs]
    return found.key, [one.certificate for one in listed if one is not None]


def _from_pem(data: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    key = load_pem_private_key(data, secret) if b"PRIVATE KEY-----" in data else None
    return key, x509.load_pem_x509_certificates(data) if b"BEGIN CERTIFICATE-----" in data else []


def _certificates(path: Path) -> list[x509.Certificate]:
    data = _read(path)
    try:
        return x509.load_pem_x509_certificates(data) if _is_pem(data) else [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise IdentityUnreadable(file=path, detail=str(error)) from error


def _spki(key: object) -> bytes:
    made: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]  # every public key has it
    return made


def _is_pem(data: bytes) -> bool:
    return b"-----BEGIN " in data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IdentityUnreadable(file=path, detail=error.strerror or str(error)) from error
