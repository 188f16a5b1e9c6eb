"""Revocation data asked of real OCSP and CRL services: what is used, what is refused, what is kept and for how long."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from kernel import clock
from kernel.errors import StorageFull
from kernel.settings import TrustServiceSettings
from kernel.signing.chain import Material, check_chain
from kernel.signing.errors import CertificateInvalid, RevocationUnavailable
from kernel.signing.ports import Revocations
from kernel.signing.trust import Trust
from kernel.trust_services.cache import Cache
from kernel.trust_services.line import Line
from kernel.trust_services.ocsp import request
from kernel.trust_services.revocation import RevocationService
from kernel.trust_services.sources import Sources, sources_of
from kernel.trust_services.statements import Statements
from tests import trust_authority as bad_days
from tests.pki import NOW, ec_key, make_pki, subject
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.trust_authority import Fault, TrustAuthority

OCSP, LISTS, LIST_OF_ROOT = "/ocsp/issuing", "/crls/issuing/latest.crl", "/crls/root/latest.crl"


@contextmanager
def sources(
    services: TrustAuthority, home: Path, *, trust: Trust | None = None, **settings: Any
) -> Iterator[RevocationService]:
    chosen = TrustServiceSettings(**{"timeout": 2, **settings})
    line = Line(chosen, home)
    try:
        yield RevocationService(Statements(line, Cache(home / "cache"), chosen), lambda: trust or services.trust)
    finally:
        line.close()


def asked(services: TrustAuthority) -> list[str]:
    """Return what was asked since the last call."""
    paths = [path.removeprefix("/ca") for path in services.door.asked]
    services.door.asked.clear()
    return paths


def judged(services: TrustAuthority, certificate: bytes, found: Revocations) -> str:
    """Return what a verifier that has this and nothing else concludes."""
    material = Material(
        (),
        tuple(asn1_crl.CertificateList.load(der) for der in found.crls),
        tuple(asn1_ocsp.OCSPResponse.load(der) for der in found.ocsps),
    )
    return check_chain(asn1_x509.Certificate.load(certificate), services.trust, material).revocation


def unavailable(service: RevocationService, chain: tuple[bytes, ...]) -> str:
    with pytest.raises(RevocationUnavailable) as problem:
        service.revocations(chain)
    return said(problem.value)


@pytest.mark.parametrize(
    ("like", "ocsps", "crls", "paths"),
    [
        ("signer", 1, 1, [OCSP, LIST_OF_ROOT]),
        ("signer-with-responder", 1, 1, [OCSP, LIST_OF_ROOT]),
        ("signer-with-lists", 0, 2, [LISTS, LIST_OF_ROOT]),
        ("tsa", 0, 2, [LISTS, LIST_OF_ROOT]),
    ],
)
@pytest.mark.parametrize("revoked", [False, True])
def test_each_source(
    trust_authority: TrustAuthority, tmp_path: Path, like: str, ocsps: int, crls: int, paths: list[str], revoked: bool
) -> None:
    signer = trust_authority.signer(like)
    if revoked:
        trust_authority.revoke(signer.certificate)
    asked(trust_authority)
    with sources(trust_authority, tmp_path) as service:
        found = service.revocations((signer.certificate, *signer.chain))
    assert asked(trust_authority) == paths
    assert (len(found.ocsps), len(found.crls)) == (ocsps, crls)
    assert judged(trust_authority, signer.certificate, found) == ("revoked" if revoked else "good")


def test_a_certificate_that_names_no_source(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer("signer-unlisted")
    with sources(trust_authority, tmp_path) as service:
        found = service.revocations((signer.certificate, *signer.chain))
        assert (len(found.ocsps), len(found.crls)) == (0, 1)
        assert service.revocations(()) == Revocations()
        assert service.revocations(signer.chain[-1:]) == Revocations()


def test_the_chain_is_completed(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    with sources(trust_authority, tmp_path) as service:
        whole = service.revocations((signer.certificate, *signer.chain))
        assert service.revocations((signer.certificate,)) == whole


def test_a_stranger_is_not_asked_about(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer, other = trust_authority.signer(), make_pki("khác")
    asked(trust_authority)
    with sources(trust_authority, tmp_path, trust=Trust(roots=(other.root.der,))) as service:
        words = unavailable(service, (signer.certificate, *signer.chain))
        assert "Trần Văn Ữ" in words
        assert "không dẫn tới gốc tin cậy" in words
    with sources(trust_authority, tmp_path) as service:
        unavailable(service, (other.issuing.person("Lê Thị Ệ").certificate, *signer.chain))
        with pytest.raises(CertificateInvalid):
            service.revocations((b"\x30\x00",))
    assert asked(trust_authority) == []


def flipped(body: bytes) -> bytes:
    return body[:-3] + bytes([body[-3] ^ 1]) + body[-2:]


def other_status(body: bytes) -> bytes:
    return bytes(asn1_ocsp.OCSPResponse({"response_status": "try_later"}).dump())


FAULTS: dict[str, tuple[Fault, str]] = {
    "down": (bad_days.down, "đứt đường truyền"),
    "html": (bad_days.html, "trang web"),
    "500": (bad_days.status("500 X"), "HTTP 500"),
    "407": (bad_days.status("407 X"), "HTTP 407"),
    "truncated": (bad_days.truncated, "đứt đường truyền"),
    "slow": (bad_days.slow(0.6), "không trả lời trong 0.3 giây"),
    "forged": (bad_days.changed(flipped), "không phải từ nơi được phép nói"),
    "empty": (bad_days.changed(lambda _: b""), "không đúng khuôn dạng"),
    "cut": (bad_days.changed(lambda body: body[:-9]), "không đúng khuôn dạng"),
    "large": (bad_days.changed(lambda _: bytes(1024 * 1024 + 1)), "dài hơn"),
}


@pytest.mark.parametrize("name", [*FAULTS, "later"])
def test_a_responder_that_fails(trust_authority: TrustAuthority, tmp_path: Path, name: str) -> None:
    fault, words = {**FAULTS, "later": (bad_days.changed(other_status), "từ chối (try_later)")}[name]
    signer = trust_authority.signer("signer-with-responder")
    with trust_authority.door.fault(OCSP, fault), sources(trust_authority, tmp_path, timeout=0.3) as service:
        told = unavailable(service, (signer.certificate, *signer.chain))
    assert "Trần Văn Ữ" in told
    assert words in told


@pytest.mark.parametrize("name", ["down", "forged"])
def test_the_list_stands_in_for_a_responder_that_fails(
    trust_authority: TrustAuthority, tmp_path: Path, name: str
) -> None:
    signer = trust_authority.signer()
    with trust_authority.door.fault(OCSP, FAULTS[name][0]), sources(trust_authority, tmp_path) as service:
        found = service.revocations((signer.certificate, *signer.chain))
    assert (len(found.ocsps), len(found.crls)) == (0, 2)
    assert judged(trust_authority, signer.certificate, found) == "good"


@pytest.mark.parametrize("responder", ["strange", "unentitled", "expired"])
def test_a_responder_that_may_not_answer(trust_authority: TrustAuthority, tmp_path: Path, responder: str) -> None:
    signer = trust_authority.signer("signer-with-responder")
    with trust_authority.door.instead(OCSP, f"/ocsp/{responder}"), sources(trust_authority, tmp_path) as service:
        assert "không phải từ nơi được phép nói" in unavailable(service, (signer.certificate, *signer.chain))


def test_the_authority_answers_for_itself(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    with trust_authority.door.instead(OCSP, "/ocsp/own"), sources(trust_authority, tmp_path) as service:
        found = service.revocations((signer.certificate, *signer.chain))
    assert (len(found.ocsps), len(found.crls)) == (1, 1)
    assert judged(trust_authority, signer.certificate, found) == "good"


def test_a_delegate_that_may_be_revoked_itself(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    with trust_authority.door.instead(OCSP, "/ocsp/listed"), sources(trust_authority, tmp_path) as service:
        found = service.revocations((signer.certificate, *signer.chain))
    assert (len(found.ocsps), len(found.crls)) == (1, 2)
    assert judged(trust_authority, signer.certificate, found) == "good"
    without = replace(found, crls=found.crls[1:])
    assert judged(trust_authority, signer.certificate, without) == "unknown"


@pytest.mark.parametrize("name", ["down", "html", "forged", "cut", "large"])
def test_a_list_that_can_not_be_had_or_used(trust_authority: TrustAuthority, tmp_path: Path, name: str) -> None:
    fault, words = FAULTS[name]
    signer = trust_authority.signer("signer-with-lists")
    with (
        trust_authority.door.fault(LISTS, fault),
        sources(trust_authority, tmp_path, crl_max_megabytes=1) as service,
    ):
        assert words in unavailable(service, (signer.certificate, *signer.chain))


def test_a_list_of_another_authority(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer("signer-with-lists")
    with trust_authority.door.instead(LISTS, LIST_OF_ROOT), sources(trust_authority, tmp_path) as service:
        assert "chứng thư của nơi khác" in unavailable(service, (signer.certificate, *signer.chain))


def test_a_list_as_text(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer("signer-with-lists")
    with trust_authority.door.instead(LISTS, f"{LISTS}.pem"), sources(trust_authority, tmp_path) as service:
        found = service.revocations((signer.certificate, *signer.chain))
    assert judged(trust_authority, signer.certificate, found) == "good"


@pytest.mark.parametrize("like", ["signer-with-responder", "signer-with-lists"])
def test_what_was_said_long_ago(trust_authority: TrustAuthority, tmp_path: Path, like: str) -> None:
    signer = trust_authority.signer(like)
    with trust_authority.door.at(datetime.now(UTC) - timedelta(hours=3)), sources(trust_authority, tmp_path) as service:
        assert "đã cũ" in unavailable(service, (signer.certificate, *signer.chain))


def test_an_answer_to_another_request(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    """A replayed answer: right in all but the nonce."""
    signer = trust_authority.signer("signer-with-responder")
    path = (signer.certificate, *signer.chain)
    replayed = httpx.post(trust_authority.ocsp_url(), content=request(path, b"\1" * 16)).content
    with (
        trust_authority.door.fault(OCSP, bad_days.changed(lambda _: replayed)),
        sources(trust_authority, tmp_path) as service,
    ):
        assert "nonce" in unavailable(service, path)


@pytest.mark.parametrize(("policy", "usable"), [("ask", True), ("never", True), ("require", False)])
def test_an_answer_without_a_nonce(trust_authority: TrustAuthority, tmp_path: Path, policy: str, usable: bool) -> None:
    signer = trust_authority.signer("signer-with-responder")
    path = (signer.certificate, *signer.chain)
    stored = httpx.post(trust_authority.ocsp_url(), content=request(path, None)).content
    with (
        trust_authority.door.fault(OCSP, bad_days.changed(lambda _: stored)),
        sources(trust_authority, tmp_path, ocsp_nonce=policy) as service,
    ):
        if usable:
            assert service.revocations(path).ocsps == (stored,)
        else:
            assert "nonce" in unavailable(service, path)


def test_an_answer_about_another_certificate(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer, other = trust_authority.signer("signer-with-responder"), trust_authority.signer()
    about_other = httpx.post(
        trust_authority.ocsp_url(), content=request((other.certificate, *other.chain), None)
    ).content
    with (
        trust_authority.door.fault(OCSP, bad_days.changed(lambda _: about_other)),
        sources(trust_authority, tmp_path) as service,
    ):
        assert "chứng thư của nơi khác" in unavailable(service, (signer.certificate, *signer.chain))


def test_kept_answers_are_not_asked_for_again(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    chain = (signer.certificate, *signer.chain)
    with sources(trust_authority, tmp_path) as service:
        first = service.revocations(chain)
        asked(trust_authority)
        assert service.revocations(chain) == first
    with sources(trust_authority, tmp_path) as service:  # after a restart
        assert service.revocations(chain) == first
        assert service.revocations(chain, newer_than=datetime.now(UTC) - timedelta(hours=2)) == first
        assert asked(trust_authority) == []
        newer = service.revocations(chain, newer_than=datetime.now(UTC))
        assert asked(trust_authority) == [OCSP, LIST_OF_ROOT]
        assert newer.ocsps != first.ocsps


@pytest.mark.parametrize("setting", ["ocsp_max_age_hours", "crl_max_age_hours"])
def test_kept_answers_grow_old(trust_authority: TrustAuthority, tmp_path: Path, setting: str) -> None:
    signer = trust_authority.signer()
    chain = (signer.certificate, *signer.chain)
    settings: dict[str, Any] = {setting: 1e-9}
    with sources(trust_authority, tmp_path, **settings) as service:
        service.revocations(chain)
        asked(trust_authority)
        service.revocations(chain)
    assert asked(trust_authority) == [OCSP if setting.startswith("ocsp") else LIST_OF_ROOT]


def test_a_list_that_did_not_change_is_not_sent_again(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer("signer-with-lists")
    chain = (signer.certificate, *signer.chain)
    with sources(trust_authority, tmp_path) as service:
        first = service.revocations(chain)
        unchanged = bad_days.status("304 Not Modified")
        with trust_authority.door.fault("/crls/", unchanged):
            assert service.revocations(chain, newer_than=datetime.now(UTC)) == first
    assert trust_authority.door.conditions[-1].endswith("GMT")


def test_a_kept_answer_that_is_torn_is_asked_for_again(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    chain = (signer.certificate, *signer.chain)
    with sources(trust_authority, tmp_path) as service:
        service.revocations(chain)
        for kept in (tmp_path / "cache").glob("*.*"):
            kept.write_bytes(kept.read_bytes()[:100])
        asked(trust_authority)
        assert judged(trust_authority, signer.certificate, service.revocations(chain)) == "good"
    assert asked(trust_authority) == [OCSP, LIST_OF_ROOT]


def test_a_source_that_failed_is_left_alone_for_a_while(
    trust_authority: TrustAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = trust_authority.signer("signer-with-responder")
    chain = (signer.certificate, *signer.chain)
    with sources(trust_authority, tmp_path, rest_seconds=20) as service:
        with trust_authority.door.fault(OCSP, bad_days.status("503 X")):
            unavailable(service, chain)
        asked(trust_authority)
        words = unavailable(service, chain)
        assert "nghỉ đến" in words
        assert "HTTP 503" in words
        assert asked(trust_authority) == []
        monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(seconds=21))
        assert len(service.revocations(chain).ocsps) == 1


def test_lists_of_the_trust_folder_serve_an_offline_counter(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    lists = tuple(httpx.get(trust_authority.crl_url(name)).content for name in ("root", "issuing"))
    believed = replace(trust_authority.trust, crls=lists)
    with ExitStack() as stack:
        for part in ("/ocsp/", "/crls/"):
            stack.enter_context(trust_authority.door.fault(part, bad_days.down))
        service = stack.enter_context(sources(trust_authority, tmp_path, trust=believed))
        found = service.revocations((signer.certificate, *signer.chain))
    assert set(found.crls) == set(lists)


def test_every_source_is_examined(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    chain = (signer.certificate, *signer.chain)
    with (
        trust_authority.door.fault(LISTS, bad_days.html),
        sources(trust_authority, tmp_path) as service,
    ):
        found = list(service.examine(chain))
    assert [(one.kind, one.url.rpartition("/ca")[2], one.problem is None) for one in found] == [
        ("ocsp", OCSP, True),
        ("crl", LISTS, False),
        ("crl", LIST_OF_ROOT, True),
    ]
    assert found[0].made is not None
    assert found[0].until is not None


def test_a_folder_that_can_not_be_written(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer()
    (tmp_path / "cache").touch()
    with sources(trust_authority, tmp_path) as service, pytest.raises(StorageFull) as problem:
        service.revocations((signer.certificate, *signer.chain))
    said(problem.value)


def test_old_files_are_deleted(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    long_ago, now = datetime.now(UTC) - timedelta(days=61), datetime.now(UTC)
    cache.write("a", "crl", b"1", long_ago)
    (tmp_path / ".tidied").unlink()
    cache.write("b", "crl", b"2", now)
    kept = cache.read("b", "crl")
    assert kept is not None
    assert kept.data == b"2"
    assert cache.read("a", "crl") is None


def test_only_web_addresses_are_sources(trust_authority: TrustAuthority) -> None:
    issuing = make_pki().issuing
    points = [
        x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
        for url in ("ldap://ca/cn=danh-sach", "HTTP://crl.ca/mot.crl", "file:///etc/passwd")
    ]
    access = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
        for method, url in [
            (AuthorityInformationAccessOID.CA_ISSUERS, "http://ca/ca.cer"),
            (AuthorityInformationAccessOID.OCSP, "ftp://ca/ocsp"),
            (AuthorityInformationAccessOID.OCSP, "https://ca/ocsp"),
        ]
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject("Lê Thị Ệ"))
        .issuer_name(issuing.name)
        .public_key(ec_key("nguồn").public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW)
        .add_extension(x509.CRLDistributionPoints(points), critical=False)
        .add_extension(x509.AuthorityInformationAccess(access), critical=False)
        .sign(issuing.key, hashes.SHA256())
    )
    found = sources_of(made.public_bytes(Encoding.DER))
    assert found == Sources(ocsp=("https://ca/ocsp",), lists=("HTTP://crl.ca/mot.crl",))


def test_a_list_that_was_moved(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    signer = trust_authority.signer("signer-with-lists")
    moved = bad_days.Answer("302 Found", [("Location", f"{trust_authority.crl_url()}.pem")], b"")
    chain = (signer.certificate, *signer.chain)

    def redirect(right: bad_days.Answer) -> bad_days.Answer:
        return right if right.body.startswith(b"-----") else moved

    with trust_authority.door.fault(LISTS, redirect), sources(trust_authority, tmp_path) as service:
        assert judged(trust_authority, signer.certificate, service.revocations(chain)) == "good"
    with (
        trust_authority.door.fault(LISTS, lambda _: moved),
        sources(trust_authority, tmp_path / "mới") as service,
    ):
        assert "TooManyRedirects" in unavailable(service, chain)
