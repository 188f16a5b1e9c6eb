"""What people send of a signature made elsewhere: whatever it is, it is read or refused in the project's own words."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.signing.answers import Answer, read_answer, read_certificates, read_cms
from kernel.signing.errors import AnswerUnreadable, CertificateInvalid, SigningError
from tests.pki import SoftwareSigner, library_signer, make_pki
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def signer() -> SoftwareSigner:
    return make_pki().issuing.person("Đỗ Thị Ữ")


@cache
def a_cms() -> bytes:
    digest = hashlib.sha256("Hợp đồng".encode()).digest()
    made: bytes = asyncio.run(library_signer(signer()).async_sign(digest, "sha256", use_pades=True)).dump()
    return made


def pem(label: str, der: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()


@cache
def bundles() -> tuple[bytes, ...]:
    """A certificate and its issuer as people bring them."""
    chain = [x509.load_der_x509_certificate(der) for der in (signer().chain[0], signer().certificate)]
    return (
        b"".join(one.public_bytes(Encoding.PEM) for one in chain),
        pkcs7.serialize_certificates(chain, Encoding.DER),
        pkcs7.serialize_certificates(chain, Encoding.PEM),
    )


@cache
def samples() -> tuple[bytes, ...]:
    told = {"signature": base64.b64encode(a_cms()).decode(), "certificate": signer().certificate.hex()}
    return (a_cms(), signer().certificate, base64.encodebytes(a_cms()), json.dumps(told).encode(), *bundles())


@pytest.mark.parametrize("first", [b"{", b" ", b"\n", b"\0", b"-", b"0"])
def test_a_raw_signature_may_begin_with_any_byte(first: bytes) -> None:
    raw = first + bytes(range(1, 256))
    assert read_answer(raw) == Answer(raw)
    assert read_answer(raw.hex(":").encode()) == read_answer(base64.encodebytes(raw)) == Answer(raw)


def test_a_cms_in_every_wrapping() -> None:
    told = {"signature": a_cms().hex(), "certificate": base64.b64encode(signer().certificate).decode()}
    for data in (a_cms(), base64.encodebytes(a_cms()), pem("CMS", a_cms()), pem("PKCS7", a_cms())):
        assert read_answer(data) == Answer(cms=a_cms())
    beside = pem("CERTIFICATE", signer().certificate) + pem("CMS", a_cms())
    for data in (json.dumps(told).encode(), beside):
        assert read_answer(data) == Answer(cms=a_cms(), certificate=signer().certificate)
    assert read_cms(a_cms()).digest == hashlib.sha256("Hợp đồng".encode()).digest()


def test_certificates_as_people_bring_them() -> None:
    own, issuer = signer().certificate, signer().chain[0]
    for data in (own, base64.encodebytes(own), own.hex().encode(), pem("CERTIFICATE", own)):
        assert read_certificates(data) == (own,)
    for data in bundles():
        assert read_certificates(data) == (own, issuer)


@pytest.mark.parametrize("data", [b"", b"\0", "chứng thư".encode(), b"-----BEGIN CERTIFICATE-----", b"{}"])
def test_what_is_no_certificate(data: bytes) -> None:
    with pytest.raises(CertificateInvalid):
        read_certificates(data)


@pytest.mark.parametrize("data", [b"", b" \n", b"{}", b'{"signature": 7}', b"{chu ky", "chữ ký của tôi".encode()])
def test_what_is_no_signature(data: bytes) -> None:
    with pytest.raises(AnswerUnreadable) as unreadable:
        read_answer(data)
    assert "DER, PEM" in said(unreadable.value)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_nothing_but_the_projects_own_errors(data: st.DataObject) -> None:
    sample = bytearray(data.draw(st.sampled_from(samples())))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(sample)))
        end = place + data.draw(st.integers(0, 20))
        sample[place:end] = data.draw(st.binary(max_size=8))
    readers: tuple[Callable[[bytes], object], ...] = (read_answer, read_cms, read_certificates)
    for read in readers:
        try:
            read(bytes(sample))
        except SigningError as error:
            assert error.diagnosis("vi").cause
