"""Time stamps asked of real services over HTTP: what is right is taken, everything else is refused by name."""

from __future__ import annotations

import hashlib
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from asn1crypto import algos, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

from kernel.errors import SettingsInvalid
from kernel.settings import ProxySettings, TimeStampSettings, TrustServiceSettings
from kernel.signing.trust import Trust
from kernel.trust_services.authority import LARGEST, Authority
from kernel.trust_services.errors import (
    AnswerWrong,
    PasswordUnreadable,
    ProxyRefused,
    Refused,
    ServiceUnreachable,
    TrustServiceError,
)
from kernel.trust_services.line import Line
from kernel.trust_services.token import Response
from tests import trust_authority as bad_days
from tests.pki import DAY, NOW, ec_key, subject
from tests.said import said
from tests.trust_authority import POLICY, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.trust_authority import Fault, TrustAuthority

IMPRINT = hashlib.sha256("Hợp đồng mua bán điện Ệ Ữ đ".encode()).digest()


@contextmanager
def asked(
    services: TrustAuthority,
    name: str = "first",
    home: Path = Path(),
    *,
    proxy: Any = None,
    ca_file: Path | None = None,
    **settings: Any,
) -> Iterator[Authority]:
    chosen = TimeStampSettings(**{"id": name, "url": services.tsa_url(name), "timeout": 2, **settings})
    line = Line(TrustServiceSettings(proxy=proxy, ca_file=ca_file), home)
    try:
        yield Authority(chosen, line, home, lambda: services.trust)
    finally:
        line.close()


def refused(services: TrustAuthority, kind: type[TrustServiceError], name: str = "first", **settings: Any) -> str:
    with asked(services, name, **settings) as authority, pytest.raises(kind) as problem:
        authority.stamp(IMPRINT, "sha256")
    return said(problem.value)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("name", ["first", "second"])
def test_a_right_time_stamp(trust_authority: TrustAuthority, name: str, algorithm: str) -> None:
    imprint = hashlib.new(algorithm, "đ".encode()).digest()
    moment = datetime.now(UTC).replace(microsecond=0)
    with trust_authority.door.at(moment), asked(trust_authority, name, policy=POLICY) as authority:
        token = authority.stamp(imprint, algorithm)
    assert (token.at, token.authority) == (moment, name)
    signed = tsp.ContentInfo.load(token.der, strict=True)["content"]
    assert signed["encap_content_info"]["content"].parsed["message_imprint"]["hashed_message"].native == imprint
    assert extract_certs_for_validation(signed).signer_cert.subject.native["common_name"].startswith("Dấu thời gian")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("expired", "không có hiệu lực lúc"),
        ("later", "không có hiệu lực lúc"),
        ("not-critical", "không dành riêng cho dấu thời gian"),
        ("many-purposes", "không dành riêng cho dấu thời gian"),
        ("no-purpose", "không dành riêng cho dấu thời gian"),
        ("strange", "không dẫn tới gốc tin cậy"),
    ],
)
def test_a_certificate_that_may_not_stamp_now(trust_authority: TrustAuthority, name: str, words: str) -> None:
    assert words in refused(trust_authority, AnswerWrong, name)


def test_the_certificate_must_be_valid_when_it_stamps(trust_authority: TrustAuthority) -> None:
    later = datetime.now(UTC) + timedelta(days=8 * 365)
    with trust_authority.door.at(later):
        assert "không có hiệu lực lúc" in refused(trust_authority, AnswerWrong)
        with asked(trust_authority, "later") as authority:
            assert abs(authority.stamp(IMPRINT, "sha256").at - later) < timedelta(seconds=1)


