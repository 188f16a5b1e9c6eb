"""A contract from the customer's consent to the seal, and what every verifier says of it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from kernel.api.messages import area
from kernel.signing import verify as verify_module
from kernel.signing.consent import attach_consent
from kernel.signing.fields import with_signature_fields
from kernel.signing.report import Report, Verdict
from kernel.signing.sign import Mechanism
from kernel.signing.trust import Trust, read_trust
from kernel.signing.verify import verify
from tests.pki import (
    BOXES,
    DAY,
    NOW,
    Pki,
    agreed,
    contract,
    draw,
    evidence_for,
    key_usage,
    make_pki,
    openssl_verifies,
    prepared,
    sign,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pki import SoftwareSigner


def codes(report: Report) -> set[str]:
    return {reason.code for reason in report.reasons}


def trust_of(pki: Pki, *, crls: bool = True) -> Trust:
    return read_trust(pki.trust_pem(crls=crls), "trust")


def signed_by(pki: Pki, signer: SoftwareSigner, **changes: Any) -> bytes:
    """Return the contract as a signer makes it whose own checks were switched off."""
    at = changes.pop("at", NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kernel.signing.deferred.refuse_unfit", lambda der, _at: _loaded(der))
        return sign(agreed(), "ben_ban", signer, at=at, **changes)


def _loaded(der: bytes) -> Any:
    from kernel.signing.certificates import load_certificate

    return load_certificate(der)


def test_the_finished_contract_is_valid() -> None:
    done = contract()
    report = verify(done.pdf, done.trust)
    assert (report.verdict, report.reasons) == (Verdict.VALID, ())
    assert [one.field for one in report.signatures] == ["ben_ban", "dong_dau"]
    first, last = report.signatures
    assert (first.signer, first.signer_uid, first.issuer) == (
        "Trần Văn Ữ",
        "CCCD:001090000002",
        "CA cấp phát thực hành",
    )
    assert last.signer_uid == "MST:0400000011"
    for one in report.signatures:
        assert (one.intact, one.trusted, one.revocation, one.changed_after) == (True, True, "good", False)
        assert (one.level, one.signed_at, one.time_stamp) == ("B-B", NOW, None)
    assert report.consent is not None
    assert report.consent.matches
    assert report.consent.covered_by == ("ben_ban", "dong_dau")


def test_the_answer_as_json() -> None:
    shape = verify(contract().pdf, contract().trust).as_json("hợp đồng.pdf", "vi")
    assert list(shape) == ["file", "verdict", "reasons", "signatures", "consent", "seconds"]
    assert list(shape["signatures"][0]) == [
        "field", "signer", "issuer", "signed_at", "time_stamp",
        "level", "intact", "trusted", "revocation", "changed_after",
    ]  # fmt: skip
    assert json.loads(json.dumps(shape, ensure_ascii=False))["verdict"] == "HOP_LE"


def test_other_programs_agree(tmp_path: Path) -> None:
    done = contract()
    (tmp_path / "a.pdf").write_bytes(done.pdf)
    subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, check=True, capture_output=True)
    seen = subprocess.run(["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert seen.stdout.count("Signature is Valid") == 2
    for field in ("ben_ban", "dong_dau"):
        assert openssl_verifies(done.pdf, field, done.pki.root.pem, tmp_path)
        assert not openssl_verifies(done.pdf, field, make_pki("khác").root.pem, tmp_path)
    length = len(prepared())
    subprocess.run(["bash", "-c", f"head -c {length} a.pdf > goc.pdf"], cwd=tmp_path, check=True)
    assert (tmp_path / "goc.pdf").read_bytes() == prepared()


def test_a_customer_with_an_own_certificate_signs_first() -> None:
    pki = make_pki()
    pdf = agreed()
    for field, mechanism in (
        ("ben_mua", Mechanism.ECDSA_SHA256),
        ("ben_ban", Mechanism.PSS_SHA256),
        ("dong_dau", Mechanism.RSA_SHA512),
    ):
        pdf = sign(pdf, field, pki.issuing.person(f"Nguyễn Ệ {field}", mechanism=mechanism))
    report = verify(pdf, trust_of(pki))
    assert report.verdict is Verdict.VALID
    assert [one.field for one in report.signatures] == ["ben_mua", "ben_ban", "dong_dau"]


def test_documents_without_a_signature() -> None:
    for pdf in (prepared(), agreed()):
        report = verify(pdf, contract().trust)
        assert (report.verdict, codes(report)) == (Verdict.NO_SIGNATURE, {"no_signature"})
    agreed_only = verify(agreed(), contract().trust)
    assert agreed_only.consent is not None
    assert agreed_only.consent.matches


@pytest.mark.parametrize("crls", [True, False])
def test_an_unknown_root_leaves_it_open(crls: bool) -> None:
    report = verify(contract().pdf, trust_of(make_pki("khác"), crls=crls))
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"root_unknown"})
    assert all(one.intact and not one.trusted for one in report.signatures)
    assert verify(contract().pdf, Trust()).verdict is Verdict.UNKNOWN


def test_without_revocation_lists_it_stays_open() -> None:
    report = verify(contract().pdf, trust_of(contract().pki, crls=False))
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"revocation_unknown"})
    assert all(one.trusted and one.revocation == "unknown" for one in report.signatures)


def test_a_stale_revocation_list_is_none() -> None:
    pki = contract().pki
    stale = pki.issuing.crl(made=NOW - 20 * DAY, until=NOW - 10 * DAY)
    report = verify(contract().pdf, read_trust(pki.root.pem + pki.root.crl() + stale, "trust"))
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, {"revocation_unknown"})


def test_a_revocation_list_of_another_authority_says_nothing() -> None:
    pki, other = contract().pki, make_pki("khác")
    report = verify(contract().pdf, read_trust(pki.root.pem + pki.root.crl() + other.issuing.crl(), "trust"))
    assert report.verdict is Verdict.UNKNOWN


def test_revoked_before_signing_is_invalid_and_after_it_open() -> None:
    for revoked_at, verdict, code in (
        (NOW - DAY, Verdict.INVALID, "revoked"),
        (NOW - DAY / 24, Verdict.UNKNOWN, "revoked_later"),
    ):
        pki = make_pki()
        signer = pki.issuing.person("Trần Văn Ữ")
        pki.issuing.revoke(signer, revoked_at)
        pdf = sign(agreed(), "ben_ban", signer, at=NOW - DAY / 2)
        trust = read_trust(pki.root.pem + pki.root.crl() + pki.issuing.crl(made=NOW), "trust")
        report = verify(pdf, trust)
        assert (report.verdict, codes(report)) == (verdict, {code})
        assert report.signatures[0].revocation == "revoked"


def test_a_revoked_authority_is_invalid() -> None:
    pki = make_pki()
    pdf = sign(agreed(), "ben_ban", pki.issuing.person("Trần Văn Ữ"))
    pki.root.revoked.append((pki.issuing.certificate.serial_number, NOW - DAY))
    report = verify(pdf, trust_of(pki))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"authority_revoked"})


def test_expired_now_is_open_and_expired_at_signing_invalid() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ", until=NOW - DAY)
    then = verify(sign(agreed(), "ben_ban", signer, at=NOW - 2 * DAY), trust_of(pki))
    assert (then.verdict, codes(then)) == (Verdict.UNKNOWN, {"expired"})
    later = verify(signed_by(pki, signer), trust_of(pki))
    assert (later.verdict, codes(later)) == (Verdict.INVALID, {"expired_at_signing"})


def test_a_certificate_for_another_use_is_invalid() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ", usage=key_usage(key_encipherment=True))
    report = verify(signed_by(pki, signer), trust_of(pki))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"key_usage"})


def test_a_certificate_of_the_future_is_invalid() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ", since=NOW + DAY)
    report = verify(signed_by(pki, signer), trust_of(pki))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"not_yet_valid"})


def test_one_unknown_signature_spoils_the_file_but_not_its_neighbour() -> None:
    done, other = contract(), make_pki("khác")
    pdf = sign(done.pdf, "ben_mua", other.issuing.person("Người lạ"))
    report = verify(pdf, done.trust)
    assert report.verdict is Verdict.UNKNOWN
    assert [one.verdict for one in report.signatures] == [Verdict.VALID, Verdict.VALID, Verdict.UNKNOWN]


def test_a_signature_by_another_key_is_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.signing.deferred.verifies", lambda *_: True)  # this program releases none such
    done = contract()
    impostor = dataclasses.replace(done.signatory, key=done.seal.key)
    report = verify(sign(agreed(), "ben_ban", impostor), done.trust)
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {"signature_wrong"})


def test_the_intermediate_may_come_with_the_trust() -> None:
    pki = make_pki()
    alone = dataclasses.replace(pki.issuing.person("Trần Văn Ữ"), chain=())
    pdf = sign(agreed(), "ben_ban", alone)
    assert verify(pdf, trust_of(pki)).verdict is Verdict.UNKNOWN
    assert verify(pdf, read_trust(pki.trust_pem() + pki.issuing.pem, "trust")).verdict is Verdict.VALID


def test_every_word_exists_in_both_languages() -> None:
    for name in ("verify", "signing"):
        vietnamese, english = area(name, "vi"), area(name, "en")
        assert {key: set(table) for key, table in vietnamese.items()} == {
            key: set(table) for key, table in english.items()
        }


def test_a_long_document_with_many_bookmarks_is_verified() -> None:
    plain = with_signature_fields(draw("Điều khoản", pages=450), BOXES)
    pdf = attach_consent(plain, dataclasses.asdict(evidence_for(plain)))
    pdf = sign(sign(pdf, "ben_ban", contract().signatory), "dong_dau", contract().seal)
    assert verify(pdf, contract().trust, seconds=60).verdict is Verdict.VALID


def test_a_silent_network_leaves_what_is_known_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = verify_module._verify
    asked = threading.Event()

    def network(pdf: bytes, trust: Trust, at: Any) -> Any:
        if trust.allow_fetching:
            asked.wait()
        return real(pdf, trust, at)

    monkeypatch.setattr(verify_module, "_verify", network)
    trust = dataclasses.replace(contract().trust, allow_fetching=True)
    report = verify(contract().pdf, trust, seconds=0.05)
    asked.set()
    assert (report.verdict, [reason.code for reason in report.reasons]) == (Verdict.VALID, ["network_silent"])
