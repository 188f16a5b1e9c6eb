"""Sign one prepared field of a document: PAdES B-B (ETSI EN 319 142-1), as an incremental update."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError as LibrarySigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigAppearanceSetup, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kernel.signing._pdf import extend, run
from kernel.signing.appearance import stamp_style
from kernel.signing.certificates import load_certificate, refuse_unfit
from kernel.signing.errors import MechanismMismatch, NotPdf, SignatureTooLarge, SigningError
from kernel.signing.intake import refuse_unsignable

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

__all__ = ["Mechanism", "RawSigner", "Signed", "sign_field"]

_RESERVED = 16 * 1024
"""Hex digits kept for the CMS: a B-B signature with a chain of three takes about 11,000."""


class Mechanism(StrEnum):
    """How the raw signature is made (TT 15/2025/TT-BKHCN, Phụ lục I): scheme and hash."""

    RSA_SHA256 = "rsa-sha256"
    RSA_SHA384 = "rsa-sha384"
    RSA_SHA512 = "rsa-sha512"
    PSS_SHA256 = "pss-sha256"
    PSS_SHA384 = "pss-sha384"
    PSS_SHA512 = "pss-sha512"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ECDSA_SHA512 = "ecdsa-sha512"

    @property
    def scheme(self) -> str:
        """`rsa` (PKCS #1 v1.5), `pss` or `ecdsa`."""
        return self.value.partition("-")[0]

    @property
    def digest(self) -> str:
        """`sha256`, `sha384` or `sha512`."""
        return self.value.partition("-")[2]

    def cms(self) -> algos.SignedDigestAlgorithm:
        """Return the AlgorithmIdentifier (RFC 4056 for PSS: MGF1 of the same hash, salt as long as the hash)."""
        if self.scheme != "pss":
            return algos.SignedDigestAlgorithm({"algorithm": f"{self.digest}_{self.scheme}"})
        hash_algorithm = algos.DigestAlgorithm({"algorithm": self.digest})
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": hash_algorithm,
                "mask_gen_algorithm": algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": hash_algorithm}),
                "salt_length": hashlib.new(self.digest).digest_size,
            }
        )
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


class RawSigner(Protocol):
    """A key that signs, wherever it lives."""

    @property
    def certificate(self) -> bytes:
        """DER of the signer's certificate."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of the certificates above it, as far as known; the root may be left out."""

    @property
    def mechanism(self) -> Mechanism:
        """What `sign` does."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`, which is hashed by the mechanism. ECDSA: DER of (r, s)."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed document, and what exactly was signed."""

    pdf: bytes
    digest: str
    """Hex digest of the signed byte range."""
    digest_algorithm: str
    cms_sha256: str
    """Hex SHA-256 of the CMS, to name this signature in the audit chain."""


class _Adapter(Signer):
    """A RawSigner in pyHanko's shape."""

    def __init__(self, raw: RawSigner) -> None:
        self.raw = raw
        chain = SimpleCertificateStore.from_certs(asn1_x509.Certificate.load(der) for der in raw.chain)
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(raw.certificate),
            cert_registry=chain,
            signature_mechanism=raw.mechanism.cms(),
            embed_roots=False,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002  # pyHanko's signature; the mechanism names the digest
        """Sign synchronously: the only thing waited for is the key itself."""
        return self.raw.sign(data)


def sign_field(
    pdf: bytes,
    *,
    field: str,
    signer: RawSigner,
    at: datetime,
    appearance: bytes | None,
    name: str,
    reason: str,
    location: str,
) -> Signed:
    """Sign the empty signature field `field` and return the longer file.

    `at` (aware) becomes `/M`; PAdES has no signing-time attribute. `appearance` is a one-page PDF drawn into the
    field. Refuses before the key is touched: NotPdf, DocumentEncrypted, DocumentHybrid, DocumentXfa,
    DocumentCertified, FieldMissing, FieldFilled, CertificateInvalid, CertificateNotYetValid, CertificateExpired,
    CertificateKeyUsage, CertificateWeak, MechanismMismatch, StampInvalid. After it: SignatureTooLarge.
    What `signer.sign` raises passes through.
    """
    certificate = refuse_unfit(signer.certificate, at)
    for der in signer.chain:
        load_certificate(der)
    _refuse_mechanism(certificate, signer.mechanism)
    writer = extend(pdf)
    refuse_unsignable(writer.prev, field)
    digest_algorithm = signer.mechanism.digest
    placeholder = SignatureObject(
        timestamp=at,
        name=name or None,
        location=location or None,
        reason=reason or None,
        bytes_reserved=_RESERVED,
        subfilter=SigSeedSubFilter.PADES,
    )
    shown = None if appearance is None else SigAppearanceSetup(stamp_style(appearance), at, name)
    steps = PdfCMSEmbedder().write_cms(field_name=field, writer=writer, existing_fields_only=True)
    try:
        next(steps)
        steps.send(SigObjSetup(sig_placeholder=placeholder, appearance_setup=shown))
        prepared, out = steps.send(SigIOSetup(md_algorithm=digest_algorithm))
    except SigningError:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
    cms = run(_Adapter(signer).async_sign(prepared.document_digest, digest_algorithm, use_pades=True)).dump()
    if 2 * len(cms) > _RESERVED:
        raise SignatureTooLarge(size=2 * len(cms), reserved=_RESERVED)
    try:
        steps.send(cms)
    except LibrarySigningError as problem:
        raise NotPdf(detail=str(problem)) from problem
    return Signed(out.getvalue(), prepared.document_digest.hex(), digest_algorithm, hashlib.sha256(cms).hexdigest())


def _refuse_mechanism(certificate: x509.Certificate, mechanism: Mechanism) -> None:
    key = certificate.public_key()
    fits = isinstance(key, ec.EllipticCurvePublicKey if mechanism.scheme == "ecdsa" else rsa.RSAPublicKey)
    if not fits:
        raise MechanismMismatch(name=certificate.subject.rfc4514_string(), mechanism=mechanism.value)