def test_roots_of_its_own_stand_instead_of_the_branch_s(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    for label in ("root", "stranger"):
        (tmp_path / f"{label}.der").write_bytes(trust_authority.certificate(label))
    own: dict[str, Any] = {"home": tmp_path, "certificates": (Path("stranger.der"),)}
    with asked(trust_authority, "strange", **own) as authority:
        assert authority.stamp(IMPRINT, "sha256").authority == "strange"
    assert "không dẫn tới gốc" in refused(trust_authority, AnswerWrong, **own)


def test_a_revoked_authority_is_refused(trust_authority: TrustAuthority) -> None:
    with trust_authority.revoked("tsa"):
        lists = tuple(httpx.get(trust_authority.crl_url(name)).content for name in ("root", "issuing"))
    believed = Trust(trust_authority.trust.roots, trust_authority.trust.intermediates, lists)
    with asked(trust_authority) as authority, pytest.raises(AnswerWrong) as problem:
        Authority(authority.settings, authority.line, authority.home, lambda: believed).stamp(IMPRINT, "sha256")
    assert "đã bị thu hồi" in said(problem.value)


def rewritten(change: Callable[[tsp.TimeStampResp], None]) -> Fault:
    def rewrite(body: bytes) -> bytes:
        response = tsp.TimeStampResp.load(body)
        change(response)
        return bytes(response.dump(force=True))

    return bad_days.changed(rewrite)


def restamped(change: Callable[[tsp.TSTInfo], None]) -> Fault:
    """Change what is stamped: the signature over it breaks too, but the change is told first."""

    def rewrite(response: tsp.TimeStampResp) -> None:
        inner = response["time_stamp_token"]["content"]["encap_content_info"]
        stamped = inner["content"].parsed
        change(stamped)
        inner["content"] = core.ParsableOctetString(stamped.dump(force=True))

    return rewritten(rewrite)


def other_nonce(stamped: tsp.TSTInfo) -> None:
    stamped["nonce"] = 5


def no_nonce(stamped: tsp.TSTInfo) -> None:
    del stamped["nonce"]


def other_imprint(stamped: tsp.TSTInfo) -> None:
    stamped["message_imprint"]["hashed_message"] = bytes(32)


def other_algorithm(stamped: tsp.TSTInfo) -> None:
    stamped["message_imprint"]["hash_algorithm"] = algos.DigestAlgorithm({"algorithm": "sha3_256"})


def other_time(stamped: tsp.TSTInfo) -> None:
    stamped["gen_time"] = datetime(2026, 1, 1, tzinfo=UTC)


def no_certificates(response: tsp.TimeStampResp) -> None:
    del response["time_stamp_token"]["content"]["certificates"]


def refusing(status: dict[str, object]) -> Fault:
    return bad_days.changed(lambda _: bytes(Response({"status": status}).dump()))


REJECTION = refusing({"status": "rejection", "status_string": ["Hết hạn mức"], "fail_info": {"bad_alg"}})


def flipped(body: bytes) -> bytes:
    return body[:-3] + bytes([body[-3] ^ 1]) + body[-2:]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (restamped(other_nonce), "nonce"),
        (restamped(no_nonce), "nonce"),
        (restamped(other_imprint), "đóng dấu cho dữ liệu khác"),
        (restamped(other_algorithm), "đóng dấu cho dữ liệu khác"),
        (restamped(other_time), "chữ ký không đúng"),
        (rewritten(no_certificates), "không kèm chứng thư"),
        (bad_days.changed(flipped), "chữ ký không đúng"),
        (bad_days.changed(lambda body: body + b"\0"), "không đúng khuôn dạng"),
        (bad_days.changed(lambda body: body[:-40]), "không đúng khuôn dạng"),
        (bad_days.changed(lambda _: b""), "không đúng khuôn dạng"),
        (bad_days.changed(lambda _: bytes(LARGEST + 1)), f"dài hơn {LARGEST} byte"),
        (bad_days.html, "trang web"),
        (bad_days.status("404 Not Found"), "HTTP 404"),
        (bad_days.status("302 Found"), "HTTP 302"),
    ],
)
def test_a_wrong_answer(trust_authority: TrustAuthority, fault: Fault, words: str) -> None:
    with trust_authority.door.fault("/tsa/first", fault):
        assert words in refused(trust_authority, AnswerWrong)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (bad_days.down, ServiceUnreachable, "đứt đường truyền"),
        (bad_days.truncated, ServiceUnreachable, "đứt đường truyền"),
        (bad_days.status("500 Internal Server Error"), ServiceUnreachable, "HTTP 500"),
        (bad_days.status("503 Service Unavailable"), ServiceUnreachable, "HTTP 503"),
        (bad_days.status("429 Too Many Requests"), ServiceUnreachable, "HTTP 429"),
        (bad_days.status("401 Unauthorized"), Refused, "HTTP 401"),
        (bad_days.status("407 Proxy Authentication Required"), ProxyRefused, "HTTP 407"),
        (REJECTION, Refused, "rejection Hết hạn mức; bad_alg"),
        (refusing({"status": "waiting"}), Refused, "waiting"),
    ],
)
def test_a_service_that_fails(
    trust_authority: TrustAuthority, fault: Fault, kind: type[TrustServiceError], words: str
) -> None:
    with trust_authority.door.fault("/tsa/first", fault):
        assert words in refused(trust_authority, kind)


