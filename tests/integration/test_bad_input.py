"""Every kind of bad input: an error of our own that says what to do, the key untouched, the file as it was.

Here is what can be refused without a device. With a token: an unknown purpose (`test_tokens_signer`), a certificate
that is revoked, of another or of an unknown root at the counter (`test_casework_signing`). With a service: a time stamp
over another digest (`test_time_stamps`), a remote service that signs another hash (`test_remote_signing`).
"""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from console.main import main
from kernel.signing.certificates import check_certificate
from kernel.signing.deferred import finish, prepare_signature
from kernel.signing.errors import (
    CertificateExpired,
    CertificateKeyUsage,
    CertificateNotYetValid,
    CertificateWeak,
    DocumentCertified,
    DocumentEncrypted,
    DocumentHybrid,
    DocumentUnreadable,
    DocumentXfa,
    FieldFilled,
    FieldMissing,
    NotPdf,
    SignatureOfAnother,
    TimeStampWrong,
)
from kernel.signing.mechanism import Mechanism
from kernel.signing.ports import TimeStampToken
from kernel.signing.prepared import Appearing
from kernel.signing.report import Verdict
from kernel.signing.sign import sign_field
from kernel.signing.trust import Trust, read_trust
from kernel.signing.verify import verify
from tests.pdf_updates import ATTACKS
from tests.pki import (
    DAY,
    NOW,
    agreed,
    certified,
    contract,
    key_usage,
    make_pki,
    prepared,
    rsa_key,
    with_catalog,
)
from tests.said import said
from tests.scans import write_scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel.signing.errors import SigningError
    from tests.pki import SoftwareSigner


def encrypted(folder: Path) -> bytes:
    (folder / "plain.pdf").write_bytes(prepared())
    subprocess.run(["qpdf", "--encrypt", "mk", "mk", "256", "--", "plain.pdf", "b.pdf"], cwd=folder, check=True)
    return (folder / "b.pdf").read_bytes()


def hybrid(_: Path) -> bytes:
    import tests.pdf_shadows

    assert tests.pdf_shadows
    return ATTACKS["hybrid_cross_references"]()


