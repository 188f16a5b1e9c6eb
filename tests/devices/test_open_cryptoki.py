"""openCryptoki's software token through its daemon: PINs that must be changed first, no SHA-256 with PKCS#1 v1.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernel.tokens.administration import Administration
from kernel.tokens.client import Signer
from kernel.tokens.errors import PinFinalTry, PinWrong, SoPinWrong
from kernel.tokens.settings import SignerSettings
from tests.devices.judged import issuer, signed, stands
from tests.tokens_kit import sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FACTORY_SO_PIN, SO_PIN, PIN = "87654321", "76543210", "246810"
LABEL = "Quay Dien thử Ữ"


@pytest.fixture(scope="module")
def administration(open_cryptoki: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administration]:
    with Administration(open_cryptoki, log=tmp_path_factory.mktemp("log") / "administration.log") as started:
        yield started


@pytest.fixture(scope="module")
def der(administration: Administration) -> bytes:
    """Make the token ready, a factory's PIN at a time; return the certificate on it."""
    with pytest.raises(SoPinWrong):
        administration.init_token(label=LABEL, so_pin="00000000", pin=PIN)
    token = administration.init_token(label=LABEL, so_pin=FACTORY_SO_PIN, pin="135790")
    assert token.label == LABEL
    where = {"serial": token.serial}
    administration.change_so_pin(**where, old_pin=FACTORY_SO_PIN, new_pin=SO_PIN)
    administration.unblock(**where, so_pin=SO_PIN, new_pin="135790")
    administration.change_pin(**where, old_pin="135790", new_pin=PIN)
    (ready,) = administration.list_tokens()
    assert ready.pin_set and not ready.pin_to_be_changed
    made = issuer().certify(
        administration.generate_key(**where, pin=PIN, label="Khóa ký", key_id=b"\x01", kind="RSA-2048")
    )
    administration.import_certificate(**where, pin=PIN, label="Khóa ký", key_id=b"\x01", der=made)
    return made


@pytest.fixture
def start(open_cryptoki: Path, tmp_path: Path) -> Iterator[Callable[..., Signer]]:
    opened: list[Signer] = []

    def started(*, prefer_pss: bool = True) -> Signer:
        settings = SignerSettings(open_cryptoki, tmp_path / str(len(opened)), prefer_pss=prefer_pss)
        opened.append(Signer(settings))
        return opened[-1]

    yield started
    for signer in opened:
        signer.close()


@pytest.mark.parametrize(
    ("prefer_pss", "mechanism"), [(True, "pss-sha256 SHA256_RSA_PKCS_PSS"), (False, "rsa-sha256 RSA_PKCS")]
)
def test_a_contract_is_signed(
    der: bytes, start: Callable[..., Signer], tmp_path: Path, mechanism: str, *, prefer_pss: bool
) -> None:
    done = signed(start(prefer_pss=prefer_pss), der, PIN)
    assert done.mechanism == mechanism
    assert stands(done, tmp_path)


def test_every_mechanism_it_lists_signs(der: bytes, start: Callable[..., Signer]) -> None:
    trials = start().try_mechanisms(sha256(der), PIN)
    assert {trial.state for trial in trials} == {"ok"}
    assert {trial.scheme for trial in trials} == {f"{p}-sha{n}" for p in ("pss", "rsa") for n in (256, 384, 512)}


def test_wrong_pins_stop_before_the_last_try(
    der: bytes, start: Callable[..., Signer], administration: Administration, tmp_path: Path
) -> None:
    signer = start()
    for request_id in ("yc-1", "yc-2"):
        with pytest.raises(PinWrong):
            signed(signer, der, "111111", request_id)
    with pytest.raises(PinFinalTry):
        signed(signer, der, PIN)
    assert signer.tokens()[0].pin_final_try  # the token tells it to every process
    with pytest.raises(PinFinalTry):
        signed(start(), der, PIN)
    administration.unblock(serial=signer.tokens()[0].serial, so_pin=SO_PIN, new_pin="135790")
    administration.change_pin(serial=signer.tokens()[0].serial, old_pin="135790", new_pin=PIN)
    assert stands(signed(signer, der, PIN), tmp_path)


def test_two_processes_sign_on_one_token(der: bytes, start: Callable[..., Signer], tmp_path: Path) -> None:
    first, second = start(), start()
    assert stands(signed(first, der, PIN), tmp_path)
    assert stands(signed(second, der, PIN), tmp_path)
