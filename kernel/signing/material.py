"""Certificates and revocation data that travel in a file: its security store, its signatures' envelopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.x509 import load_der_x509_crl
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from kernel.signing._pdf import entry
from kernel.signing.chain import Material
from kernel.signing.revocation_data import answer_makers, list_makers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from asn1crypto.core import Asn1Value
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from kernel.signing.trust import Trust

__all__ = ["Archive", "Kept", "document_archive", "read_der", "signature_material"]

_KINDS: dict[str, type[Asn1Value]] = {
    "/Certs": asn1_x509.Certificate,
    "/CRLs": asn1_crl.CertificateList,
    "/OCSPs": asn1_ocsp.OCSPResponse,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Something in the security store, and the first revision it stands in."""

    kind: str
    der: bytes
    value: Any
    revision: int


@dataclass(frozen=True, slots=True)
class Archive:
    """The document security store (ETSI EN 319 142-1, 5.4.2) through all revisions.

    What a later revision leaves out was there all the same: it stands in the bytes the earlier signatures cover.
    """

    kept: tuple[Kept, ...] = ()
    dropped: bool = False
    """The newest store lacks what an earlier one had."""
    others: tuple[asn1_x509.Certificate, ...] = ()
    """Certificates in the envelopes of signatures and time stamps."""

    @property
    def certificates(self) -> list[asn1_x509.Certificate]:
        """Those in the store."""
        return [one.value for one in self.kept if one.kind == "/Certs"]

    def believable(
        self, proofs: Sequence[tuple[int, datetime]], now: datetime, trust: Trust, upto: int | None = None
    ) -> Material:
        """Return what stood in the store by the revision `upto` (None: ever) and can be believed.

        Left out are data whose maker's certificate was over when they first surely existed. `proofs` are revisions
        and the times they surely existed at.
        """
        given = [asn1_x509.Certificate.load(der) for der in (*trust.roots, *trust.intermediates)]
        certificates = [*given, *self.others, *self.certificates]

        def believed(one: Kept) -> bool:
            if one.kind == "/Certs":
                return True
            makers = (list_makers if one.kind == "/CRLs" else answer_makers)(one.value, certificates)
            existed = min((at for revision, at in proofs if revision >= one.revision), default=now)
            return not makers or any(maker.not_valid_after >= existed for maker in makers)

        return _material(one for one in self.kept if (upto is None or one.revision <= upto) and believed(one))


def _material(kept: Iterable[Kept]) -> Material:
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for one in kept:
        found[one.kind].append(one.value)
    return Material(*(tuple(found[kind]) for kind in _KINDS))


def document_archive(reader: PdfFileReader, signed: Iterable[EmbeddedPdfSignature]) -> Archive:
    """Return what the security store of any revision and the envelopes of `signed` hold.

    Unreadable parts are left out.
    """
    seen: dict[tuple[str, bytes], Kept] = {}
    present: set[tuple[str, bytes]] = set()
    for revision in range(reader.total_revisions):
        store = _store(reader, revision)
        present = {(kind, der) for kind in _KINDS for der in _streams(store, kind)}
        for kind, der in sorted(present - seen.keys()):
            value = read_der(der, _KINDS[kind])
            if value is not None:
                seen[kind, der] = Kept(kind, der, value, revision)
    others = {one.dump(): one for embedded in signed for one in _travelling(embedded)}
    return Archive(tuple(seen.values()), not seen.keys() <= present, tuple(others.values()))


def signature_material(embedded: EmbeddedPdfSignature) -> Material:
    """Return the other certificates of a signature's envelope, and Adobe's revocation attribute."""
    crls: list[Any] = []
    ocsps: list[Any] = []
    for attribute in embedded.signer_info["signed_attrs"]:
        if attribute["type"].native == "adobe_revocation_info_archival":
            for value in attribute["values"]:
                crls.extend(_parsed(value["crl"] or (), asn1_crl.CertificateList))
                ocsps.extend(_parsed(value["ocsp"] or (), asn1_ocsp.OCSPResponse))
    return Material(tuple(embedded.other_embedded_certs), tuple(crls), tuple(ocsps))


def _travelling(embedded: EmbeddedPdfSignature) -> list[asn1_x509.Certificate]:
    try:
        tokens = extract_tst_data_iter(embedded.signer_info, signed=False)
        envelopes = [embedded.signed_data, *tokens]
        return [one.chosen for envelope in envelopes for one in envelope["certificates"] if one.name == "certificate"]
    except PdfStrictReadError:
        raise
    except Exception:  # noqa: BLE001  # a broken signature makes pyHanko raise anything; it is told of elsewhere
        return []


def _store(reader: PdfFileReader, revision: int) -> Any:
    try:
        return entry(reader.get_historical_root(revision), "/DSS", {})
    except Exception:  # noqa: BLE001  # the older half of a linearized file has no catalog (ISO 32000-1, annex F)
        return {}


def _streams(store: Any, key: str) -> list[bytes]:
    found: list[bytes] = []
    for reference in entry(store, key, ()):
        try:
            found.append(bytes(reference.get_object().data))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def read_der(der: bytes, kind: type[Asn1Value]) -> Any:
    """Return a certificate, list or answer, None for what is none."""
    try:
        value = kind.load(der, strict=True)
        if kind is asn1_crl.CertificateList:
            load_der_x509_crl(der)  # a list may have a hundred thousand entries
        else:
            _ = value.native  # parsing is lazy
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return value


def _parsed(values: Iterable[Asn1Value], kind: type[Asn1Value]) -> list[Any]:
    return [kind.load(value.dump()) for value in values]
