"""The practice authority's services over HTTP: time stamps (RFC 3161), OCSP (RFC 6960), revocation lists.

Its time stamps and answers are made with real keys and pass every check; only their root is the practice one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from adapters.practice.faults import Faults
from console.practice.authority import ADDRESS, ISSUING, ORGANISATION, ROOT, Authority
from console.practice.people import Subject
from kernel import clock

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from console.practice.authority import Extensions
    from kernel.settings import Settings

__all__ = ["make_keys", "settings_text", "trust_services", "trust_url"]

TSA, RESPONDER = "tsa", "ocsp"
LONGEST_REQUEST = 64 * 1024
ANSWER_STANDS = timedelta(hours=1)


def make_keys(folder: Path, authority: Authority) -> None:
    """Make the keys and certificates of time stamps and OCSP answers in `folder` where they are missing."""
    for name, who, extensions in (
        (TSA, "Dấu thời gian thực hành", _purpose(ExtendedKeyUsageOID.TIME_STAMPING)),
        (RESPONDER, "OCSP thực hành", [*_purpose(ExtendedKeyUsageOID.OCSP_SIGNING), (x509.OCSPNoCheck(), False)]),
    ):
        path = folder / f"{name}.pem"
        if path.is_file():
            continue
        key = rsa.generate_private_key(65537, 2048)
        der = authority.issue(key.public_key(), Subject(who, "", ORGANISATION), clock.now(), extensions)
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        fresh.replace(path)


def settings_text(port: int) -> str:
    """Return the section of the settings that a practice branch has for services on `port` of this machine."""
    return f"""
[trust_services]

[trust_services.proxy]
# chứng thư thực hành ghi địa chỉ {ADDRESS}: dịch vụ thực hành đứng ra trả lời
url = "http://127.0.0.1:{port}"
direct = ["127.0.0.1"]

[[trust_services.time_stamp]]
id = "thuc-hanh"
url = "http://127.0.0.1:{port}/tsa"
"""


def trust_url(chosen: Settings) -> str:
    """Return where a practice branch's settings look for these services; empty for an older branch's."""
    section = chosen.trust_services
    return section.proxy.url if section and section.proxy else ""


def trust_services(folder: Path) -> ASGIApp:
    """Return the application over the practice authority in `folder`, failing on demand as the other stand-ins do."""
    services = _Services(folder)
    app = Starlette(
        routes=[
            Route("/tsa", services.time_stamp, methods=["POST"]),
            Route("/ocsp", services.status, methods=["POST"]),
            Route("/{ca}.crl", services.revoked),
            Route(f"/{ISSUING}.cer", services.certificate),
        ]
    )
    served = ("/tsa", "/ocsp", f"/{ROOT}", f"/{ISSUING}")
    return _AsProxy(Faults(app, served=served, refusal=Response(status_code=403)))


@dataclass(frozen=True)
class _AsProxy:
    """Answers a request in absolute form (RFC 9112, 3.2.2) itself, whatever host it names."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the path alone."""
        if scope["type"] == "http" and "://" in scope["path"]:
            _, _, rest = scope["path"].partition("://")
            path = "/" + rest.partition("/")[2]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class _Services:
    folder: Path

    @cached_property
    def authority(self) -> Authority:
        return Authority.load(self.folder)

    async def time_stamp(self, request: Request) -> Response:
        # imported late: pyHanko takes half a second to load
        from asn1crypto import keys, tsp
        from asn1crypto import x509 as asn1_x509
        from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

        certificate, key = self._keys(TSA)
        stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
            fixed_dt=clock.now(),
        )
        # the issuing authority's certificate rides along as real services send it
        stamper.certs_to_embed.append(asn1_x509.Certificate.load(self.authority.issuing_certificate))
        try:
            asked = tsp.TimeStampReq.load(await _body(request), strict=True)
            answer = stamper.request_tsa_response(asked)
        except (ValueError, TypeError, KeyError):
            return Response(status_code=400)
        return Response(answer.dump(), media_type="application/timestamp-reply")

    async def status(self, request: Request) -> Response:
        try:
            asked = ocsp.load_der_ocsp_request(await _body(request))
            algorithm = asked.hash_algorithm
        except (ValueError, TypeError):
            return _ocsp(ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST))
        issuing = x509.load_der_x509_certificate(self.authority.issuing_certificate)
        own = ocsp.OCSPRequestBuilder().add_certificate(self._keys(RESPONDER)[0], issuing, algorithm).build()
        if asked.issuer_key_hash != own.issuer_key_hash:
            return _ocsp(ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED))
        return _ocsp(self._said(asked))

    def _said(self, asked: ocsp.OCSPRequest) -> ocsp.OCSPResponse:
        serial, now = asked.serial_number, clock.now().replace(microsecond=0)
        since = self.authority.revoked.get(serial)
        status = ocsp.OCSPCertStatus.GOOD if serial in self.authority.issued else ocsp.OCSPCertStatus.UNKNOWN
        certificate, key = self._keys(RESPONDER)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=serial,
                algorithm=asked.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if since else status,
                this_update=now,
                next_update=now + ANSWER_STANDS,
                revocation_time=since,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
            .certificates([certificate])
        )
        for extension in asked.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(key, hashes.SHA256())

    async def revoked(self, request: Request) -> Response:
        ca = request.path_params["ca"]
        if ca not in (ROOT, ISSUING):
            return Response(status_code=404)
        return Response(self.authority.crl(ca, clock.now()), media_type="application/pkix-crl")

    async def certificate(self, _: Request) -> Response:
        return Response(self.authority.issuing_certificate, media_type="application/pkix-cert")

    def _keys(self, name: str) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        pem = (self.folder / f"{name}.pem").read_bytes()
        key = load_pem_private_key(pem, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(name)
        return x509.load_pem_x509_certificate(pem), key


def _purpose(purpose: x509.ObjectIdentifier) -> Extensions:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return [(usage, True), (x509.ExtendedKeyUsage([purpose]), True)]


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_REQUEST:
            raise ValueError("too long")
    return bytes(body)


def _ocsp(answer: ocsp.OCSPResponse) -> Response:
    return Response(answer.public_bytes(Encoding.DER), media_type="application/ocsp-response")
