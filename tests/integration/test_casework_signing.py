"""Signing at the counter: who may, with what, in which order, and every way a token or a certificate can fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import select

from console.practice.authority import Authority
from console.practice.branch import practice_folder
from console.practice.people import PEOPLE, PIN, subject_of
from kernel import clock
from kernel.casework import certificates, consenting, signing
from kernel.casework.errors import CertificateRefused, NotReleased, SignerNotEntitled
from kernel.dossier.errors import DocumentEnded, SlotOutOfOrder, SlotUnknown
from kernel.dossier.records import DocumentState
from kernel.errors import BlobCorrupt, NotFound
from kernel.signing.errors import CertificateExpired
from kernel.storage.tables import SigningRow
from kernel.tokens.administration import Administration
from kernel.tokens.errors import (
    CertificateNotFound,
    ModuleNotFound,
    NoToken,
    PinFinalTry,
    PinWrong,
    SignatureInvalid,
    SignerCrashed,
    TokenRemoved,
)
from tests.said import said
from tests.softhsm import MODULE

if TYPE_CHECKING:
    from kernel.casework.certificates import Candidate
    from kernel.dossier.records import DossierDocument
    from tests.practice import Branch

DIRECTOR = next(person for person in PEOPLE if person.user == "duc")


def requests(branch: Branch) -> list[SigningRow]:
    with branch.office.work(reading=True) as work:
        return list(work.session.exec(select(SigningRow).order_by(SigningRow.at)))  # type: ignore[arg-type]  # a column


def of(branch: Branch, document: DossierDocument, name: str) -> Candidate:
    return next(one for one in branch.candidates(document) if one.info.name == name)


def sign(branch: Branch, document: DossierDocument, field: str, sha256: str, pin: str = PIN) -> DossierDocument:
    return signing.sign(branch.office, branch.named("duc"), document.id, field, sha256, pin)


def administration(branch: Branch) -> Administration:
    conf = practice_folder(branch.home) / "softhsm" / "softhsm2.conf"
    return Administration(MODULE, log=branch.home / "administration.log", env={"SOFTHSM2_CONF": str(conf)})


@pytest.fixture
def agreed(drawn: Branch) -> DossierDocument:
    return drawn.agree(drawn.document(drawn.case_id))


@pytest.fixture
def director(drawn: Branch, agreed: DossierDocument) -> str:
    """The director's certificate."""
    return drawn.certificate(agreed).certificate.sha256


def test_the_right_certificate_stands_first(drawn: Branch, agreed: DossierDocument) -> None:
    found = drawn.candidates(agreed)
    assert found[0].info.name == "Phạm Quang Đức"
    assert [one.problem is None for one in found] == [True, False, False, False]
    signed = drawn.sign(agreed)
    assert signed.state is DocumentState.SIGNED
    assert signed.filled[-1].signer == "Phạm Quang Đức"
    assert drawn.candidates(signed)[0].info.uid == "MST:0400000011"
    complete = drawn.sign(signed)
    assert complete.state is DocumentState.COMPLETE
    assert all(one.problem for one in drawn.candidates(complete))
    with pytest.raises(DocumentEnded):
        sign(drawn, complete, "con_dau", found[0].certificate.sha256)
    assert [row.state for row in requests(drawn)] == ["done", "done"]


def test_wrong_pin(shimmed: Branch) -> None:
    branch = shimmed
    branch.token_fault("pin_max", "4")
    agreed = branch.agree(branch.document(branch.case_id))
    sha256 = branch.certificate(agreed).certificate.sha256
    with pytest.raises(PinWrong) as wrong:
        sign(branch, agreed, "ben_ban", sha256, pin="99999999")
    assert wrong.value.tries_left == 2 or "lần thử" in said(wrong.value)
    assert branch.token_calls("C_Login") == 1
    assert [row.state for row in requests(branch)] == ["failed"]
    assert branch.audit("signature_failed")[-1].facts["why"] == "token.pin_wrong"
    assert branch.document(branch.case_id) == agreed
    assert branch.files_with("99999999") == []
    # asked anew, with the right one
    assert sign(branch, agreed, "ben_ban", sha256).state is DocumentState.SIGNED


