"""tpm2-pkcs11 on a software TPM: a module that lists no RSASSA-PSS and whose signing keys do no raw RSA."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from kernel.tokens.administration import Administration
from kernel.tokens.client import Signer
from kernel.tokens.errors import PinWrong, TokenNotNamed
from kernel.tokens.settings import SignerSettings
from tests.devices.judged import issuer, signed, stands
from tests.tokens_kit import errand, request, sha256

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.tokens.administration import KeyKind

PIN, SO_PIN = "246810", "87654321"
LABEL = "TPM Ký số Ữ"

Tpm = tuple["Path", dict[str, str], dict[str, bytes]]


@pytest.fixture(scope="module")
def device(tpm: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Tpm:
    """An initialised token with a key of each kind."""
    module, env = tpm
    ders: dict[str, bytes] = {}
    kinds: tuple[KeyKind, ...] = ("RSA-2048", "P-256")
    with Administration(module, env=env, log=tmp_path_factory.mktemp("log") / "administration.log") as administration:
        token = administration.init_token(label=LABEL, so_pin=SO_PIN, pin=PIN)
        assert token.label == LABEL
        for number, kind in enumerate(kinds):
            where = {"serial": token.serial, "pin": PIN, "label": f"Khóa {kind}"}
            key_id = bytes([number])
            public = administration.generate_key(**where, key_id=key_id, kind=kind)
            ders[kind] = issuer().certify(public)
            administration.import_certificate(**where, key_id=key_id, der=ders[kind])
    return module, env, ders


@pytest.mark.parametrize(
    ("kind", "mechanism"), [("RSA-2048", "rsa-sha256 SHA256_RSA_PKCS"), ("P-256", "ecdsa-sha256 ECDSA")]
)
def test_a_contract_is_signed(device: Tpm, tmp_path: Path, kind: str, mechanism: str) -> None:
    module, env, ders = device
    with closing(Signer(SignerSettings(module, tmp_path / "state", env=env))) as signer:
        done = signed(signer, ders[kind], PIN)
        assert done.mechanism == mechanism
        assert stands(done, tmp_path)


def test_what_the_token_lists_and_does_not_do_is_found_out(device: Tpm, tmp_path: Path) -> None:
    module, env, ders = device
    with closing(Signer(SignerSettings(module, tmp_path / "state", env=env))) as signer:
        trials = signer.try_mechanisms(sha256(ders["RSA-2048"]), PIN)
    states = {trial.ckm: trial.state for trial in trials}
    assert states["SHA256_RSA_PKCS"] == states["SHA512_RSA_PKCS"] == "ok"
    assert states["RSA_PKCS"] == "refused"


def test_two_tokens_with_one_serial_number_are_not_mistaken(device: Tpm, tmp_path: Path) -> None:
    """tpm2-pkcs11 gives every token the same."""
    module, env, ders = device
    other = "864200"
    administration = Administration(module, env=env, log=tmp_path / "log")
    second = administration.init_token(label="TPM thứ hai Ệ", so_pin=SO_PIN, pin=other)
    assert {token.serial for token in administration.list_tokens()} == {second.serial}
    with pytest.raises(TokenNotNamed):
        administration.change_pin(serial=second.serial, old_pin=other, new_pin=PIN)
    with closing(Signer(SignerSettings(module, tmp_path / "state", env=env))) as signer:
        with pytest.raises(PinWrong):
            signed(signer, ders["P-256"], other)
        asked = request(ders["P-256"])
        signer.unlock(asked.certificate, PIN, [errand(asked)])
        assert {token.label: token.unlocked for token in signer.tokens()} == {LABEL: True, "TPM thứ hai Ệ": False}
        assert {one.token_label for one in signer.certificates()} == {LABEL}


def test_a_wrong_pin(device: Tpm, tmp_path: Path) -> None:
    module, env, ders = device
    with closing(Signer(SignerSettings(module, tmp_path / "state", env=env))) as signer:
        with pytest.raises(PinWrong):
            signed(signer, ders["P-256"], "111111")
        assert stands(signed(signer, ders["P-256"], PIN), tmp_path)
