"""A smart card behind pcscd and OpenSC: put in, asked for its PIN at each signature, pulled out in the middle.

The card is a PIV card played here over the virtual reader of vsmartcard. Its signing key wants the PIN every time
(CKA_ALWAYS_AUTHENTICATE), its tries are counted by the card, and OpenSC tells them by the token's flags.
"""

from __future__ import annotations

import queue
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kernel.tokens.administration import Administration
from kernel.tokens.client import Signer
from kernel.tokens.errors import NoToken, PinFinalTry, PinLocked, PinWrong, TokenRemoved
from kernel.tokens.modules import vendor_of
from kernel.tokens.settings import SignerSettings
from kernel.tokens.watch_client import Snapshot, Watch, WatchedModule
from tests.devices.conftest import library
from tests.devices.judged import NAME, issuer, signed, stands
from tests.devices.piv_card import ATR, PivCard
from tests.pki import rsa_key
from tests.tokens_fixtures import log
from tests.tokens_kit import errand, pdf, request, sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.devices.conftest import Readers
    from tests.devices.virtual_reader import Slot

PIN, PUK = "246810", "13572468"
SIGNING, SECOND = 0x9C, 0x9A


def card(owner: str = NAME, guid: bytes = bytes(range(16)), tries: int = 3) -> PivCard:
    """Return a card of a person: the key that signs documents, and another beside it."""
    made = PivCard(PIN, PUK, tries=tries, guid=guid)
    for reference in (SIGNING, SECOND):
        key = rsa_key(f"{owner} {reference}")
        assert isinstance(key, rsa.RSAPrivateKey)
        made.keys[reference] = key, issuer().certify(key.public_key(), owner)
    return made


@pytest.fixture
def reader(readers: Readers) -> Iterator[Slot]:
    yield readers.first
    for slot in (readers.first, readers.second):
        slot.remove()


@pytest.fixture
def opensc() -> Path:
    return library("opensc-pkcs11.so", "pkcs11/opensc-pkcs11.so")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def signer(opensc: Path, state: Path) -> Iterator[Signer]:
    with closing(Signer(SignerSettings(opensc, state))) as started:
        yield started


@pytest.fixture
def watched(opensc: Path, tmp_path: Path) -> Iterator[Callable[[Callable[[Snapshot], bool]], Snapshot]]:
    """Return how to wait for what the device watch sees."""
    seen: queue.Queue[Snapshot] = queue.Queue()
    with ExitStack() as stack:
        watch = Watch([WatchedModule(opensc)], seen.put, log=tmp_path / "watch.log", interval=0.1)
        stack.enter_context(closing(watch))
        watch.start()

        def until(wanted: Callable[[Snapshot], bool]) -> Snapshot:
            while True:
                snapshot = seen.get(timeout=60)
                if wanted(snapshot):
                    return snapshot

        yield until


def tokens(snapshot: Snapshot) -> list[str] | None:
    return [token.serial for token in snapshot[0].tokens] if snapshot[0].state == "ok" else None


def test_the_watch_sees_a_card_come_and_go(
    reader: Slot, watched: Callable[[Callable[[Snapshot], bool]], Snapshot]
) -> None:
    watched(lambda found: tokens(found) == [])
    reader.insert(card(), ATR)
    (token,) = watched(lambda found: bool(tokens(found)))[0].tokens
    assert token.label == NAME
    reader.remove()
    watched(lambda found: tokens(found) == [])
    reader.insert(card("Trần Đức Ữ"), ATR)
    assert watched(lambda found: bool(tokens(found)))[0].tokens[0].label == "Trần Đức Ữ"


def test_a_restart_of_pcscd_is_a_card_pulled_out_and_put_back(
    readers: Readers,
    reader: Slot,
    signer: Signer,
    watched: Callable[[Callable[[Snapshot], bool]], Snapshot],
    tmp_path: Path,
) -> None:
    if readers.pcscd is None:
        pytest.skip("this machine's own pcscd is used, and not ours to stop")
    held = card()
    reader.insert(held, ATR)
    watched(lambda found: bool(tokens(found)))
    signed(signer, held.keys[SIGNING][1], PIN)
    readers.pcscd.stop()
    reader.remove()
    watched(lambda found: tokens(found) == [])
    with pytest.raises(NoToken):
        signed(signer, held.keys[SIGNING][1], PIN, "yc-2")
    readers.pcscd.start()
    reader.insert(held, ATR)
    watched(lambda found: bool(tokens(found)))
    assert stands(signed(signer, held.keys[SIGNING][1], PIN, "yc-2"), tmp_path)


