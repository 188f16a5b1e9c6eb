"""`quaydien trust`: administrators add, show and take away authorities; verification, signing and doctor follow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes

from console.diagnosis import _trust
from console.examining import Examiner
from console.main import main
from console.wiring import close_office, open_office
from kernel import settings
from kernel.casework.trust_admin import add_trusted
from kernel.errors import SettingsInvalid
from kernel.signing.errors import TrustFolderUnwritable, TrustUnreadable
from kernel.signing.report import Verdict
from kernel.signing.trust import Trust, TrustPurpose, load_trust
from kernel.signing.trust_store import read_store
from kernel.signing.verify import verify
from kernel.storage.engine import open_engine
from kernel.storage.schema import upgrade
from kernel.storage.unit_of_work import UnitOfWork, audit_chain
from tests.pki import DAY, NOW, Pki, agreed, contract, make_pki, sign
from tests.said import said
from tests.unit.test_settings import GOOD

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.audit import AuditRow

GATEWAY = 'options = { url = "http://127.0.0.1:1", username = "a", password = "b", from = "EVN" }\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A branch at work with an empty store, shared by several counters."""
    place = tmp_path / "đơn vị"
    place.mkdir()
    shared = tmp_path / "dùng chung"
    text = f'{GOOD}{GATEWAY}[signing]\ntrust_folder = "{shared}"\n'
    (place / settings.FILE_NAME).write_text(text, "utf-8")
    upgrade(open_engine(settings.load(place).database_url))
    return place


def quaydien(home: Path, *words: object) -> int:
    return main(["--home", str(home), *map(str, words)])


def trail(home: Path) -> list[AuditRow]:
    with UnitOfWork(open_engine(settings.load(home).database_url), reading=True) as work:
        return [row for row in audit_chain(work) if row.action.startswith("trust")]


def trust_of(home: Path) -> Trust:
    return load_trust(sorted(settings.load(home).trust.glob("*.pem")))


def written(pki: Pki, path: Path, *, lists: bool = False) -> Path:
    path.write_bytes(pki.root.pem + (pki.root.crl() + pki.issuing.crl() if lists else b""))
    return path


def fingerprint(pki: Pki) -> str:
    return pki.root.certificate.fingerprint(hashes.SHA256()).hex()


