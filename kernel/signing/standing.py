"""What of a file has to be provable for long: the certificates of its signers and of its time stamps' authorities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import message_imprint_checker
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, extract_contents

from kernel.signing._pdf import entry
from kernel.signing.certificates import describe
from kernel.signing.chain import SIGNING_USAGE, STAMPING_USAGE, Material, check_chain
from kernel.signing.errors import NotPdf
from kernel.signing.material import document_archive, signature_material
from kernel.signing.time_stamp_token import read_token, tokens_inside
from kernel.signing.timestamps import DocumentTime, Knowledge, Proof, document_times, signature_time
from kernel.signing.trust import TrustPurpose

if TYPE_CHECKING:
    from datetime import datetime
    from typing import IO

    from kernel.signing.chain import ChainResult
    from kernel.signing.cms import Sliced
    from kernel.signing.time_stamp_token import Token
    from kernel.signing.trust import Trust

__all__ = ["Holder", "Standing", "authority", "standing"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate that must be shown to have been good at `at`."""

    certificate: asn1_x509.Certificate
    others: Material
    """What came with it."""
    purpose: TrustPurpose
    at: datetime

    @property
    def name(self) -> str:
        """Whom the certificate names. Raises CertificateInvalid."""
        return describe(self.certificate.dump()).name

    def checked(self, trust: Trust, known: Material = Material()) -> ChainResult:  # noqa: B008  # frozen
        """Return what is known of it at its time, with what came with it and `known`."""
        return check_chain(
            self.certificate, trust.serving(self.purpose), self.others + known, at=self.at, usage=_USAGES[self.purpose]
        )


_USAGES = {TrustPurpose.SIGNING: SIGNING_USAGE, TrustPurpose.TIME_STAMPING: STAMPING_USAGE}


@dataclass(frozen=True, slots=True)
class Standing:
    """The signatures of a file and the times that prove them."""

    knowledge: Knowledge
    times: tuple[DocumentTime, ...]
    """Document time stamps, newest first."""
    proofs: tuple[Proof | None, ...]
    """One for each signature, in the order of signing."""
    signers: tuple[Holder, ...]
    authorities: tuple[Holder, ...]
    """Of all time stamps, those in signatures first."""

    @property
    def kept(self) -> Material:
        """What the file itself brings along."""
        return self.knowledge.material(self.times)


def standing(stream: IO[bytes], pdf: Sliced, trust: Trust, now: datetime) -> Standing:
    """Return how the signatures of a file stand at `now`. `pdf` gives parts of the same file. Raises NotPdf."""
    try:
        reader = PdfFileReader(stream, strict=False)
        signatures, stamps = _signed(reader)
        knowledge = Knowledge(trust, document_archive(reader, [*signatures, *stamps]), now)
        times = document_times(pdf, stamps, knowledge)
        proofs = tuple(signature_time(one, knowledge, times) for one in signatures)
        signers = tuple(
            Holder(one.signer_cert, signature_material(one), TrustPurpose.SIGNING, (proof and proof.at) or now)
            for one, proof in zip(signatures, proofs, strict=True)
        )
        authorities = [
            *(holder for one in signatures for holder in _inside(one, times, now)),
            *(authority(time.token, _existed(times, time.revision, now)) for time in times if time.token),
        ]
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
    return Standing(knowledge, times, proofs, signers, tuple(authorities))


def _signed(reader: PdfFileReader) -> tuple[list[EmbeddedPdfSignature], list[EmbeddedPdfSignature]]:
    """Return signatures and document time stamps, each in the order of signing. Fields only prepared are left out."""
    found = [
        EmbeddedPdfSignature(reader, holder, str(name))
        for name, value, holder in enumerate_sig_fields(reader, filled_status=True)
        if extract_contents(value.get_object()).strip(b"\0")
    ]
    found.sort(key=lambda one: one.signed_revision)
    stamps = [one for one in found if entry(one.sig_object, "/SubFilter") == "/ETSI.RFC3161"]
    return [one for one in found if one not in stamps], stamps


def _inside(embedded: EmbeddedPdfSignature, times: tuple[DocumentTime, ...], now: datetime) -> list[Holder]:
    existed = _existed(times, embedded.signed_revision, now)
    return [
        authority(
            read_token(written, message_imprint_checker(embedded.signer_info), signature_material(embedded)), existed
        )
        for written in tokens_inside(embedded)
    ]


def authority(token: Token, existed: datetime) -> Holder:
    """Return the authority of a time stamp, to be judged when that is known to have existed."""
    return Holder(token.certificate, token.others, TrustPurpose.TIME_STAMPING, existed)


def _existed(times: tuple[DocumentTime, ...], revision: int, now: datetime) -> datetime:
    """Return when something of `revision` is known to have existed by the document time stamps after it."""
    return min((time.at for time in times if time.at and time.revision > revision), default=now)
