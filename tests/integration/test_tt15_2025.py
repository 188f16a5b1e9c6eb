"""The functional checklists of TT 15/2025/TT-BKHCN, a test a line: A signing (Điều 5), B checking (Điều 6).

`docs/tt15-2025.md` says how each line is met.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import socket
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader

from adapters.remote_signing.gateway_shapes import State
from console.diagnosis import examine
from console.diagnosis_of_services import examine_remote
from console.examining import Examiner
from console.main import main
from kernel import clock, settings
from kernel.api.documents import Purpose
from kernel.casework import collecting, remote_signing
from kernel.casework.errors import CertificateRefused, SignerNotEntitled
from kernel.dossier.records import DocumentState
from kernel.errors import BlobCorrupt
from kernel.signing.certificates import check_certificate, refuse_unfit
from kernel.signing.consent import attach_consent
from kernel.signing.errors import CertificateExpired, CertificateKeyUsage, CertificateNotYetValid, CertificateWeak
from kernel.signing.fields import with_signature_fields
from kernel.signing.levels import Level
from kernel.signing.parties import Party
from kernel.signing.report import Verdict
from kernel.signing.telling import tell
from kernel.signing.trust import Trust, load_trust, read_trust
from kernel.signing.verify import verify
from kernel.storage.engine import open_engine
from kernel.storage.schema import upgrade
from tests import esign_gateway
from tests.archive_kit import Archive
from tests.pki import (
    BOXES,
    DAY,
    NOW,
    agreed,
    contract,
    draw,
    evidence_for,
    key_usage,
    make_pki,
    prepared,
    rsa_key,
    sha1_certificate,
    sign,
)
from tests.practice import at_work, copy_branch
from tests.said import said
from tests.unit.test_settings import GOOD

if TYPE_CHECKING:
    from kernel.signing.report import Report
    from kernel.signing.telling import Told
    from tests.practice import Branch, Clock


@pytest.fixture(scope="module")
def lasting() -> tuple[Archive, bytes]:
    """A document signed, time-stamped and archived."""
    archive = Archive(NOW)
    return archive, archive.extended(archive.signed(agreed()), Level.B_LTA).pdf


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A branch with an empty trust store."""
    (tmp_path / settings.FILE_NAME).write_text(GOOD, "utf-8")
    upgrade(open_engine(settings.load(tmp_path).database_url))
    return tmp_path


def quaydien(home: Path, *words: object) -> int:
    return main(["--home", str(home), *map(str, words)])


def root_file(home: Path, *, lists: bool = True) -> Path:
    path = home / "gốc.pem"
    path.write_bytes(contract().pki.trust_pem(crls=lists))
    return path


def judged(pdf: bytes, trust: Trust | None = None) -> Report:
    return verify(pdf, trust or contract().trust, seconds=30)


def codes(report: Report) -> set[str]:
    return {reason.code for reason in report.reasons if reason.weight is not Verdict.VALID}


def told(pdf: bytes, trust: Trust | None = None) -> Told:
    return tell(judged(pdf, trust), "hợp đồng.pdf", "vi")


def unchecked(signer: Any, **changes: Any) -> bytes:
    """Return what a program signs that does not look at the certificate."""
    from kernel.signing.certificates import load_certificate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kernel.signing.deferred.refuse_unfit", lambda der, _at: load_certificate(der))
        return sign(agreed(), "ben_ban", signer, **changes)


# A. Signing software


def test_a01_the_certificate_is_checked_before_signing(drawn: Branch) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    offered = drawn.candidates(document)
    assert [one.problem is None for one in offered].count(True) == 1
    assert all(isinstance(one.problem, SignerNotEntitled) for one in offered if one.problem is not None)
    pki = make_pki()
    revoked = pki.issuing.person("Trần Văn Ữ")
    pki.issuing.revoke(revoked, NOW - DAY)
    trust = read_trust(pki.trust_pem(), "trust")
    assert check_certificate(revoked.certificate, revoked.chain, trust).verdict is Verdict.INVALID
    with pytest.raises(CertificateExpired) as expired:
        sign(agreed(), "ben_ban", pki.issuing.person("Trần Văn Ữ", until=NOW - DAY))
    assert "hết hạn" in said(expired.value)


def test_a02_the_kind_of_device_is_shown(drawn: Branch) -> None:
    """The key never leaves its device; one that is software is told of where contracts are real."""
    text = (drawn.home / settings.FILE_NAME).read_text("utf-8")
    names = [one.finding for one in examine(drawn.home, "vi") if "SoftHSM" in one.finding]
    assert names
    (drawn.home / settings.FILE_NAME).write_text(text.replace("practice = true", "practice = false"), "utf-8")
    warned = [one for one in examine(drawn.home, "vi") if one.state == "warning" and "softhsm" in one.finding.lower()]
    assert warned
    assert warned[0].advice


