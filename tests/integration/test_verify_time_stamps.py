"""Signatures with time stamps and archive data: the level reached, and what is proven when certificates are over."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator import ValidationContext

from kernel.signing.report import Report, Verdict
from kernel.signing.trust import read_trust
from kernel.signing.verify import verify
from tests.pki import DAY, NOW, Pki, agreed, library_signer, make_pki, sign, time_stamper

if TYPE_CHECKING:
    from datetime import datetime

    from tests.pki import SoftwareSigner

THEN = NOW - 10 * DAY


def judged(pdf: bytes, pki: Pki, *, crls: bool = True) -> Report:
    return verify(pdf, read_trust(pki.trust_pem(crls=crls), "trust"), seconds=30)


def codes(report: Report) -> set[str]:
    return {reason.code for reason in report.reasons if reason.weight is not Verdict.VALID}


def archived(pki: Pki, signer: SoftwareSigner, at: datetime, **settings: Any) -> bytes:
    """Return the contract signed at `at` with a time stamp, and archive data if `settings` ask for them."""
    lists = [pki.root.crl(made=at - DAY / 24, until=at + DAY), pki.issuing.crl(made=at - DAY / 24, until=at + DAY)]
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(pki.root.der)],
        other_certs=[asn1_x509.Certificate.load(pki.issuing.der)],
        crls=[asn1_crl.CertificateList.load(pem.unarmor(one)[2]) for one in lists],
        revocation_mode="require",
        moment=at,
        allow_fetching=False,
    )
    asked = PdfSignatureMetadata(
        field_name="ben_ban",
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        validation_context=context if settings else None,
        **settings,
    )
    stamper = time_stamper(pki.issuing, at)
    made = PdfSigner(asked, library_signer(signer), timestamper=stamper).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(agreed()))
    )
    assert isinstance(made, BytesIO)
    return made.getvalue()


LEVELS: dict[str, dict[str, bool]] = {
    "B-T": {},
    "B-LT": {"embed_validation_info": True},
    "B-LTA": {"embed_validation_info": True, "use_pades_lta": True},
}


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_recognised_and_valid(level: str) -> None:
    pki = make_pki()
    report = judged(archived(pki, pki.issuing.person("Trần Văn Ữ"), THEN, **LEVELS[level]), pki)
    assert (report.verdict, report.reasons) == (Verdict.VALID, ())
    [one] = report.signatures
    assert (one.level, one.time_stamp, one.changed_after) == (level, THEN, False)


@pytest.mark.parametrize("level", LEVELS)
def test_a_time_stamp_saves_a_signature_when_its_certificate_is_over(level: str) -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ", until=NOW - DAY)
    assert judged(archived(pki, signer, THEN, **LEVELS[level]), pki).verdict is Verdict.VALID


@pytest.mark.parametrize("level", LEVELS)
def test_a_revocation_after_the_time_stamp_does_no_harm(level: str) -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ")
    pdf = archived(pki, signer, THEN, **LEVELS[level])
    pki.issuing.revoke(signer, NOW - DAY)
    assert judged(pdf, pki).verdict is Verdict.VALID


def test_a_revocation_before_the_time_stamp_is_invalid() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ")
    pdf = archived(pki, signer, THEN)
    pki.issuing.revoke(signer, THEN - DAY)
    report = judged(pdf, pki)
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"revoked"})


def test_a_signature_after_the_end_of_its_certificate_is_invalid() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ", until=THEN - DAY)
    report = judged(archived(pki, signer, THEN), pki)
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"expired_at_signing"})


def test_an_unknown_time_authority_proves_nothing() -> None:
    pki, other = make_pki(), make_pki("khác")
    signer = pki.issuing.person("Trần Văn Ữ", until=NOW - DAY)
    stamper = time_stamper(other.issuing, THEN)
    asked = PdfSignatureMetadata(field_name="ben_ban", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    made = PdfSigner(asked, library_signer(signer), timestamper=stamper).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(agreed()))
    )
    assert isinstance(made, BytesIO)
    report = judged(made.getvalue(), pki)
    assert report.verdict is not Verdict.VALID
    assert report.signatures[0].time_stamp is None
    assert "time_stamp_unproven" in {reason.code for reason in report.reasons}


def test_archive_data_suffice_without_lists_from_outside() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ")
    pdf = archived(pki, signer, NOW - DAY / 48, **LEVELS["B-LTA"])
    assert judged(pdf, pki, crls=False).verdict is Verdict.VALID


def test_signing_after_the_archive_data_is_allowed() -> None:
    pki = make_pki()
    pdf = archived(pki, pki.issuing.person("Trần Văn Ữ"), THEN, **LEVELS["B-LTA"])
    report = judged(sign(pdf, "dong_dau", pki.issuing.person("Công ty Điện lực")), pki)
    assert report.verdict is Verdict.VALID
    assert [one.level for one in report.signatures] == ["B-LTA", "B-B"]


def test_a_changed_time_stamp_is_noticed() -> None:
    pki = make_pki()
    pdf = archived(pki, pki.issuing.person("Trần Văn Ữ"), THEN)
    [found] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    token = found.signer_info["unsigned_attrs"][0]["values"][0]
    value = token["content"]["signer_infos"][0]["signature"].native.hex().upper().encode()
    assert pdf.count(value) == 1
    replace = partial(pdf.replace, value)
    changed = replace(value[:-1] + (b"0" if value[-1:] != b"0" else b"1"))
    report = judged(changed, pki)
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"time_stamp_broken"})


def test_a_changed_document_time_stamp_is_noticed() -> None:
    pki = make_pki()
    pdf = archived(pki, pki.issuing.person("Trần Văn Ữ"), THEN, **LEVELS["B-LTA"])
    # the first archive data stand between the signature and the document time stamp
    report = judged(pdf.replace(b"/Certs", b"/Cerds", 1), pki)
    assert report.verdict is Verdict.INVALID
    assert "time_stamp_broken" in codes(report)
