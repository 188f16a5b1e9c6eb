"""The public CA of the tests itself: its services answer, its bad days are bad."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from asn1crypto import crl, ocsp, tsp
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPRequestBuilder

from tests import trust_authority as bad_days

if TYPE_CHECKING:
    from tests.trust_authority import Fault, TrustAuthority


def stamped(authority: TrustAuthority, name: str = "first") -> httpx.Response:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256("Ệ".encode()).digest()}
    request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True, "nonce": 7})
    return httpx.post(authority.tsa_url(name), content=request.dump(), timeout=1)


def test_a_time_stamp_at_a_chosen_moment(trust_authority: TrustAuthority) -> None:
    moment = datetime(2041, 2, 3, tzinfo=UTC)
    with trust_authority.door.at(moment):
        answer = tsp.TimeStampResp.load(stamped(trust_authority, "later").content)
    content = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert content["gen_time"].native == moment


def test_a_revoked_certificate_is_on_the_list_and_the_next_one_is_not(trust_authority: TrustAuthority) -> None:
    bad, good = trust_authority.signer(), trust_authority.signer()
    trust_authority.revoke(bad.certificate)
    listed = crl.CertificateList.load(httpx.get(trust_authority.crl_url()).content)
    serials = {one["user_certificate"].native for one in listed["tbs_cert_list"]["revoked_certificates"]}
    assert x509.load_der_x509_certificate(bad.certificate).serial_number in serials
    assert x509.load_der_x509_certificate(good.certificate).serial_number not in serials


def test_certificates_point_to_the_services(trust_authority: TrustAuthority) -> None:
    certificate = x509.load_der_x509_certificate(trust_authority.signer().certificate)
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [one.access_location.value for one in access] == [trust_authority.ocsp_url()]
    assert [name.value for point in points for name in point.full_name or ()] == [trust_authority.crl_url()]


def test_the_responder_answers(trust_authority: TrustAuthority) -> None:
    issuing, _ = (x509.load_der_x509_certificate(one) for one in trust_authority.chain)
    certificate = x509.load_der_x509_certificate(trust_authority.signer().certificate)
    built = OCSPRequestBuilder().add_certificate(certificate, issuing, SHA256())
    request = built.build().public_bytes(Encoding.DER)
    answer = ocsp.OCSPResponse.load(httpx.post(trust_authority.ocsp_url(), content=request).content)
    assert answer["response_status"].native == "successful"


@pytest.mark.parametrize(
    "fault", [bad_days.down, bad_days.truncated, bad_days.slow(3)], ids=["down", "truncated", "slow"]
)
def test_a_line_that_fails(trust_authority: TrustAuthority, fault: Fault) -> None:
    with trust_authority.door.fault("/tsa/", fault), pytest.raises(httpx.TransportError):
        stamped(trust_authority)
    assert stamped(trust_authority).status_code == 200


def test_an_answer_of_something_else(trust_authority: TrustAuthority) -> None:
    with trust_authority.door.fault("/tsa/first", bad_days.html):
        assert "Đăng nhập" in stamped(trust_authority).text
        assert (
            tsp.TimeStampResp.load(stamped(trust_authority, "second").content)["status"]["status"].native == "granted"
        )
    with trust_authority.door.fault("/tsa/first", bad_days.status("500 Internal Server Error")):
        assert stamped(trust_authority).status_code == 500


def test_the_proxy_is_seen(trust_authority: TrustAuthority) -> None:
    with httpx.Client(proxy=trust_authority.proxy_url) as client:
        assert client.get(trust_authority.crl_url()).status_code == 200
    assert trust_authority.door.proxied[-1] == "/ca/crls/issuing/latest.crl"