def test_the_last_try_is_not_spent(drawn: Branch, agreed: DossierDocument, director: str) -> None:
    for _ in range(2):
        with pytest.raises(PinWrong):
            sign(drawn, agreed, "ben_ban", director, pin="99999999")
    with pytest.raises(PinFinalTry) as final:
        sign(drawn, agreed, "ben_ban", director, pin="99999999")
    assert "một lần thử" in said(final.value)


def test_no_token(drawn: Branch, agreed: DossierDocument, director: str) -> None:
    tokens = practice_folder(drawn.home) / "softhsm" / "tokens"
    tokens.rename(tokens.with_name("pulled"))
    tokens.mkdir()
    for signer in drawn.office.signers.values():
        signer.restart()
    assert drawn.candidates(agreed) == ()
    with pytest.raises(NoToken) as none:
        sign(drawn, agreed, "ben_ban", director)
    assert "Cắm token" in said(none.value)
    assert requests(drawn) == []
    tokens.rmdir()
    tokens.with_name("pulled").rename(tokens)
    for signer in drawn.office.signers.values():
        signer.restart()
    assert sign(drawn, agreed, "ben_ban", director).state is DocumentState.SIGNED


def test_the_token_of_another(drawn: Branch, agreed: DossierDocument) -> None:
    with pytest.raises(CertificateNotFound) as gone:
        sign(drawn, agreed, "ben_ban", "0" * 64)
    assert "đúng token" in said(gone.value)


@pytest.mark.parametrize("fault", ["removed", "removed_after_init"])
def test_a_token_pulled_out(shimmed: Branch, fault: str) -> None:
    branch = shimmed
    agreed = branch.agree(branch.document(branch.case_id))
    sha256 = branch.certificate(agreed).certificate.sha256
    branch.token_fault(fault)
    with pytest.raises((TokenRemoved, NoToken)) as pulled:
        sign(branch, agreed, "ben_ban", sha256)
    assert "Cắm" in said(pulled.value)
    assert {row.state for row in requests(branch)} <= {"failed"}
    for switched in {fault, "removed"}:  # once pulled out it stays out
        (branch.home / "faults" / switched).unlink(missing_ok=True)
    assert sign(branch, agreed, "ben_ban", sha256).state is DocumentState.SIGNED


def test_a_token_that_signs_wrong(shimmed: Branch) -> None:
    branch = shimmed
    agreed = branch.agree(branch.document(branch.case_id))
    sha256 = branch.certificate(agreed).certificate.sha256
    branch.token_fault("bad_signature")
    with pytest.raises(SignatureInvalid) as bad:
        sign(branch, agreed, "ben_ban", sha256)
    said(bad.value)
    assert branch.document(branch.case_id) == agreed
    assert [row.state for row in requests(branch)] == ["failed"]


def test_a_module_that_crashes(shimmed: Branch) -> None:
    branch = shimmed
    agreed = branch.agree(branch.document(branch.case_id))
    sha256 = branch.certificate(agreed).certificate.sha256
    branch.token_fault("crash")
    with pytest.raises(SignerCrashed) as crash:
        sign(branch, agreed, "ben_ban", sha256)
    said(crash.value)
    assert [row.state for row in requests(branch)] == ["failed"]
    branch.mend_token("crash")
    assert sign(branch, agreed, "ben_ban", sha256).state is DocumentState.SIGNED


