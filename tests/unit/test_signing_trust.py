from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kernel.signing.errors import TrustUnreadable
from kernel.signing.trust import load_trust, read_trust
from tests.pki import make_pki

if TYPE_CHECKING:
    from pathlib import Path


def test_a_bundle_of_certificates_and_lists(tmp_path: Path) -> None:
    pki = make_pki()
    bundle = b"Danh s\xc3\xa1ch tin c\xe1\xba\xady\n" + pki.issuing.pem + pki.issuing.crl() + pki.root.pem
    (tmp_path / "tin-cậy.pem").write_bytes(bundle.replace(b"\n", b"\r\n"))
    trust = load_trust([tmp_path / "tin-cậy.pem"])
    assert trust.roots == (pki.root.der,)
    assert trust.intermediates == (pki.issuing.der,)
    assert len(trust.crls) == 1
    assert not trust.allow_fetching


def test_several_files_add_up_and_der_is_read(tmp_path: Path) -> None:
    pki = make_pki()
    crl = x509.load_pem_x509_crl(pki.issuing.crl()).public_bytes(Encoding.DER)
    for name, data in (("a.cer", pki.root.der), ("b.crl", crl), ("c.cer", pki.issuing.der)):
        (tmp_path / name).write_bytes(data)
    trust = load_trust(sorted(tmp_path.iterdir()), allow_fetching=True)
    assert (trust.roots, trust.intermediates, trust.crls) == ((pki.root.der,), (pki.issuing.der,), (crl,))
    assert trust.allow_fetching


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "không phải chứng thư".encode(),
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
    ],
)
def test_what_cannot_be_used_is_named(data: bytes) -> None:
    with pytest.raises(TrustUnreadable) as refused:
        read_trust(data, "gốc.pem")
    assert "gốc.pem" in refused.value.diagnosis("vi").cause


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrustUnreadable):
        load_trust([tmp_path / "không-có.pem"])
