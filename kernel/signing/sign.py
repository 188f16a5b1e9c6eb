"""Sign one prepared field of a document: PAdES (ETSI EN 319 142-1), as an incremental update."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kernel.signing.certificates import load_certificate, refuse_unfit
from kernel.signing.cms_template import cms_template
from kernel.signing.errors import MechanismMismatch
from kernel.signing.mechanism import Mechanism, RawSigner
from kernel.signing.prepared import Appearing, prepare
from kernel.signing.source import Source, source_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509

__all__ = ["Mechanism", "RawSigner", "Signed", "sign_field"]


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


def sign_field(
    document: bytes | Path | Source,
    *,
    field: str,
    signer: RawSigner,
    at: datetime,
    appearance: bytes | None,
    name: str,
    reason: str,
    location: str,
) -> Signed:
    """Sign the empty signature field `field` of a document in memory or in a file, and return the update.

    `at` (aware) becomes `/M`; PAdES has no signing-time attribute. `appearance` is a one-page PDF drawn into the
    field. Refuses before the key is touched: NotPdf, DocumentEncrypted, DocumentHybrid, DocumentXfa,
    DocumentCertified, DocumentUnreadable, FieldMissing, FieldFilled, CertificateInvalid, CertificateNotYetValid,
    CertificateExpired, CertificateKeyUsage, CertificateWeak, MechanismMismatch, StampInvalid. What `signer.sign`
    raises passes through.
    """
    certificate = refuse_unfit(signer.certificate, at)
    for der in signer.chain:
        load_certificate(der)
    _refuse_mechanism(certificate, signer.mechanism)
    template = cms_template(signer.certificate, signer.chain, signer.mechanism)
    source = document if isinstance(document, Source) else source_of(document)
    prepared = prepare(
        source,
        field,
        reserved=template.size(),
        algorithm=signer.mechanism.digest,
        appearing=Appearing(at, name, reason, location, appearance),
    )
    signature = signer.sign(template.to_be_signed(prepared.digest))
    cms = template.filled(prepared.digest, signature)
    update = prepared.filled(cms)
    after = source.hashed("sha256")
    after.update(update)
    return Signed(
        update=update,
        sha256_before=source.sha256,
        sha256_after=after.hexdigest(),
        digest=prepared.digest.hex(),
        digest_algorithm=prepared.algorithm,
        cms_sha256=hashlib.sha256(cms).hexdigest(),
    )


def _refuse_mechanism(certificate: x509.Certificate, mechanism: Mechanism) -> None:
    key = certificate.public_key()
    fits = isinstance(key, ec.EllipticCurvePublicKey if mechanism.scheme == "ecdsa" else rsa.RSAPublicKey)
    if not fits:
        raise MechanismMismatch(name=certificate.subject.rfc4514_string(), mechanism=mechanism.value)