def test_a_contract_is_signed_with_the_key_that_was_chosen(
    reader: Slot, signer: Signer, opensc: Path, tmp_path: Path
) -> None:
    held = card()
    reader.insert(held, ATR)
    vendor = vendor_of(opensc)
    assert vendor is not None and vendor.name == "OpenSC"
    assert {one.sha256 for one in signer.certificates()} == {sha256(der) for _, der in held.keys.values()}
    done = signed(signer, held.keys[SIGNING][1], PIN)
    assert done.mechanism == "pss-sha256 SHA256_RSA_PKCS_PSS"
    assert stands(done, tmp_path)
    # logged in once, asked again for the signature
    assert held.log == ["VERIFY", "VERIFY", "SIGN 9c"]
    assert stands(signed(signer, held.keys[SECOND][1], PIN, "yc-2"), tmp_path)
    assert held.log[3:] == ["VERIFY", "SIGN 9a"]


def test_a_batch_answers_the_card_for_each_signature(reader: Slot, signer: Signer) -> None:
    held = card()
    reader.insert(held, ATR)
    batch = [request(held.keys[SIGNING][1], f"yc-{n}", document_id=f"hd-{n}") for n in range(3)]
    signer.unlock(batch[0].certificate, PIN, [errand(one) for one in batch])
    for one in batch:
        signer.sign(one, pdf(), keep_unlocked=True)
    assert held.log.count("SIGN 9c") == 3
    assert held.log.count("VERIFY") >= 3


def test_every_mechanism_opensc_lists_is_tried(reader: Slot, signer: Signer) -> None:
    held = card()
    reader.insert(held, ATR)
    trials = signer.try_mechanisms(sha256(held.keys[SIGNING][1]), PIN)
    assert {trial.state for trial in trials} == {"ok"}
    assert {trial.scheme for trial in trials} == {f"{p}-sha{n}" for p in ("pss", "rsa") for n in (256, 384, 512)}


def test_the_card_counts_wrong_pins_and_the_last_is_not_spent(reader: Slot, signer: Signer, tmp_path: Path) -> None:
    held = card()
    reader.insert(held, ATR)
    with pytest.raises(PinWrong) as caught:
        signed(signer, held.keys[SIGNING][1], "111111")
    assert (caught.value.tries_left, held.tries) == (2, 2)
    with pytest.raises(PinWrong):
        signed(signer, held.keys[SIGNING][1], "111111")
    with pytest.raises(PinFinalTry):
        signed(signer, held.keys[SIGNING][1], PIN)
    assert (held.tries, held.log) == (1, ["VERIFY", "VERIFY"])
    assert signer.tokens()[0].pin_final_try
    held.tries = 3  # unblocked elsewhere
    assert stands(signed(signer, held.keys[SIGNING][1], PIN), tmp_path)


def test_a_locked_card_says_so(reader: Slot, signer: Signer) -> None:
    held = card()
    held.tries = 0
    reader.insert(held, ATR)
    with pytest.raises(PinLocked):
        signed(signer, held.keys[SIGNING][1], PIN)
    assert held.log == []


def test_a_card_pulled_out_in_the_middle_of_a_signature(
    reader: Slot, signer: Signer, state: Path, tmp_path: Path
) -> None:
    held = card()
    der = held.keys[SIGNING][1]
    held.before_signing = reader.remove
    reader.insert(held, ATR)
    with pytest.raises(TokenRemoved):
        signed(signer, der, PIN)
    assert held.log[-1] == "SIGN 9c"
    with pytest.raises(NoToken):
        signed(signer, der, PIN)
    held.before_signing = lambda: None
    reader.insert(held, ATR)
    assert stands(signed(signer, der, PIN), tmp_path)
    assert [line.result for line in log(state)].count("signed") == 1


def test_the_pin_of_one_card_is_never_tried_on_another(readers: Readers, reader: Slot, signer: Signer) -> None:
    first, second = card("Nguyễn Thị Ánh", bytes(16)), card("Trần Đức Ữ", b"\x07" * 16)
    reader.insert(first, ATR)
    readers.second.insert(second, ATR)
    assert len({token.serial for token in signer.tokens()}) == 2
    with pytest.raises(PinWrong):
        signed(signer, second.keys[SIGNING][1], "111111")
    assert (first.tries, second.tries) == (3, 2)
    assert first.log == []


def test_the_pin_is_changed_at_the_card(reader: Slot, opensc: Path, tmp_path: Path) -> None:
    held = card()
    reader.insert(held, ATR)
    with Administration(opensc, log=tmp_path / "log") as administration:
        (token,) = administration.list_tokens()
        assert {one.sha256 for one in administration.list_certificates()} == {
            sha256(der) for _, der in held.keys.values()
        }
        administration.change_pin(serial=token.serial, old_pin=PIN, new_pin="998877")
    assert held.pin == "998877"
