"""What a verifier believes in: roots, further certificates, revocation lists. Nothing comes from the machine."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.signing.errors import TrustUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Trust", "load_trust", "read_trust"]

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"})


@dataclass(frozen=True, slots=True)
class Trust:
    """Roots, intermediates and revocation lists, each as DER.

    `allow_fetching` permits asking the CRL and OCSP addresses in certificates, over the network.
    """

    roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    allow_fetching: bool = False


def load_trust(paths: Iterable[Path], *, allow_fetching: bool = False) -> Trust:
    """Return the trust of some files: PEM bundles of certificates and `X509 CRL` blocks, or DER of either.

    A self-signed certificate is a root, any other an intermediate. Raises TrustUnreadable with the file.
    """
    trust = Trust(allow_fetching=allow_fetching)
    for path in paths:
        try:
            data = Path(path).read_bytes()
        except OSError as problem:
            raise TrustUnreadable(file=str(path), detail=problem.strerror or str(problem)) from problem
        trust = read_trust(data, str(path), trust)
    return trust


def read_trust(data: bytes, name: str, onto: Trust | None = None) -> Trust:
    """Return `onto` with the certificates and lists of one file's bytes added. Raises TrustUnreadable."""
    trust = onto or Trust()
    certificates, lists = _split(data, name)
    roots = [der for der in certificates if _self_signed(der)]
    others = [der for der in certificates if der not in roots]
    return Trust((*trust.roots, *roots), (*trust.intermediates, *others), (*trust.crls, *lists), trust.allow_fetching)


def _split(data: bytes, name: str) -> tuple[list[bytes], list[bytes]]:
    certificates: list[bytes] = []
    lists: list[bytes] = []
    try:
        for label, body in _BLOCK.findall(data):
            der = base64.b64decode(re.sub(rb"\s+", b"", body), validate=True)
            if label in _CERTIFICATES:
                certificates.append(_certificate(der))
            elif label == b"X509 CRL":
                x509.load_der_x509_crl(der)
                lists.append(der)
        if not certificates and not lists:
            _read_der(data, certificates, lists)
    except (ValueError, TypeError, binascii.Error) as problem:
        raise TrustUnreadable(file=name, detail=str(problem)) from problem
    return certificates, lists


def _read_der(data: bytes, certificates: list[bytes], lists: list[bytes]) -> None:
    try:
        certificates.append(_certificate(data))
    except ValueError:
        x509.load_der_x509_crl(data)
        lists.append(data)


def _certificate(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.DER)


def _self_signed(der: bytes) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.subject == certificate.issuer
