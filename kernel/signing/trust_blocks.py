"""Files of certificates and revocation lists: PEM blocks with what was written above each (RFC 7468, 5.2), or DER."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.signing.errors import TrustUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TrustBlock", "read_blocks", "without_block", "write_block"]

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_HEADER = re.compile(r"^Quaydien-([A-Za-z-]+):[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"})
_LIST = b"X509 CRL"


@dataclass(frozen=True, slots=True)
class TrustBlock:
    """One certificate or revocation list as DER. `headers` are the `Quaydien-Name: value` lines above it."""

    kind: Literal["root", "intermediate", "list"]
    der: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def read_blocks(data: bytes, name: str) -> tuple[TrustBlock, ...]:
    """Return the certificates and lists of a file's bytes in their order, at least one. Raises TrustUnreadable."""
    try:
        found = [_block(data, match, end) for match, end in _matches(data)]
        known = tuple(one for one in found if one is not None)
        return known or (_from_der(data),)
    except (ValueError, TypeError, binascii.Error, x509.InvalidVersion) as problem:
        raise TrustUnreadable(file=name, detail=str(problem)) from problem


def write_block(der: bytes, title: str, headers: Mapping[str, str], *, label: str = "CERTIFICATE") -> bytes:
    """Return a PEM block with a title and headers above it, line breaks in them taken out."""
    above = [title, *(f"Quaydien-{key}: {value}" for key, value in headers.items())]
    body = base64.encodebytes(der).replace(b"\n", b"").decode("ascii")
    lines = [" ".join(line.split()) for line in above]
    lines += [f"-----BEGIN {label}-----", *re.findall(".{1,64}", body), f"-----END {label}-----"]
    return ("\n".join(lines) + "\n").encode()


def without_block(data: bytes, der: bytes) -> bytes:
    """Return a PEM file's bytes without the block of `der` and the text above it; nothing if no block is left."""
    kept = b"".join(
        data[start : match.end()] + b"\n"
        for match, start in _matches(data)
        if (block := _block(data, match, start)) is None or block.der != der
    )
    return kept.lstrip() if _BLOCK.search(kept) else b""


def _matches(data: bytes) -> list[tuple[re.Match[bytes], int]]:
    """Return each PEM block with where the text above it begins."""
    found = list(_BLOCK.finditer(data))
    return list(zip(found, [0, *(match.end() for match in found)], strict=False))


def _block(data: bytes, match: re.Match[bytes], above: int) -> TrustBlock | None:
    label, body = match.groups()
    if label not in _CERTIFICATES and label != _LIST:
        return None
    der = base64.b64decode(re.sub(rb"\s+", b"", body), validate=True)
    headers = dict(_HEADER.findall(data[above : match.start()].decode("utf-8", "replace")))
    return _list(der, headers) if label == _LIST else _certificate(der, headers)


def _from_der(data: bytes) -> TrustBlock:
    try:
        return _certificate(data, {})
    except ValueError:
        return _list(data, {})


def _list(der: bytes, headers: Mapping[str, str]) -> TrustBlock:
    x509.load_der_x509_crl(der)
    return TrustBlock("list", der, headers)


def _certificate(der: bytes, headers: Mapping[str, str]) -> TrustBlock:
    certificate = x509.load_der_x509_certificate(der)
    kind: Literal["root", "intermediate"] = "root" if certificate.subject == certificate.issuer else "intermediate"
    return TrustBlock(kind, certificate.public_bytes(Encoding.DER), headers)