@pytest.mark.parametrize("name", ["Đinh Quốc Hữu", "Điện lực Thực Hành"])
def test_the_certificate_of_another_person(drawn: Branch, agreed: DossierDocument, name: str) -> None:
    other = of(drawn, agreed, name)
    assert isinstance(other.problem, SignerNotEntitled)
    with pytest.raises(SignerNotEntitled) as refused:
        sign(drawn, agreed, "ben_ban", other.certificate.sha256)
    words = said(refused.value)
    assert name in words
    assert "Phạm Quang Đức" in words
    assert requests(drawn) == []


def test_out_of_order(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    director = of(drawn, document, "Phạm Quang Đức").certificate.sha256
    with pytest.raises(SlotOutOfOrder) as turn:
        sign(drawn, document, "ben_ban", director)
    assert "Bên mua điện" in said(turn.value)
    agreed = drawn.agree(document)
    seal = of(drawn, agreed, "Điện lực Thực Hành").certificate.sha256
    with pytest.raises(SlotOutOfOrder) as turn:
        sign(drawn, agreed, "con_dau", seal)
    assert "Bên bán điện" in said(turn.value)
    with pytest.raises(SlotUnknown) as unknown:
        sign(drawn, agreed, "ô lạ", seal)
    said(unknown.value)
    with pytest.raises(NotFound) as missing:
        signing.sign(drawn.office, drawn.clerk, "không có", "ben_ban", director, PIN)
    said(missing.value)
    assert requests(drawn) == []


def _another_certificate(branch: Branch, made: timedelta) -> str:
    """Certify the director's key once more, at another time, and put the certificate on the token."""
    authority = Authority.load(practice_folder(branch.home) / "ca")
    with administration(branch) as work:
        token = next(one for one in work.list_tokens() if one.label == DIRECTOR.token)
        old = next(
            one.certificate
            for one in certificates.everything_at_hand(branch.office)
            if one.certificate.token_label == DIRECTOR.token and one.certificate.key_id == "01"
        )
        key = x509.load_der_x509_certificate(old.der).public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        der = authority.certify(spki, subject_of(DIRECTOR), clock.now() + made)
        work.import_certificate(serial=token.serial, pin=PIN, label="khác", key_id=b"\x01", der=der)
    for signer in branch.office.signers.values():
        signer.restart()
    import hashlib

    return hashlib.sha256(der).hexdigest()


def test_an_expired_certificate(drawn: Branch, agreed: DossierDocument) -> None:
    expired = _another_certificate(drawn, timedelta(days=-4 * 365))
    found = {one.certificate.sha256: one.problem for one in drawn.candidates(agreed)}
    assert isinstance(found[expired], CertificateExpired)
    with pytest.raises(CertificateExpired) as old:
        sign(drawn, agreed, "ben_ban", expired)
    assert "hết hạn" in said(old.value)
    assert requests(drawn) == []


def test_a_revoked_certificate(drawn: Branch, agreed: DossierDocument, director: str) -> None:
    """The list is read while the office is at work: no restart."""
    assert drawn.office.trust is drawn.office.trust
    der = of(drawn, agreed, "Phạm Quang Đức").certificate.der
    authority = Authority.load(practice_folder(drawn.home) / "ca")
    now = clock.now()
    revoked = (
        x509.RevokedCertificateBuilder()
        .serial_number(x509.load_der_x509_certificate(der).serial_number)
        .revocation_date(now - timedelta(minutes=30))
        .build()
    )
    ca = authority._issuing
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + timedelta(days=30))
        .add_extension(x509.CRLNumber(2), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .add_revoked_certificate(revoked)
        .sign(ca.key, hashes.SHA256())
    )
    (drawn.home / "trust" / "thu-hoi.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    with pytest.raises(CertificateRefused) as refused:
        sign(drawn, agreed, "ben_ban", director)
    assert "thu hồi" in said(refused.value)
    assert requests(drawn) == []


def test_an_untrusted_certificate(drawn: Branch, agreed: DossierDocument, director: str, tmp_path: object) -> None:
    for file in (drawn.home / "trust").iterdir():
        file.unlink()
    other = Authority.create(drawn.home / "other", clock.now())
    (drawn.home / "trust" / "khac.pem").write_bytes(other.trust_bundle(clock.now()))
    with pytest.raises(CertificateRefused) as refused:
        sign(drawn, agreed, "ben_ban", director)
    said(refused.value)


def test_a_damaged_file_is_not_signed(drawn: Branch, agreed: DossierDocument, director: str) -> None:
    path = drawn.office.blobs.path(agreed.sha256)
    path.write_bytes(path.read_bytes() + b"%")
    with pytest.raises(BlobCorrupt) as corrupt:
        sign(drawn, agreed, "ben_ban", director)
    said(corrupt.value)
    assert requests(drawn) == []


def test_a_document_that_went_on_while_it_was_signed(
    drawn: Branch, agreed: DossierDocument, director: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another console signs the same field while the token works: the later one is dropped, in words."""
    real = type(drawn.office.signers["softhsm"]).sign

    def slow(signer: object, *given: object, **more: object) -> object:
        monkeypatch.setattr(type(signer), "sign", real)
        sign(drawn, agreed, "ben_ban", director)
        return real(signer, *given, **more)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(type(drawn.office.signers["softhsm"]), "sign", slow)
    with pytest.raises(NotReleased) as changed:
        sign(drawn, agreed, "ben_ban", director)
    assert "thay đổi" in said(changed.value)
    assert len(drawn.document(drawn.case_id).filled) == 2
    assert sorted(row.state for row in requests(drawn)) == ["done", "failed"]


def test_the_data_changed_while_it_was_signed(
    drawn: Branch, agreed: DossierDocument, director: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(drawn.office.signers["softhsm"]).sign

    def slow(signer: object, *given: object, **more: object) -> object:
        drawn.fill(drawn.case_id, ngay_ghi_chi_so="17")
        return real(signer, *given, **more)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(type(drawn.office.signers["softhsm"]), "sign", slow)
    with pytest.raises((NotReleased, DocumentEnded)) as changed:
        sign(drawn, agreed, "ben_ban", director)
    said(changed.value)
    assert [row.state for row in requests(drawn)] == ["failed"]
    assert [one.state for one in drawn.documents(drawn.case_id)] == [DocumentState.VOID]


def test_one_broken_module_hides_nothing_of_the_others(drawn: Branch, agreed: DossierDocument) -> None:
    from kernel.tokens.client import Signer
    from kernel.tokens.settings import SignerSettings

    absent = Signer(SignerSettings(module=drawn.home / "không có.so", state_dir=drawn.home / "state" / "khac"))
    both = replace(drawn.office, signers={"khac": absent, **drawn.office.signers})
    director = drawn.certificate(agreed).certificate.sha256
    assert certificates.candidates(both, drawn.named("duc"), agreed.id)[0].problem is None
    signed = signing.sign(both, drawn.named("duc"), agreed.id, "ben_ban", director, PIN)
    assert signed.state is DocumentState.SIGNED
    with pytest.raises(ModuleNotFound) as missing:
        certificates.candidates(replace(drawn.office, signers={"khac": absent}), drawn.named("duc"), agreed.id)
    assert "không có.so" in said(missing.value)


def test_a_complete_contract_is_told_to_the_customer_and_sent_to_cmis(drawn: Branch, agreed: DossierDocument) -> None:
    complete = drawn.sign(drawn.sign(agreed))
    waiting = [(row.kind, row.subject, row.state) for row in drawn.outgoing() if row.state == "waiting"]
    mine = [one for one in waiting if one[0] in ("sms", "cmis_upload")]
    assert mine == [("cmis_upload", complete.id, "waiting"), ("sms", "completed", "waiting")]
    assert consenting.challenge(drawn.office, complete.id) is None
    assert drawn.audit("archive")[-1].facts["sha256"] == complete.sha256