@pytest.mark.parametrize("fault", [bad_days.slow(1), bad_days.dripping(0.01)], ids=["slow", "dripping"])
def test_a_slow_answer_is_not_waited_for(trust_authority: TrustAuthority, fault: Fault) -> None:
    with trust_authority.door.fault("/tsa/first", fault):
        assert "0.3 giây" in refused(trust_authority, ServiceUnreachable, timeout=0.3)


def test_nobody_there(trust_authority: TrustAuthority) -> None:
    assert "không nối được" in refused(trust_authority, ServiceUnreachable, url="http://127.0.0.1:9/tsa")


def test_another_policy_than_asked_for(trust_authority: TrustAuthority) -> None:
    assert f"theo chính sách {POLICY}, không phải 1.2.3" in refused(trust_authority, AnswerWrong, policy="1.2.3")


def test_through_a_proxy_with_an_account(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    word = tmp_path / "proxy"
    word.write_text("mật khẩu\n", "utf-8")
    word.chmod(0o600)
    proxy = ProxySettings(url=trust_authority.proxy_url, user="quầy", password_file=Path("proxy"))
    before = len(trust_authority.door.proxied)
    with asked(trust_authority, home=tmp_path, proxy=proxy) as authority:
        authority.stamp(IMPRINT, "sha256")
    assert trust_authority.door.proxied[before:] == ["/ca/tsa/first"]
    direct = ProxySettings(url=trust_authority.proxy_url, direct=("127.0.0.1",))
    with asked(trust_authority, home=tmp_path, proxy=direct) as authority:
        authority.stamp(IMPRINT, "sha256")
    assert len(trust_authority.door.proxied) == before + 1


def test_the_account_of_an_authority(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    word = tmp_path / "tsa"
    own: dict[str, Any] = {"home": tmp_path, "user": "pd0500", "password_file": Path("tsa")}
    assert "No such file" in refused(trust_authority, PasswordUnreadable, **own)
    word.write_text("bí mật\n", "utf-8")
    word.chmod(0o644)
    assert "người khác đọc được" in refused(trust_authority, PasswordUnreadable, **own)
    word.chmod(0o600)
    with asked(trust_authority, **own) as authority:
        authority.stamp(IMPRINT, "sha256")
    assert trust_authority.door.accounts[-1] == ("pd0500", "bí mật")
    word.write_text("\n", "utf-8")
    assert "trống" in refused(trust_authority, PasswordUnreadable, **own)


def test_an_unusable_file_of_tls_certificates(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("không phải chứng thư", "utf-8")
    for name in ("ca.pem", "không có.pem"):
        with pytest.raises(SettingsInvalid) as problem:
            Line(TrustServiceSettings(ca_file=Path(name)), tmp_path)
        assert "trust_services.ca_file" in said(problem.value)


def test_an_authority_over_https(trust_authority: TrustAuthority, tmp_path: Path) -> None:
    key, name = ec_key("https"), subject("máy chủ dấu thời gian")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    with served(trust_authority.door, tls) as url:
        address = f"{url}/ca/tsa/first"
        with asked(trust_authority, home=tmp_path, url=address, ca_file=Path("ca.pem")) as authority:
            assert authority.stamp(IMPRINT, "sha256").authority == "first"
        assert "CERTIFICATE_VERIFY_FAILED" in refused(trust_authority, ServiceUnreachable, url=address)
