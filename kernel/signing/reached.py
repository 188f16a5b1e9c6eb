"""The PAdES level a signature has really reached (ETSI EN 319 142-1, clause 6): what is proved, not what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.signing.chain import STAMPING_USAGE, Material, check_chain
from kernel.signing.material import signature_material
from kernel.signing.trust import TrustPurpose

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from kernel.signing.timestamps import DocumentTime, Knowledge, Proof

__all__ = ["level_reached"]


def level_reached(
    family: str,
    embedded: EmbeddedPdfSignature,
    proof: Proof | None,
    times: tuple[DocumentTime, ...],
    knowledge: Knowledge,
) -> str:
    """Return `B-B`, `B-T`, `B-LT` or `B-LTA`, with `family` in place of the first letter.

    T: a time is proven. LT: the file alone tells that the signer's certificate was good at that time, and the
    certificate of the authority that proves it when it did. LTA: a proven document time stamp stands over all that.
    """
    if proof is None or proof.at is None or proof.token is None:
        return f"{family}-B"
    covering = [time.revision for time in times if time.at and time.revision > embedded.signed_revision]
    if covering and _told(embedded, proof, knowledge, knowledge.material(times, upto=max(covering))):
        return f"{family}-LTA"
    return f"{family}-LT" if _told(embedded, proof, knowledge, knowledge.material(times)) else f"{family}-T"


def _told(embedded: EmbeddedPdfSignature, proof: Proof, knowledge: Knowledge, kept: Material) -> bool:
    if proof.token is None or not (kept.crls or kept.ocsps):
        return False
    alone = replace(knowledge.trust, crls=(), ocsps=(), allow_fetching=False)
    signer = check_chain(
        embedded.signer_cert, alone.serving(TrustPurpose.SIGNING), signature_material(embedded) + kept, at=proof.at
    )
    if signer.revocation != "good":
        return False
    authority = check_chain(
        proof.token.certificate,
        alone.serving(TrustPurpose.TIME_STAMPING),
        proof.token.others + kept,
        at=proof.token.generated,
        usage=STAMPING_USAGE,
    )
    return authority.revocation == "good"