def test_a03_what_is_signed_is_a_recommended_format(drawn: Branch) -> None:
    pdf = drawn.office.blobs.get(drawn.document(drawn.case_id).sha256)
    assert pdf.startswith(b"%PDF-1.7")
    metadata = PdfFileReader(BytesIO(pdf)).root["/Metadata"].data.decode()
    assert ('pdfaid:part="3"' in metadata) or ("<pdfaid:part>3<" in metadata)


def test_a04_signature_certificate_and_time_are_attached() -> None:
    [found] = PdfFileReader(BytesIO(sign(agreed(), "ben_ban", contract().signatory))).embedded_signatures
    envelope = cms.ContentInfo.load(found.pkcs7_content)["content"]
    assert contract().signatory.certificate in [one.chosen.dump() for one in envelope["certificates"]]
    assert envelope["signer_infos"][0]["signature"].native
    assert found.self_reported_timestamp == NOW


def test_a05_certificates_of_authorities_are_installed_and_dated(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quaydien(home, "trust", "add", root_file(home)) == 0
    assert quaydien(home, "trust", "list") == 0
    shown = capsys.readouterr().out
    assert "CA gốc thực hành" in shown
    assert clock.day(contract().pki.root.certificate.not_valid_after_utc) in shown


def test_a06_a_time_stamp_is_attached(lasting: tuple[Archive, bytes]) -> None:
    archive, _ = lasting
    done = archive.extended(archive.signed(agreed()), Level.B_T)
    [one] = archive.judged(done.pdf).signatures
    assert (one.level, one.time_stamp) == ("B-T", archive.clock.now)


def test_a07_the_signed_message_is_kept_intact(drawn: Branch) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    signed = drawn.sign(document)
    kept = drawn.office.blobs.get(signed.sha256)
    assert hashlib.sha256(kept).hexdigest() == signed.sha256
    assert kept.startswith(drawn.office.blobs.get(document.sha256))
    path = drawn.office.blobs.path(signed.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    with pytest.raises(BlobCorrupt) as damaged:
        drawn.office.blobs.get(signed.sha256)
    assert said(damaged.value)


def test_a08_the_identity_in_the_certificate_is_the_party_s() -> None:
    parties = (Party("ben_mua", Purpose.CUSTOMER, ("Nguyễn Thị Lấp Lánh Ánh",), "001090000001"),)
    pdf = with_signature_fields(draw(), BOXES, parties)
    person = contract().pki.issuing.person
    right = judged(sign(pdf, "ben_mua", person(uid="CCCD:001090000001")))
    other = judged(sign(pdf, "ben_mua", person(uid="CCCD:001090000009")))
    assert right.verdict is Verdict.VALID
    assert (other.verdict, codes(other)) == (Verdict.INVALID, {"signed_by_another"})


def test_a09_a_path_to_a_trusted_root_or_no_signature(drawn: Branch) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    for file in (drawn.home / "trust").iterdir():
        file.unlink()
    (drawn.home / "trust" / "khac.pem").write_bytes(make_pki("khác").trust_pem())
    problems = [one.problem for one in drawn.candidates(document)]
    assert any(isinstance(problem, CertificateRefused) for problem in problems)
    assert None not in problems


def test_a10_the_criteria_of_annex_ii() -> None:
    pki = make_pki()
    for problem, signer in (
        (CertificateNotYetValid, pki.issuing.person("Ữ", since=NOW + DAY)),
        (CertificateExpired, pki.issuing.person("Ữ", until=NOW - DAY)),
        (CertificateKeyUsage, pki.issuing.person("Ữ", usage=key_usage(key_encipherment=True))),
        (CertificateWeak, pki.issuing.person("Ữ", key=rsa_key("ngắn", 1024))),
    ):
        with pytest.raises(problem):
            sign(agreed(), "ben_ban", signer)
    with pytest.raises(CertificateWeak):
        refuse_unfit(sha1_certificate(), clock.now())
    # where nobody can be asked about revocation, a warning is shown
    signer = pki.issuing.person("Ữ")
    status = check_certificate(signer.certificate, signer.chain, read_trust(pki.trust_pem(crls=False), "trust"))
    assert (status.verdict, [one.code for one in status.reasons]) == (Verdict.UNKNOWN, ["revocation_unknown"])
    assert "Chưa biết" in status.reasons[0].text("vi")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The TCP ports this process opens lines to, from here on."""
    found: set[int] = set()
    connect = socket.socket.connect

    def told(line: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            found.add(address[1])
        connect(line, address)

    monkeypatch.setattr(socket.socket, "connect", told)
    return found


def test_a11_nothing_connects_to_the_gateway_by_default(drawn: Branch, lines: set[int]) -> None:
    """The connector is installed; in a branch whose settings do not name it, a contract is signed without it."""
    assert drawn.office.registry.adapter("esign").port == "remote_signing"
    assert drawn.office.remote == {}
    document = drawn.agree(drawn.document(drawn.case_id))
    assert remote_signing.offers(drawn.office, drawn.clerk, document.id) == remote_signing.Offers((), ())
    assert list(examine_remote(Examiner(drawn.office, "vi"))) == []
    assert drawn.sign(document).state is DocumentState.SIGNED
    assert lines <= {urlsplit(url).port for url in (drawn.cmis_url, drawn.sms_url)}


def test_a11_a_contract_is_signed_through_the_gateway(
    drawn_template: tuple[Path, str], tmp_path: Path, steady: Clock, lines: set[int]
) -> None:
    """Switched on, it is asked by TLS 1.2 or higher with the unit's sp_id, and the contract reads HỢP LỆ."""
    template, case_id = drawn_template
    home = copy_branch(template, tmp_path / "home")
    context, ca_file = esign_gateway.server_tls(tmp_path)
    with esign_gateway.serving(esign_gateway.new_model(), context) as model:
        section = esign_gateway.section(model, ca_file=f'"{ca_file}"')
        (home / settings.FILE_NAME).write_text((home / settings.FILE_NAME).read_text("utf-8") + section, "utf-8")
        (home / "trust" / "esign.pem").write_bytes(model.trust_pem)
        with at_work(home, steady, case_id) as branch:
            [well] = examine_remote(Examiner(branch.office, "vi"))
            assert re.search(r"TLSv1\.[23]", well.finding)
            document = branch.agree(branch.document(case_id))
            waiting = remote_signing.ask(
                branch.office, branch.clerk, document.id, "ben_ban", "esign", model.key("director"), {}
            )
            collecting.attempt(branch.office, waiting.id)
            model.phone(State.SIGNED)
            collecting.attempt(branch.office, waiting.id)
            signed = branch.document(case_id)
            assert signed.state is DocumentState.SIGNED
            assert verify(branch.office.blobs.get(signed.sha256), branch.office.trust).verdict is Verdict.VALID
        assert urlsplit(model.url).port in lines


def test_a12_certificate_list_and_status_are_kept_with_the_message(lasting: tuple[Archive, bytes]) -> None:
    archive, pdf = lasting
    store = PdfFileReader(BytesIO(pdf)).root["/DSS"]
    certificates = [asn1_x509.Certificate.load(one.get_object().data) for one in store["/Certs"]]
    lists = [asn1_crl.CertificateList.load(one.get_object().data) for one in store["/CRLs"]]
    assert {one.issuer.native["common_name"] for one in lists} <= {
        one.subject.native["common_name"] for one in certificates
    }
    [report] = archive.judged(pdf, archive.roots).signatures
    assert (report.level, report.revocation) == ("B-LTA", "good")
    # kept inside the message, they go when it goes
    assert pdf.startswith(agreed())


def test_a13_authorities_are_added_removed_and_all_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = home / "khác.pem"
    other.write_bytes(make_pki("khác").root.pem)
    assert quaydien(home, "trust", "add", root_file(home), other) == 0
    capsys.readouterr()
    assert quaydien(home, "trust", "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)["certificates"]
    assert {one["name"] for one in listed} == {"CA gốc thực hành", "CA gốc khác"}
    assert quaydien(home, "trust", "remove", listed[0]["sha256"]) == 0
    capsys.readouterr()
    quaydien(home, "trust", "list", "--json")
    assert len(json.loads(capsys.readouterr().out)["certificates"]) == 1


def test_a14_the_signer_is_told_in_vietnamese_and_gets_the_file(drawn: Branch) -> None:
    document = drawn.agree(drawn.document(drawn.case_id))
    refused = next(one.problem for one in drawn.candidates(document) if one.problem is not None)
    assert said(refused)
    signed = drawn.sign(document)
    pdf = drawn.office.blobs.get(signed.sha256)
    out = drawn.home / "tải về.pdf"
    out.write_bytes(pdf)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "console", "verify", str(out), "--home", str(drawn.home)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"✓ {out}: HỢP LỆ")


# B. Checking software


def test_b01_the_signature_is_checked_with_the_key_of_its_certificate() -> None:
    impostor = dataclasses.replace(contract().signatory, key=contract().seal.key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kernel.signing.deferred.verifies", lambda *_: True)  # this program releases none such
        pdf = sign(agreed(), "ben_ban", impostor)
    assert codes(judged(pdf)) == {"signature_wrong"}
    assert judged(sign(agreed(), "ben_ban", contract().signatory)).signatures[0].intact


def test_b02_the_path_is_followed_to_a_trusted_root() -> None:
    assert all(one.trusted for one in judged(contract().pdf).signatures)
    stranger = judged(contract().pdf, read_trust(make_pki("khác").trust_pem(), "trust"))
    assert (stranger.verdict, codes(stranger)) == (Verdict.UNKNOWN, {"root_unknown"})


def test_b03_validity_by_annex_ii() -> None:
    pki = contract().pki
    late = unchecked(pki.issuing.person("Ữ", until=NOW - DAY))
    early = unchecked(pki.issuing.person("Ữ", since=NOW + DAY))
    misused = unchecked(pki.issuing.person("Ữ", usage=key_usage(key_agreement=True)))
    found = [(judged(pdf).verdict, codes(judged(pdf))) for pdf in (late, early, misused)]
    assert found == [
        (Verdict.INVALID, {"expired_at_signing"}),
        (Verdict.INVALID, {"not_yet_valid"}),
        (Verdict.INVALID, {"key_usage"}),
    ]
    open_question = judged(contract().pdf, read_trust(pki.trust_pem(crls=False), "trust"))
    assert (open_question.verdict, codes(open_question)) == (Verdict.UNKNOWN, {"revocation_unknown"})


def test_b04_integrity() -> None:
    pdf = contract().pdf
    at = pdf.index(b"/Type/Page/") if b"/Type/Page/" in pdf else pdf.index(b"stream\n") + 20
    changed = judged(pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])
    assert changed.verdict is Verdict.INVALID
    assert all(one.intact for one in judged(pdf).signatures)


def test_b05_a_new_authority_counts_at_once(home: Path) -> None:
    pdf = home / "hợp đồng.pdf"
    pdf.write_bytes(contract().pdf)
    assert quaydien(home, "verify", pdf) == 1
    (home / "trust").mkdir()
    (home / "trust" / "crl.pem").write_bytes(contract().pki.root.crl() + contract().pki.issuing.crl())
    assert quaydien(home, "trust", "add", root_file(home, lists=False)) == 0
    assert quaydien(home, "verify", pdf) == 0


def test_b06_the_time_stamp_is_checked(lasting: tuple[Archive, bytes]) -> None:
    archive, pdf = lasting
    [one] = archive.judged(pdf).signatures
    assert one.time_stamp == archive.clock.now
    # of the archive data, which the document time stamp covers
    changed = archive.judged(pdf.replace(b"/Certs", b"/Cerds", 1))
    assert changed.verdict is Verdict.INVALID


def test_b07_what_proves_it_is_inside_the_file(lasting: tuple[Archive, bytes]) -> None:
    archive, pdf = lasting
    assert archive.roots.crls == ()
    assert archive.judged(pdf, archive.roots).verdict is Verdict.VALID


def test_b08_an_authority_taken_away_is_believed_no_longer(home: Path) -> None:
    assert quaydien(home, "trust", "add", root_file(home)) == 0
    folder = settings.load(home).trust
    assert all(one.trusted for one in judged(contract().pdf, load_trust(folder.glob("*.pem"))).signatures)
    from kernel.signing.trust_store import read_store

    assert quaydien(home, "trust", "remove", read_store(folder).certificates[0].sha256) == 0
    assert not any(one.trusted for one in judged(contract().pdf, load_trust(folder.glob("*.pem"))).signatures)


def test_b09_the_words_of_the_circular() -> None:
    assert told(contract().pdf).verdict == "Hợp lệ"
    assert told(contract().pdf + b"%").verdict == "Không hợp lệ"
    assert told(contract().pdf, Trust()).verdict == "Chưa xác định"
    assert told(prepared()).verdict == "Không có chữ ký số"


def test_b10_what_has_to_be_shown() -> None:
    plain = with_signature_fields(draw(), BOXES)
    consented = attach_consent(plain, dataclasses.asdict(evidence_for(plain)))
    [part] = told(sign(consented, "ben_ban", contract().signatory)).signatures
    rows = dict(part.rows)
    assert rows["Đơn vị cấp chứng thư"] == "CA cấp phát thực hành"
    assert (rows["Người ký"], rows["Định danh"]) == ("Trần Văn Ữ", "CCCD:001090000002")
    assert rows["Đơn vị quản lý chứng thư"] == "Điện lực"
    assert rows["Ký lúc"].startswith(clock.shown(NOW))
    assert rows["Dấu thời gian"] == "không có"
    assert rows["Toàn vẹn"] == "nội dung không đổi từ khi ký"
    assert rows["Chứng thư lúc ký"] == "có hiệu lực"
    assert rows["Hạn chứng thư"].count("+07:00") == 2