DOCUMENTS: dict[str, tuple[Callable[[Path], bytes], str, type[SigningError]]] = {
    "0 bytes": (lambda _: b"", "ben_ban", NotPdf),
    "not a PDF": (lambda _: "Đây là tệp chữ Ệ Ữ".encode(), "ben_ban", NotPdf),
    "a header alone": (lambda _: b"%PDF-1.7\n", "ben_ban", NotPdf),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(500), "ben_ban", NotPdf),
    "half of it": (lambda _: agreed()[: len(agreed()) // 2], "ben_ban", NotPdf),
    "without its last bytes": (lambda _: agreed()[:-30], "ben_ban", NotPdf),
    "encrypted": (encrypted, "ben_ban", DocumentEncrypted),
    "hybrid cross-references": (hybrid, "ben_mua", DocumentHybrid),
    "XFA": (lambda _: with_catalog(prepared(), xfa=True), "ben_ban", DocumentXfa),
    "certified, no changes": (lambda _: certified(prepared(), contract().signatory), "ben_ban", DocumentCertified),
    "no such field": (lambda _: agreed(), "ô không có", FieldMissing),
    "field filled": (lambda _: contract().pdf, "ben_ban", FieldFilled),
}


class Untouched:
    """A key that must not be used."""

    chain: tuple[bytes, ...] = ()
    mechanism = Mechanism.RSA_SHA256

    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate

    def sign(self, data: bytes) -> bytes:
        raise AssertionError("the key was used")


def refused(path: Path, field: str, problem: type[SigningError], signer: Untouched) -> str:
    """Return what the clerk reads of a document that is not signed, after checking that it is as it was."""
    before = path.read_bytes()
    with pytest.raises(problem) as error:
        sign_field(path, field=field, signer=signer, at=NOW, appearance=None, name="Trần Văn Ữ", reason="", location="")
    assert path.read_bytes() == before
    assert type(error.value) is problem
    return said(error.value)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_cannot_be_signed(name: str, tmp_path: Path) -> None:
    make, field, problem = DOCUMENTS[name]
    path = tmp_path / "hồ sơ.pdf"
    path.write_bytes(make(tmp_path))
    assert refused(path, field, problem, Untouched(contract().signatory.certificate))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_documents_are_verified_without_an_error(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hồ sơ.pdf"
    path.write_bytes(before := DOCUMENTS[name][0](tmp_path))
    assert main(["verify", str(path), "--home", str(tmp_path)]) == 1
    assert path.read_bytes() == before
    answer = capsys.readouterr()
    assert answer.err == ""
    assert "!" in answer.out  # at least one reason


def test_a_document_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentUnreadable) as error:
        sign_field(
            tmp_path / "không có.pdf", field="ben_ban", signer=Untouched(contract().signatory.certificate),
            at=NOW, appearance=None, name="", reason="", location="",
        )  # fmt: skip
    assert "không có.pdf" in said(error.value)


def unfit() -> dict[str, tuple[bytes, type[SigningError]]]:
    person = contract().pki.issuing.person
    return {
        "expired": (person("Ữ", until=NOW - DAY).certificate, CertificateExpired),
        "not yet valid": (person("Ữ", since=NOW + DAY).certificate, CertificateNotYetValid),
        "wrong key usage": (person("Ữ", usage=key_usage(key_agreement=True)).certificate, CertificateKeyUsage),
        "an authority's": (contract().pki.issuing.der, CertificateKeyUsage),
        "short key": (person("Ữ", key=rsa_key("ngắn", 1024)).certificate, CertificateWeak),
    }


@pytest.mark.parametrize("name", ["expired", "not yet valid", "wrong key usage", "an authority's", "short key"])
def test_a_certificate_that_may_not_sign(name: str, tmp_path: Path) -> None:
    certificate, problem = unfit()[name]
    path = tmp_path / "hợp đồng.pdf"
    path.write_bytes(agreed())
    assert refused(path, "ben_ban", problem, Untouched(certificate))


def judged(signer: SoftwareSigner, trust: Trust) -> tuple[Verdict, list[str]]:
    status = check_certificate(signer.certificate, signer.chain, trust)
    assert all(reason.text("vi") for reason in status.reasons)
    return status.verdict, [reason.code for reason in status.reasons]


def test_a_certificate_that_is_revoked_or_of_an_unknown_root() -> None:
    pki = make_pki()
    signer = pki.issuing.person("Trần Văn Ữ")
    pki.issuing.revoke(signer, NOW - DAY)
    assert judged(signer, read_trust(pki.trust_pem(), "trust")) == (Verdict.INVALID, ["revoked"])
    assert judged(signer, read_trust(make_pki("khác").trust_pem(), "trust")) == (Verdict.UNKNOWN, ["root_unknown"])
    assert judged(signer, Trust()) == (Verdict.UNKNOWN, ["root_unknown"])


class WrongStamper:
    """A time-stamping authority whose answer did not pass its check, or that was asked with a wrong digest."""

    token_size = 4000

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        raise TimeStampWrong(authority="tsa", detail=f"{len(imprint)} {algorithm}")


def test_a_wrong_time_stamp_leaves_a_whole_signature_without_one(tmp_path: Path) -> None:
    path = tmp_path / "hợp đồng.pdf"
    path.write_bytes(agreed())
    made = sign_field(
        path, field="ben_ban", signer=contract().signatory, at=NOW, appearance=None,
        name="", reason="", location="", time_stamper=WrongStamper(),
    )  # fmt: skip
    assert path.read_bytes() == agreed()
    assert isinstance(made.obstacle, TimeStampWrong)
    report = verify(agreed() + made.update, contract().trust, seconds=30)
    assert (report.verdict, report.signatures[0].level, report.signatures[0].time_stamp) == (Verdict.VALID, "B-B", None)


@pytest.mark.parametrize("what", ["another hash", "another key", "short digest", "nothing", "too long"])
def test_an_answer_for_something_else_is_refused(what: str, tmp_path: Path) -> None:
    signer, path = contract().signatory, tmp_path / "hợp đồng.pdf"
    path.write_bytes(agreed())
    pending = prepare_signature(
        path, field="ben_ban", certificate=signer.certificate, chain=signer.chain,
        mechanism=signer.mechanism, appearing=Appearing(NOW, "", "", "", None),
    )  # fmt: skip
    answers: dict[str, Callable[[], bytes]] = {
        "another hash": lambda: signer.sign(b"Hop dong khac"),
        "another key": lambda: contract().seal.sign(pending.to_be_signed),
        "short digest": lambda: signer.sign(hashlib.sha1(pending.to_be_signed, usedforsecurity=False).digest()),
        "nothing": lambda: b"",
        "too long": lambda: bytes(10_000),
    }
    with pytest.raises(SignatureOfAnother) as error:
        finish(path, pending, answers[what]())
    assert said(error.value)
    assert path.read_bytes() == agreed()
    # the right answer still makes the signature
    assert finish(path, pending, signer.sign(pending.to_be_signed)).update


def test_200_megabytes_get_a_verdict(tmp_path: Path) -> None:
    """A scan as large as they come is read and judged; with rubbish in place of its end it is refused."""
    scan = tmp_path / "bản quét.pdf"
    write_scan(scan, prepared(), 200_000_000)
    made = sign_field(
        scan, field="ben_ban", signer=contract().signatory, at=NOW, appearance=None, name="", reason="", location=""
    )
    whole = scan.read_bytes() + made.update
    report = verify(whole, contract().trust, seconds=120)
    assert (report.verdict, len(report.signatures)) == (Verdict.VALID, 1)
    report = verify(whole[:-200] + bytes(200), contract().trust, seconds=120)
    assert report.verdict is Verdict.INVALID
    assert report.reasons[0].text("vi")
