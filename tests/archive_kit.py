"""Services of trust with a clock that can be turned: time stamps, revocation lists and OCSP answers made in process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kernel.signing._pdf import run
from kernel.signing.errors import RevocationUnavailable, TimeStampUnavailable
from kernel.signing.extending import Extended, extend, renew
from kernel.signing.levels import Level
from kernel.signing.ports import Revocations, TimeStampToken
from kernel.signing.trust import Trust
from kernel.signing.verify import verify
from tests.pki import DAY, Authority, SoftwareSigner, make_pki, private_key, sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.signing.report import Report

YEAR = 365 * DAY


@dataclass
class Clock:
    """The moment all services here live in."""

    now: datetime

    def on(self, by: timedelta) -> datetime:
        """Turn the clock on and return the new moment."""
        self.now += by
        return self.now


@dataclass
class Tsa:
    """A time-stamping authority below `authority`; each certificate of it lives for `life`."""

    authority: Authority
    clock: Clock
    life: timedelta = 3 * YEAR
    name: str = "Dấu thời gian"
    token_size: int = 4096
    down: bool = False
    stamps: int = 0
    own: SoftwareSigner | None = None

    def renew_certificate(self) -> SoftwareSigner:
        """Take a new certificate, valid from now on."""
        extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        since, until = self.clock.now - DAY, self.clock.now + self.life
        self.own = self.authority.person(self.name, uid="", extended=extended, since=since, until=until)
        return self.own

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        if self.down:
            raise TimeStampUnavailable(detail="thực hành: 503")
        own = self.own or self.renew_certificate()
        stamper = DummyTimeStamper(
            tsa_cert=asn1_x509.Certificate.load(own.certificate),
            tsa_key=private_key(own),
            certs_to_embed=SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(der) for der in own.chain]),
            fixed_dt=self.clock.now,
        )
        self.stamps += 1
        token = run(stamper.async_timestamp(imprint, algorithm))
        return TimeStampToken(token.dump(), self.clock.now, "thuc-hanh")


def crl(authority: Authority, made: datetime, life: timedelta = 7 * DAY) -> bytes:
    """Return the authority's list (DER) made at that moment; what is revoked later does not stand on it."""
    known = replace(authority, revoked=[one for one in authority.revoked if one[1] <= made])
    pem = known.crl(made=made, until=made + life)
    return x509.load_pem_x509_crl(pem).public_bytes(serialization.Encoding.DER)


def ocsp_answer(authority: Authority, certificate: bytes, made: datetime, life: timedelta = 7 * DAY) -> bytes:
    """Return the authority's own answer (DER) about one of its certificates, as it stood at that moment."""
    about = x509.load_der_x509_certificate(certificate)
    revoked = dict(authority.revoked).get(about.serial_number)
    gone = revoked is not None and revoked <= made
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about,
        issuer=authority.certificate,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD,
        this_update=made,
        next_update=made + life,
        revocation_time=revoked if gone else None,
        revocation_reason=None,
    )
    answer = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, authority.certificate)
    return answer.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@dataclass
class Lists:
    """A source of revocation data that makes a fresh list of every authority asked about.

    With `by_ocsp` it answers about people's and time-stamping certificates by OCSP, and about authorities by list.
    """

    authorities: list[Authority]
    clock: Clock
    by_ocsp: bool = False
    down: bool = False
    asked: list[datetime | None] = field(default_factory=list)

    def revocations(self, chain: Sequence[bytes], *, newer_than: datetime | None = None) -> Revocations:
        if self.down:
            raise RevocationUnavailable(names="mọi chứng thư", detail="thực hành: 503")
        self.asked.append(newer_than)
        found = Revocations()
        for der in chain:
            issuer = x509.load_der_x509_certificate(der).issuer
            for authority in self.authorities:
                if authority.name == issuer and authority.der != der:
                    found += self._about(authority, der)
        return found

    def _about(self, authority: Authority, der: bytes) -> Revocations:
        if self.by_ocsp and all(der != one.der for one in self.authorities):
            return Revocations(ocsps=(ocsp_answer(authority, der, self.clock.now),))
        return Revocations(crls=(crl(authority, self.clock.now),))


class Archive:
    """A branch's archive: a CA for signers, one for time stamps, a clock, and the two services (`Lists` on OCSP)."""

    def __init__(self, start: datetime, label: str = "lưu trữ", *, by_ocsp: bool = False) -> None:
        self.clock = Clock(start)
        ocsp_url = "http://ocsp.invalid" if by_ocsp else ""
        self.signing, self.stamping = (
            make_pki(f"{label} {what}", life=40 * YEAR, ocsp=ocsp_url) for what in ("ký", "dấu")
        )
        self.tsa = Tsa(self.stamping.issuing, self.clock, name=f"Dấu thời gian {label}")
        self.lists = Lists([*self._authorities], self.clock, by_ocsp)

    @property
    def _authorities(self) -> list[Authority]:
        return [one for pki in (self.signing, self.stamping) for one in (pki.root, pki.issuing)]

    @property
    def roots(self) -> Trust:
        """Trust in both roots, without any revocation data."""
        return Trust(roots=(self.signing.root.der, self.stamping.root.der))

    @property
    def trust(self) -> Trust:
        """Trust in both roots, with the lists of the day."""
        return replace(self.roots, crls=tuple(crl(one, self.clock.now) for one in self._authorities))

    def signer(self, life: timedelta = 2 * YEAR, name: str = "Trần Văn Ữ") -> SoftwareSigner:
        """Return a signer whose certificate is valid from now on."""
        return self.signing.issuing.person(name, since=self.clock.now - DAY, until=self.clock.now + life)

    def signed(
        self,
        document: bytes,
        field_name: str = "ben_ban",
        signer: SoftwareSigner | None = None,
        *,
        stamped: bool = False,
    ) -> bytes:
        """Return the document signed now, with a time stamp in the signature if asked."""
        time_stamper = self.tsa if stamped else None
        return sign(document, field_name, signer or self.signer(), at=self.clock.now, time_stamper=time_stamper)

    def extended(self, pdf: bytes, wanted: Level = Level.B_LTA, **changes: Any) -> Extended:
        """Return the document raised now."""
        asked = {"trust": self.roots, "time_stamper": self.tsa, "revocation": self.lists, "now": self.clock.now}
        return extend(pdf, wanted=wanted, **{**asked, **changes})

    def renewed(self, pdf: bytes, **changes: Any) -> Extended:
        """Return the document renewed now."""
        asked = {"trust": self.roots, "time_stamper": self.tsa, "revocation": self.lists, "now": self.clock.now}
        return renew(pdf, **{**asked, **changes})

    def judged(self, pdf: bytes, trust: Trust | None = None) -> Report:
        """Return the verdict of this moment, by default with the lists of the day."""
        return verify(pdf, trust or self.trust, at=self.clock.now, seconds=30)
