"""Administration of tokens on a real SoftHSM."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kernel.signing.errors import CertificateInvalid
from kernel.tokens.administration import Administration
from kernel.tokens.errors import LabelInvalid, ModuleNotFound, NoToken, PinFinalTry, PinWrong, TokenRefused
from tests.softhsm import PIN, SO_PIN, SoftHsm, master

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.tokens.administration import KeyKind


@pytest.fixture
def hsm(tmp_path: Path) -> SoftHsm:
    return master().hsm.copy(tmp_path / "hsm")


def test_two_tokens_are_made_and_listed(tmp_path: Path) -> None:
    hsm = SoftHsm(tmp_path / "hsm")
    with hsm.administration as administration:
        assert administration.list_tokens() == ()
        first, second = hsm.add_token("Ký số Ệ"), hsm.add_token("Con dấu đỏ")
        assert first.serial != second.serial
        listed = {token.serial: token.label for token in administration.list_tokens()}
    assert listed == {first.serial: "Ký số Ệ", second.serial: "Con dấu đỏ"}
    assert first.pin_set and first.login_required


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("RSA-2048", lambda key: isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048),
        ("RSA-3072", lambda key: isinstance(key, rsa.RSAPublicKey) and key.key_size == 3072),
        ("P-256", lambda key: isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"),
    ],
)
def test_keys_are_made_in_the_token(hsm: SoftHsm, kind: KeyKind, check: object) -> None:
    der = hsm.administration.generate_key(serial=master().serial, pin=PIN, label="Khóa", key_id=b"\x07", kind=kind)
    assert callable(check) and check(load_der_public_key(der))


def test_an_unknown_kind_of_key(hsm: SoftHsm) -> None:
    from kernel.tokens.errors import RequestInvalid

    with pytest.raises(RequestInvalid):
        hsm.administration.generate_key(
            serial=master().serial,
            pin=PIN,
            label="Khóa",
            key_id=b"\x07",
            kind="RSA-512",  # type: ignore[arg-type]  # on purpose
        )


@pytest.mark.parametrize("label", ["", "  ", "Chữ ký số của Điện lực Đống Đa", "x" * 33])
def test_labels_that_do_not_fit(tmp_path: Path, label: str) -> None:
    # the third has 30 letters and 41 bytes: a token would cut it in the middle of a letter
    with pytest.raises(LabelInvalid):
        SoftHsm(tmp_path / "hsm").add_token(label)


def test_a_label_keeps_its_unicode_form(tmp_path: Path) -> None:
    label = unicodedata.normalize("NFD", "Ký số Ữ Ệ đ")
    assert SoftHsm(tmp_path / "hsm").add_token(label).label == label


def test_the_pin_is_changed_with_one_try(hsm: SoftHsm) -> None:
    administration = hsm.administration
    with pytest.raises(PinWrong):
        administration.change_pin(serial=master().serial, old_pin="111111", new_pin="222222")
    administration.change_pin(serial=master().serial, old_pin=PIN, new_pin="222222")
    administration.change_pin(serial=master().serial, old_pin="222222", new_pin=PIN)


def test_a_token_is_made_anew_only_with_its_own_so_pin(hsm: SoftHsm) -> None:
    administration = hsm.administration
    with pytest.raises(PinWrong):
        administration.init_token(label="Mới", so_pin="00000000", pin=PIN, serial=master().serial)
    assert administration.list_tokens()[0].label == "Ký số Điện lực"
    assert administration.init_token(label="Mới", so_pin=SO_PIN, pin=PIN, serial=master().serial).label == "Mới"


def test_the_last_try_is_not_spent(tmp_path: Path) -> None:
    hsm = master().hsm.copy(tmp_path / "shimmed", shim=True)
    hsm.fault("pin_max", "3")
    hsm.fault("pin_wrong", "2")
    administration = Administration(hsm.module, env=hsm.env, log=tmp_path / "log")
    with pytest.raises(PinFinalTry):
        administration.change_pin(serial=master().serial, old_pin=PIN, new_pin="222222")
    assert hsm.calls() == []


def test_what_is_not_there(tmp_path: Path, hsm: SoftHsm) -> None:
    with pytest.raises(NoToken):
        hsm.administration.generate_key(serial="không có", pin=PIN, label="Khóa", key_id=b"\x07", kind="P-256")
    with pytest.raises(ModuleNotFound):
        Administration(tmp_path / "không có.so", log=tmp_path / "log").list_tokens()
    with pytest.raises(CertificateInvalid):
        hsm.administration.import_certificate(
            serial=master().serial, pin=PIN, label="x", key_id=b"\x07", der=b"rubbish"
        )


def test_no_pin_is_left_behind(hsm: SoftHsm) -> None:
    hsm.administration.change_pin(serial=master().serial, old_pin=PIN, new_pin="9753108642")
    with pytest.raises((PinWrong, TokenRefused)):
        hsm.administration.change_pin(serial=master().serial, old_pin="9753108649", new_pin=PIN)
    log = (hsm.home / "administration.log").read_bytes()
    assert b"97531086" not in log