def test_a_root_is_added_believed_shown_and_taken_away(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pki = contract().pki
    assert quaydien(home, "trust", "list") == 0
    assert "Chưa có chứng thư gốc" in capsys.readouterr().out
    wanted = fingerprint(pki)
    spaced = ":".join(wanted[at : at + 2] for at in range(0, 64, 2)).upper()
    assert quaydien(home, "trust", "add", written(pki, tmp_path / "gốc.pem"), "--sha256", spaced) == 0
    assert wanted in capsys.readouterr().out
    assert quaydien(home, "trust", "list", "--json") == 0
    listed: dict[str, Any] = json.loads(capsys.readouterr().out)
    [one] = listed["certificates"]
    assert (one["sha256"], one["name"], one["kind"], one["state"], one["practice"]) == (
        wanted, "CA gốc thực hành", "root", "valid", False,
    )  # fmt: skip
    assert one["purposes"] == ["signing", "time_stamping"]
    assert one["valid_to"] == pki.root.certificate.not_valid_after_utc.isoformat()
    assert one["added_at"]
    report = verify(contract().pdf, trust_of(home))
    assert all(signature.trusted for signature in report.signatures)
    assert quaydien(home, "trust", "show", wanted[:8]) == 0
    shown = capsys.readouterr().out
    assert pki.root.pem.decode() in shown
    assert quaydien(home, "trust", "remove", wanted[:6]) == 0
    assert not any(signature.trusted for signature in verify(contract().pdf, trust_of(home)).signatures)
    rows = trail(home)
    assert [(row.action, row.subject) for row in rows] == [("trust_added", wanted), ("trust_removed", wanted)]
    assert all(row.actor and row.facts["name"] == "CA gốc thực hành" for row in rows)


def test_a_root_for_time_stamps_vouches_for_no_signature(home: Path, tmp_path: Path) -> None:
    pki = contract().pki
    source = written(pki, tmp_path / "gốc.pem", lists=True)
    for purpose, trusted in ((TrustPurpose.TIME_STAMPING, False), (TrustPurpose.SIGNING, True)):
        assert quaydien(home, "trust", "add", source, "--purpose", purpose) == 0
        report = verify(contract().pdf, trust_of(home))
        assert [one.trusted for one in report.signatures] == [trusted, trusted]
        assert quaydien(home, "trust", "remove", fingerprint(pki)) == 0


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (("add", "người ký.pem"), "không được phép cấp"),
        (("add", "gốc.pem", "--sha256", "00" * 32), "Dấu vân tay"),
        (("add", "chữ.pem"), "chữ.pem"),
        (("add", "không có.pem"), "không có.pem"),
        (("remove", "abcdef"), "cần đúng một"),
        (("show", ""), "cần đúng một"),
    ],
)
def test_what_is_refused_changes_nothing(
    home: Path, tmp_path: Path, words: tuple[str, ...], about: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    person = x509.load_der_x509_certificate(contract().signatory.certificate)
    (tmp_path / "người ký.pem").write_bytes(person.public_bytes(Encoding.PEM))
    (tmp_path / "chữ.pem").write_text("không phải chứng thư", "utf-8")
    written(contract().pki, tmp_path / "gốc.pem")
    verb, named, *rest = words
    path = tmp_path / named if verb == "add" else named
    assert quaydien(home, "trust", verb, path, *rest) == 2
    assert about in capsys.readouterr().err
    assert trail(home) == []
    assert not read_store(settings.load(home).trust).certificates


def test_the_same_root_is_not_added_twice(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(contract().pki, tmp_path / "gốc.pem")
    assert [quaydien(home, "trust", "add", source) for _ in range(2)] == [0, 2]
    assert "đã có trong kho" in capsys.readouterr().err
    assert len(trail(home)) == 1


def test_taking_a_root_from_a_bundle_leaves_the_rest(home: Path) -> None:
    pki, other = contract().pki, make_pki("khác")
    folder = settings.load(home).trust
    folder.mkdir()
    (folder / "chép tay.pem").write_bytes(b"NEAC\n" + other.root.pem + b"cua Vien thong\n" + pki.trust_pem())
    assert quaydien(home, "trust", "remove", fingerprint(other)) == 0
    left = trust_of(home)
    assert (left.roots, len(left.crls)) == ((pki.root.der,), 2)
    assert verify(contract().pdf, left).verdict is Verdict.VALID


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_trusted(home: Path, tmp_path: Path) -> None:
    chosen = settings.load(home)
    chosen.trust.write_text("một tệp, không phải thư mục", "utf-8")
    source = written(contract().pki, tmp_path / "gốc.pem")
    with pytest.raises(TrustFolderUnwritable) as refused:
        add_trusted(chosen, open_engine(chosen.database_url), source, purposes=TrustPurpose, by="quản trị")
    assert str(chosen.trust) in said(refused.value)
    assert [row.action for row in trail(home)] == ["trust_added", "trust_unchanged"]


def test_a_purpose_nobody_knows_is_not_taken_for_every_purpose(tmp_path: Path) -> None:
    path = tmp_path / "gốc.pem"
    path.write_bytes(b"Quaydien-Purposes: signing, everything\n" + contract().pki.root.pem)
    with pytest.raises(TrustUnreadable):
        load_trust([path])


def test_doctor_tells_of_practice_roots_and_of_what_is_over(home: Path) -> None:
    chosen = settings.load(home)
    chosen.trust.mkdir()
    pki = make_pki("khác")
    (chosen.trust / "a.pem").write_bytes(b"Quaydien-Practice: yes\n" + pki.root.pem)
    (chosen.trust / "b.pem").write_bytes(pki.issuing.crl(made=NOW - 9 * DAY, until=NOW - DAY))
    office = open_office(home)
    try:
        found = [(one.state, one.finding) for one in _trust(Examiner(office, "vi"))]
    finally:
        close_office(office)
    assert [state for state, _ in found] == ["ok", "failed", "warning"]
    assert "thực hành" in found[1][1]
    assert "CA cấp phát khác" in found[2][1]


def test_signing_follows_the_store(home: Path, tmp_path: Path) -> None:
    from kernel.signing.certificates import check_certificate

    person = contract().signatory
    source = written(contract().pki, tmp_path / "gốc.pem", lists=True)
    office = open_office(home)
    try:
        before = check_certificate(person.certificate, person.chain, office.trust)
        assert quaydien(home, "trust", "add", source, "--purpose", "time_stamping") == 0
        stamps_only = check_certificate(person.certificate, person.chain, office.trust)
        assert quaydien(home, "trust", "remove", fingerprint(contract().pki)) == 0
        assert quaydien(home, "trust", "add", source) == 0
        after = check_certificate(person.certificate, person.chain, office.trust)
    finally:
        close_office(office)
    assert [[reason.code for reason in one.reasons] for one in (before, stamps_only, after)] == [
        ["root_unknown"], ["root_unknown"], ["revocation_unknown"],
    ]  # fmt: skip


def test_a_trust_folder_must_be_a_path(home: Path) -> None:
    (home / settings.FILE_NAME).write_text(f"{GOOD}[signing]\ntrust_folder = 5\n", "utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        settings.load(home)
    assert "trust_folder" in said(refused.value)


def test_a_stranger_is_not_trusted_by_what_a_file_carries(home: Path, tmp_path: Path) -> None:
    other = make_pki("khác")
    assert quaydien(home, "trust", "add", written(contract().pki, tmp_path / "gốc.pem")) == 0
    report = verify(sign(agreed(), "ben_ban", other.issuing.person("Người lạ")), trust_of(home))
    assert not report.signatures[0].trusted
