"""The practice authority's own services: its files reach B-LTA, its revocations are seen, its bad days are bad."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
from cryptography import x509
from cryptography.x509 import ocsp

from adapters.practice.server import background
from console.diagnosis import examine
from console.practice.authority import ADDRESS, Authority
from console.practice.branch import CA, TRUST, practice_folder
from console.practice.running import _bring_up_to_date
from console.practice.trust_services import trust_services, trust_url
from kernel import clock, settings
from kernel.signing.errors import TimeStampUnavailable
from kernel.signing.extending import extend
from kernel.signing.levels import Level
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests.practice import copy_branch
from tests.said import said

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.dossier.records import DossierDocument
    from kernel.signing.extending import Extended
    from kernel.trust_services.connect import TrustServices
    from tests.practice import Branch


def connected(branch: Branch) -> TrustServices:
    services = branch.office.trust_services
    assert services is not None
    return services


def signed(branch: Branch) -> DossierDocument:
    """Return the contract as the customer agreed and the director signed it."""
    return branch.sign(branch.agree(branch.document(branch.case_id)))


def raised(branch: Branch, pdf: bytes) -> Extended:
    services = connected(branch)
    return extend(
        pdf,
        wanted=Level.B_LTA,
        trust=branch.office.trust,
        time_stamper=services.time_stamper,
        revocation=services.revocation,
        now=clock.now(),
    )


def test_a_practice_file_reaches_b_lta_and_its_bad_days_leave_it_alone(with_trust: Branch) -> None:
    with_trust.fault("trust", "html", times=1, path="/tsa")
    document = signed(with_trust)
    pdf = with_trust.office.blobs.get(document.sha256)
    stopped = raised(with_trust, pdf)
    assert (stopped.pdf, stopped.level) == (pdf, Level.B_B)
    assert isinstance(stopped.obstacle, TimeStampUnavailable)
    assert "trang web" in said(stopped.obstacle)
    with_trust.clock.forward(minutes=2)  # the rest is over
    whole = raised(with_trust, pdf)
    assert (whole.level, whole.obstacle) == (Level.B_LTA, None)
    report = verify(whole.pdf, with_trust.office.trust, at=clock.now())
    assert (report.verdict, {one.level for one in report.signatures}) == (Verdict.VALID, {"B-LTA"})


def test_a_revoked_practice_certificate(with_trust: Branch) -> None:
    authority = Authority.load(practice_folder(with_trust.home) / CA)
    found = with_trust.certificate(with_trust.agree(with_trust.document(with_trust.case_id))).certificate
    chain = (found.der, authority.issuing_certificate)
    good = connected(with_trust).revocation.revocations(chain)
    assert (len(good.ocsps), len(good.crls)) == (1, 1)
    authority.revoke(found.der, clock.now() - timedelta(minutes=1))
    serial = x509.load_der_x509_certificate(found.der).serial_number
    now = connected(with_trust).revocation.revocations(chain, newer_than=clock.now())
    answer = ocsp.load_der_ocsp_response(now.ocsps[0])
    assert (answer.serial_number, answer.certificate_status) == (serial, ocsp.OCSPCertStatus.REVOKED)
    listed = httpx.get(f"{with_trust.trust_url}/cap-phat.crl", trust_env=False).content
    assert x509.load_der_x509_crl(listed).get_revoked_certificate_by_serial_number(serial) is not None


def test_what_the_services_refuse(practice_template: Path) -> None:
    with background(trust_services(practice_folder(practice_template) / CA)) as url:
        for method, path, body, status in (
            ("POST", "/tsa", "không phải yêu cầu".encode(), 400),
            ("POST", "/tsa", bytes(65 * 1024), 400),
            ("GET", "/khac.crl", b"", 404),
            ("GET", "/tsa", b"", 405),
        ):
            answer = httpx.request(method, f"{url}{path}", content=body, trust_env=False)
            assert answer.status_code == status, path
        answer = httpx.post(f"{url}/ocsp", content=b"0", trust_env=False)
        assert ocsp.load_der_ocsp_response(answer.content).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_doctor_of_a_practice_branch(with_trust: Branch) -> None:
    names = {"Dấu thời gian", "Thu hồi chứng thư"}
    found = [one for one in examine(with_trust.home, "vi") if one.name in names]
    assert [one.state for one in found] == ["ok"] * 4
    assert f"{ADDRESS}/ocsp" in found[1].finding


def test_an_older_practice_branch_is_brought_up_to_date(practice_template: Path, tmp_path: Path) -> None:
    home = copy_branch(practice_template, tmp_path / "home")
    path = home / settings.FILE_NAME
    whole = path.read_text("utf-8")
    path.write_text(whole[: whole.index("[trust_services]")], "utf-8")
    folder = practice_folder(home) / CA
    for made in ("tsa.pem", "ocsp.pem"):
        (folder / made).unlink()
    (home / "trust" / TRUST).unlink()
    assert settings.load(home).trust_services is None
    _bring_up_to_date(home)
    chosen = settings.load(home)
    assert chosen.trust_services is not None
    assert [one.id for one in chosen.trust_services.time_stamp] == ["thuc-hanh"]
    assert trust_url(chosen).startswith("http://127.0.0.1:")
    assert (folder / "tsa.pem").stat().st_mode & 0o077 == 0
    assert (home / "trust" / TRUST).is_file()
    text = path.read_text("utf-8")
    _bring_up_to_date(home)
    assert path.read_text("utf-8") == text
