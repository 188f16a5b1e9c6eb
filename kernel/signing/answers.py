"""What travels between here and a signer elsewhere: certificates that come, signatures that come back.

People send files as their software writes them: DER, PEM, base64 or hex, a CMS, or JSON in the words of what they got.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms as asn1_cms

from kernel.signing.certificates import load_certificate
from kernel.signing.errors import AnswerUnreadable, CertificateInvalid

__all__ = ["Answer", "ForeignCms", "answer_of", "read_answer", "read_certificates", "read_cms"]

LARGEST = 1 << 20
"""Bytes of the largest answer that is looked at."""

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_BROKEN = (ValueError, TypeError, KeyError, AttributeError)
"""What asn1crypto raises on bytes that are not what they should be."""

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[\s:]*)+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A signature that came back: raw, or a CMS. `certificate` (DER) is what came beside it, or empty."""

    signature: bytes = b""
    cms: bytes = b""
    certificate: bytes = b""


@dataclass(frozen=True, slots=True)
class ForeignCms:
    """What a CMS of other software says it is for: the digest of the document, and the certificates in it (DER)."""

    digest: bytes
    certificates: tuple[bytes, ...]


def read_answer(data: bytes) -> Answer:
    """Return the signature in what somebody sent. Raises AnswerUnreadable."""
    if not data.strip() or len(data) > LARGEST:
        raise AnswerUnreadable(detail=f"{len(data)} byte")
    if not _is_text(data):
        return answer_of(data)
    if data.lstrip()[:1] == b"{":
        return _from_json(data)
    blocks = _PEM.findall(data)
    if blocks:
        certificates = [_decoded(body) for label, body in blocks if label == b"CERTIFICATE"]
        others = [_decoded(body) for label, body in blocks if label != b"CERTIFICATE"]
        if len(others) != 1:
            raise AnswerUnreadable(detail="PEM")
        return answer_of(others[0], certificates[0] if certificates else b"")
    return answer_of(_from_text(data))


def read_cms(der: bytes) -> ForeignCms:
    """Return what a detached CMS of one signer is for. Raises AnswerUnreadable."""
    try:
        signed: Any = asn1_cms.ContentInfo.load(der, strict=True)["content"]
        [signer] = signed["signer_infos"]
        if signed["encap_content_info"]["content"].native is not None:
            raise AnswerUnreadable(detail="CMS: eContent")
        [digest] = [one for one in signer["signed_attrs"] if one["type"].native == "message_digest"]
        return ForeignCms(digest["values"][0].native, tuple(choice.chosen.dump() for choice in signed["certificates"]))
    except _BROKEN as problem:
        raise AnswerUnreadable(detail=f"CMS: {problem}") from problem


def read_certificates(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates of a file as DER, the signer's first: DER, PEM, base64 or PKCS #7.

    Raises CertificateInvalid.
    """
    try:
        found = _certificates(data)
    except (*_BROKEN, AnswerUnreadable) as problem:
        raise CertificateInvalid(detail=str(problem)) from problem
    read = [load_certificate(der) for der in found]
    issuers = {one.issuer.public_bytes() for one in read if one.issuer != one.subject}
    # whoever issued another of them stands behind
    order = sorted(range(len(read)), key=lambda place: read[place].subject.public_bytes() in issuers)
    return tuple(found[place] for place in order)


def _certificates(data: bytes) -> list[bytes]:
    blocks = _PEM.findall(data)
    if blocks:
        return [_decoded(body) for label, body in blocks if label == b"CERTIFICATE"] or _bundle(_decoded(blocks[0][1]))
    plain = _from_text(data) if _is_text(data) else data
    return _bundle(plain) if _is_cms(plain) else [plain]


def _bundle(der: bytes) -> list[bytes]:
    """Return the certificates of a PKCS #7 file. Raises what broken ASN.1 raises."""
    signed: Any = asn1_cms.ContentInfo.load(der)["content"]
    found = [choice.chosen.dump() for choice in signed["certificates"] if choice.name == "certificate"]
    if not found:
        raise ValueError("PKCS #7")
    return found


def _from_json(data: bytes) -> Answer:
    try:
        told = json.loads(data)
        signature, certificate = told["signature"], told.get("certificate", "")
        return answer_of(
            _from_text(signature.encode()), read_certificates(certificate.encode())[0] if certificate else b""
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise AnswerUnreadable(detail=f"JSON: {type(problem).__name__}") from problem


def answer_of(plain: bytes, certificate: bytes = b"") -> Answer:
    """Return the answer of a signature or a CMS in DER, with the certificate (DER) that came beside it."""
    return Answer(cms=plain, certificate=certificate) if _is_cms(plain) else Answer(plain, certificate=certificate)


def _is_cms(plain: bytes) -> bool:
    try:
        return str(asn1_cms.ContentInfo.load(plain)["content_type"].native) == "signed_data"
    except _BROKEN:
        return False


def _is_text(data: bytes) -> bool:
    """Tell whether bytes were written to be read; the bytes of a signature or a certificate are not UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _from_text(data: bytes) -> bytes:
    """Return the bytes behind hex or base64. Raises AnswerUnreadable."""
    text = data.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(re.sub(rb"[\s:]", b"", text).decode())
    return _decoded(text)


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(re.sub(rb"\s+", b"", body), validate=True)
    except (ValueError, binascii.Error) as problem:
        raise AnswerUnreadable(detail="base64") from problem
