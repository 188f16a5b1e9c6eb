"""A signature made elsewhere: prepare the document, hand out what is to be signed, finish it when the answer comes.

Between the two lies whatever it takes: a customer's own token, a phone that asks for a fingerprint, an HSM service.
What is handed out is the hash of the signed attributes, which name the document's digest and the certificate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.signing.answers import read_cms
from kernel.signing.certificates import load_certificate, refuse_unfit
from kernel.signing.cms_template import cms_template
from kernel.signing.errors import DocumentNotTheOne, MechanismMismatch, SignatureOfAnother
from kernel.signing.mechanism import as_der, verifies
from kernel.signing.prepared import prepare
from kernel.signing.source import Source, source_of

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.signing.errors import SigningError
    from kernel.signing.mechanism import Mechanism
    from kernel.signing.prepared import Appearing, Prepared

__all__ = ["Pending", "Signed", "finish", "finish_with_cms", "prepare_signature"]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature, and what exactly was signed. Digests are hex."""

    update: bytes
    """What has to be appended to the document: the document itself is not changed."""
    sha256_before: str
    sha256_after: str
    """Of the document with the update behind it."""
    digest: str
    """Of the signed byte range."""
    digest_algorithm: str
    cms_sha256: str
    """Names this signature in the audit chain."""
    obstacle: SigningError | None = None
    """Why it has no time stamp, where one was asked for."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A document that waits for its signature. Everything in it can be kept in a row for as long as that takes."""

    sha256_before: str
    """Of the document, hex: the signature fits no other."""
    certificate: bytes
    chain: tuple[bytes, ...]
    mechanism: Mechanism
    prepared: Prepared

    @property
    def to_be_signed(self) -> bytes:
        """DER of the signed attributes: what the key signs, hashing it by the mechanism."""
        template = cms_template(self.certificate, self.chain, self.mechanism)
        return template.to_be_signed(self.prepared.digest)

    @property
    def hash(self) -> bytes:
        """Hash of `to_be_signed` by the mechanism: what a service that signs hashes is given."""
        return hashlib.new(self.mechanism.digest, self.to_be_signed).digest()


def prepare_signature(
    document: bytes | Path | Source,
    *,
    field: str,
    certificate: bytes,
    chain: tuple[bytes, ...],
    mechanism: Mechanism,
    appearing: Appearing,
    unsigned_attribute: int = 0,
) -> Pending:
    """Make room for a signature by `certificate` (DER) in the empty field `field`.

    `unsigned_attribute` is how many bytes a time stamp in the CMS may take. Raises NotPdf, DocumentEncrypted,
    DocumentHybrid, DocumentXfa, DocumentCertified, DocumentUnreadable, FieldMissing, FieldFilled, CertificateInvalid,
    CertificateNotYetValid, CertificateExpired, CertificateKeyUsage, CertificateWeak, MechanismMismatch, StampInvalid.
    """
    read = refuse_unfit(certificate, appearing.at)
    for der in chain:
        load_certificate(der)
    if not mechanism.fits(read):
        raise MechanismMismatch(name=read.subject.rfc4514_string(), mechanism=mechanism.value)
    template = cms_template(certificate, chain, mechanism)
    source = document if isinstance(document, Source) else source_of(document)
    prepared = prepare(
        source,
        field,
        reserved=template.size(unsigned_attribute),
        algorithm=mechanism.digest,
        appearing=appearing,
    )
    return Pending(source.sha256, certificate, chain, mechanism, prepared)


def finish(
    document: bytes | Path | Source, pending: Pending, signature: bytes, unsigned_attribute: bytes = b""
) -> Signed:
    """Return the update with the signature (ECDSA: DER of r and s, or r || s) in it.

    Raises DocumentNotTheOne where `document` is not the one that was prepared, SignatureOfAnother where the signature
    is not by the certificate over `to_be_signed`, SignatureTooLarge, DocumentUnreadable.
    """
    source = _the_one(document, pending)
    template = cms_template(pending.certificate, pending.chain, pending.mechanism)
    digest = pending.prepared.digest
    certificate = load_certificate(pending.certificate)
    signature = as_der(certificate, signature)
    if not verifies(certificate, pending.mechanism, signature, template.to_be_signed(digest)):
        raise SignatureOfAnother(name=certificate.subject.rfc4514_string())
    return _signed(source, pending, template.filled(digest, signature, unsigned_attribute))


def finish_with_cms(document: bytes | Path | Source, pending: Pending, cms: bytes) -> Signed:
    """Return the update with a detached CMS in it that the signer's own software made over the document.

    Checked here is that it is for this document and by this certificate; whether it holds, the reader of the signed
    file says. Raises DocumentNotTheOne, AnswerUnreadable, SignatureOfAnother, SignatureTooLarge, DocumentUnreadable.
    """
    source = _the_one(document, pending)
    found = read_cms(cms)
    if found.digest != pending.prepared.digest or pending.certificate not in found.certificates:
        raise SignatureOfAnother(name=load_certificate(pending.certificate).subject.rfc4514_string())
    return _signed(source, pending, cms)


def _the_one(document: bytes | Path | Source, pending: Pending) -> Source:
    source = document if isinstance(document, Source) else source_of(document)
    if source.sha256 != pending.sha256_before:
        raise DocumentNotTheOne(expected=pending.sha256_before, found=source.sha256)
    return source


def _signed(source: Source, pending: Pending, cms: bytes) -> Signed:
    update = pending.prepared.filled(cms)
    after = source.hashed("sha256")
    after.update(update)
    return Signed(
        update=update,
        sha256_before=pending.sha256_before,
        sha256_after=after.hexdigest(),
        digest=pending.prepared.digest.hex(),
        digest_algorithm=pending.prepared.algorithm,
        cms_sha256=hashlib.sha256(cms).hexdigest(),
    )
