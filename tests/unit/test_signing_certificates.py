from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from kernel.signing.certificates import belongs_to, check_certificate, describe, refuse_unfit
from kernel.signing.cms import certificate_twins_broken
from kernel.signing.errors import (
    CertificateExpired,
    CertificateInvalid,
    CertificateKeyUsage,
    CertificateNotYetValid,
    CertificateWeak,
    SigningError,
    TrustUnreadable,
)
from kernel.signing.report import Verdict
from kernel.signing.trust import Trust, read_trust
from kernel.trust_services.sources import completed
from tests.pki import DAY, NOW, ec_key, key_usage, make_pki, rsa_key, sha1_certificate

if TYPE_CHECKING:
    from tests.pki import Pki, SoftwareSigner

ACCENTS = "Nguyễn Thị Lấp Lánh Ánh"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


def trust_of(pki: Pki) -> Trust:
    return read_trust(pki.trust_pem(), "trust")


def test_what_a_person_reads(pki: Pki) -> None:
    signer = pki.issuing.person(ACCENTS, uid="CCCD:001090000001", organisation="Điện lực Đống Đa", title="Giám đốc")
    info = describe(signer.certificate)
    assert (info.name, info.uid, info.organisation, info.title) == (
        ACCENTS,
        "CCCD:001090000001",
        "Điện lực Đống Đa",
        "Giám đốc",
    )
    assert (info.uid_kind, info.uid_value, info.key) == ("CCCD", "001090000001", "RSA-2048")
    assert info.issuer == "CA cấp phát thực hành"
    assert int(info.serial, 16) == x509.load_der_x509_certificate(signer.certificate).serial_number


@pytest.mark.parametrize(
    ("uid", "identity", "same"),
    [
        ("CCCD:001090000001", "001090000001", True),
        ("CCCD:001090000001", "001 090 000 001", True),
        ("CCCD:001090000001", "001090000002", False),
        ("MST:0301234562", "0301234562", True),
        ("MST:0301234562-001", "0301234562001", True),
        ("MST:0301234562-001", "0301234562", False),
        ("MST:0301234562", "", False),
        ("", "", False),
        ("", "001090000001", False),
        ("001090000001", "001090000001", True),
    ],
)
def test_the_party_and_the_certificate(pki: Pki, uid: str, identity: str, same: bool) -> None:
    assert belongs_to(describe(pki.issuing.person("A", uid=uid).certificate), identity) is same


def test_a_good_certificate_is_fit(pki: Pki) -> None:
    refuse_unfit(pki.issuing.person("A").certificate, NOW)
    refuse_unfit(pki.issuing.person("B", key=ec_key("B")).certificate, NOW)
    refuse_unfit(pki.issuing.person("A", usage=key_usage(content_commitment=True)).certificate, NOW)


def unfit(pki: Pki) -> list[tuple[SoftwareSigner, type[SigningError]]]:
    person = pki.issuing.person
    return [
        (person("A", until=NOW - DAY), CertificateExpired),
        (person("A", since=NOW + DAY), CertificateNotYetValid),
        (person("A", usage=key_usage(key_encipherment=True)), CertificateKeyUsage),
        (person("A", usage=key_usage(digital_signature=True, key_cert_sign=True), ca=True), CertificateKeyUsage),
        (person("A", key=rsa_key("yếu", 1024)), CertificateWeak),
    ]


def test_an_unfit_certificate_is_refused(pki: Pki) -> None:
    for signer, problem in unfit(pki):
        with pytest.raises(problem) as refused:
            refuse_unfit(signer.certificate, NOW)
        assert refused.value.diagnosis("vi").advice
        assert refused.value.diagnosis("en").advice


def test_sha_1_is_refused() -> None:
    with pytest.raises(CertificateWeak):
        refuse_unfit(sha1_certificate(), NOW + DAY)


@pytest.mark.parametrize("der", [b"", b"0", b"0\x82", hashlib.sha256(b"x").digest()])
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(CertificateInvalid):
        describe(der)


def test_a_certificate_is_checked_before_signing(pki: Pki) -> None:
    signer = pki.issuing.person("A")
    status = check_certificate(signer.certificate, signer.chain, trust_of(pki))
    assert (status.verdict, status.revocation, status.reasons) == (Verdict.VALID, "good", ())


def test_each_doubt_has_its_reason(pki: Pki) -> None:
    own = make_pki()
    person = own.issuing.person
    revoked = person("bị thu hồi")
    own.issuing.revoke(revoked, NOW - DAY)
    cases = [
        (person("A"), trust_of(make_pki("khác")), Verdict.UNKNOWN, "root_unknown"),
        (person("A"), read_trust(own.trust_pem(crls=False), "x"), Verdict.UNKNOWN, "revocation_unknown"),
        (person("A"), Trust(), Verdict.UNKNOWN, "root_unknown"),
        (revoked, trust_of(own), Verdict.INVALID, "revoked"),
        (person("A", until=NOW - DAY), trust_of(own), Verdict.INVALID, "expired"),
        (person("A", since=NOW + DAY), trust_of(own), Verdict.INVALID, "not_yet_valid"),
        (person("A", usage=key_usage(key_encipherment=True)), trust_of(own), Verdict.INVALID, "key_usage"),
    ]
    for signer, trust, verdict, code in cases:
        status = check_certificate(signer.certificate, signer.chain, trust)
        assert (status.verdict, [reason.code for reason in status.reasons]) == (verdict, [code])
        assert status.reasons[0].text("vi") != status.reasons[0].text("en")


def test_a_stale_list_leaves_revocation_unknown(pki: Pki) -> None:
    signer = pki.issuing.person("A")
    stale = pki.issuing.crl(made=NOW - 30 * DAY, until=NOW - 20 * DAY)
    trust = read_trust(pki.root.pem + pki.root.crl() + stale, "trust")
    status = check_certificate(signer.certificate, signer.chain, trust)
    assert (status.verdict, status.revocation) == (Verdict.UNKNOWN, "unknown")


def test_the_machines_own_roots_are_never_used(pki: Pki) -> None:
    signer = pki.issuing.person("A")
    assert not asn1_x509.Certificate.load(signer.certificate).ca
    assert check_certificate(signer.certificate, signer.chain, Trust()).verdict is Verdict.UNKNOWN


def test_a_certificate_of_no_known_version_is_refused_everywhere(pki: Pki) -> None:
    """The library that reads certificates has an exception of its own for it."""
    right = pki.issuing.person("A").certificate
    odd = right.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020133"), 1)
    assert odd != right
    with pytest.raises(CertificateInvalid):
        describe(odd)
    with pytest.raises(CertificateInvalid):
        completed([odd], trust_of(pki))
    with pytest.raises(TrustUnreadable):
        read_trust(odd, "tep.cer")
    embedded, path = (asn1_x509.Certificate.load(der) for der in (odd, pki.issuing.der))
    assert certificate_twins_broken([embedded], [path])
