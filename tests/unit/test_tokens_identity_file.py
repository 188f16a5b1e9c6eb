"""Keys and certificates in files: PEM and PKCS #12, with and without a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate

from kernel.tokens.errors import IdentityIncomplete, IdentityPasswordWrong, IdentityUnreadable
from kernel.tokens.identity_file import needs_password, read_identity
from tests.pki import make_pki, rsa_key, subject

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import rsa

SECRET = "mật khẩu Ệ đ"


def key_pem(key: rsa.RSAPrivateKey, how: PrivateFormat, encryption: KeySerializationEncryption) -> bytes:
    return key.private_bytes(Encoding.PEM, how, encryption)


@pytest.mark.parametrize("how", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("password", [None, SECRET])
def test_pem(tmp_path: Path, how: PrivateFormat, password: str | None) -> None:
    pki, key = make_pki(), rsa_key("tệp")
    own = pki.issuing.issue(subject("Trần Đức Ữ"), key)
    encryption = BestAvailableEncryption(SECRET.encode()) if password else NoEncryption()
    file = tmp_path / "khóa Ữ.pem"
    # the issuer's certificate stands first: the key decides which is the signer's
    file.write_bytes(pki.issuing.pem + key_pem(key, how, encryption) + own.public_bytes(Encoding.PEM))
    assert needs_password(file) is (password is not None)
    read = read_identity(file, password)
    assert read.certificate == own.public_bytes(Encoding.DER)
    assert read.chain == (pki.issuing.der,)
    found = load_der_private_key(read.key, None)
    assert found.private_numbers() == key.private_numbers()  # type: ignore[union-attr]  # an RSA key was written
    if password:
        for wrong in (None, "sai"):
            with pytest.raises(IdentityPasswordWrong):
                read_identity(file, wrong)


def test_pkcs12_without_a_certificate_of_its_key(tmp_path: Path) -> None:
    pki = make_pki()
    file = tmp_path / "a.p12"
    other = load_der_x509_certificate(pki.issuing.der)
    encryption = BestAvailableEncryption(SECRET.encode())
    file.write_bytes(pkcs12.serialize_key_and_certificates(None, rsa_key("tệp"), None, [other], encryption))
    assert needs_password(file)
    with pytest.raises(IdentityIncomplete) as caught:
        read_identity(file, SECRET)
    assert "certificate of its key" in str(caught.value.diagnosis("en").title)


def test_what_is_neither(tmp_path: Path) -> None:
    pki, file = make_pki(), tmp_path / "tệp"
    for content, error in (
        (b"", IdentityUnreadable),
        ("Ghi chú".encode(), IdentityUnreadable),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", IdentityUnreadable),
        (pki.root.pem, IdentityIncomplete),
    ):
        file.write_bytes(content)
        with pytest.raises(error):
            read_identity(file, None)
    with pytest.raises(IdentityUnreadable):
        read_identity(tmp_path / "không có", None)
