"""pyHanko's own judgement of a B-LTA file (ETSI EN 319 102-1, 5.6.3), its own way through time."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, process_legacy_ocsp_input

from kernel.signing._pdf import run
from kernel.signing.changes import AFTER_SIGNING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pyhanko.sign.validation.ades import AdESLTAValidationResult

    from kernel.signing.ports import Revocations

__all__ = ["lta_judgements"]


def lta_judgements(
    pdf: bytes, roots: Iterable[bytes], known: Revocations, now: datetime
) -> list[AdESLTAValidationResult]:
    """Return what pyHanko says of each signature of a file, given `roots` (DER) and what is `known` of the day."""
    trusted = SimpleTrustManager.build([asn1_x509.Certificate.load(der) for der in roots])
    spec = SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=trusted,
            revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO, retroactive_revinfo=True),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
        ),
        local_knowledge=LocalKnowledge(
            known_crls=[CRLContainer(asn1_crl.CertificateList.load(der)) for der in known.crls],
            known_ocsps=process_legacy_ocsp_input(known.ocsps),
        ),
    )
    return [
        run(
            ades_lta_validation(
                embedded,
                PdfSignatureValidationSpec(spec, diff_policy=AFTER_SIGNING),
                timing_info=ValidationTimingInfo(now, now, point_in_time_validation=False),
            )
        )
        for embedded in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    ]
