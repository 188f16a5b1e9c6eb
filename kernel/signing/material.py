"""Certificates and revocation data that travel in a file: its security store, its signatures' envelopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509

from kernel.signing._pdf import entry
from kernel.signing.chain import Material

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asn1crypto.core import Asn1Value
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

__all__ = ["document_material", "has_archive_data", "signature_material"]

T = TypeVar("T")


def document_material(reader: PdfFileReader) -> Material:
    """Return what the document security store holds (ETSI EN 319 142-1, 5.4.2). Unreadable parts are left out."""
    store = entry(reader.root, "/DSS", {})
    return Material(
        tuple(_streams(store, "/Certs", asn1_x509.Certificate)),
        tuple(_streams(store, "/CRLs", asn1_crl.CertificateList)),
        tuple(_streams(store, "/OCSPs", asn1_ocsp.OCSPResponse)),
    )


def has_archive_data(root: Any) -> bool:
    """Tell whether a catalog has a security store with revocation data."""
    store = entry(root, "/DSS", {})
    return bool(entry(store, "/CRLs", ()) or entry(store, "/OCSPs", ()))


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


def _streams(store: Any, key: str, kind: type[Asn1Value]) -> list[Any]:
    found = []
    for reference in entry(store, key, ()):
        try:
            value = kind.load(reference.get_object().data, strict=True)
            _ = value.native  # parsing is lazy
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        found.append(value)
    return found


def _parsed(values: Iterable[Asn1Value], kind: type[Asn1Value]) -> list[Any]:
    return [kind.load(value.dump()) for value in values]
