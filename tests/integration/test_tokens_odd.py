"""Tokens as people have them: keys without ids, any label, certificates beside the wrong key, odd modules."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from kernel.tokens.administration import Administration
from kernel.tokens.binary import machine_of
from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    KeyAmbiguous,
    KeyNotFound,
    ModuleForeign,
    ModuleIncomplete,
    ModuleOfAnotherMachine,
    ModuleUnusable,
    SignerTimeout,
    TokenWriteProtected,
)
from kernel.tokens.settings import SignerSettings
from tests.softhsm import MODULE, PIN, SoftHsm, TestCa, master, name, scratch
from tests.tokens_kit import pdf, request, sha256, signer_inside, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel.tokens.administration import KeyKind

    Start = Callable[..., Signer]


class Desk:
    """An empty token and a CA, to put keys and certificates on as an odd issuer would."""

    def __init__(self, home: Path) -> None:
        self.hsm, self.ca = SoftHsm(home), TestCa()
        self.token = self.hsm.add_token("Token lạ Ữ")

    def key(self, key_id: bytes, kind: KeyKind = "RSA-2048") -> bytes:
        """Return the public key of a new pair."""
        return self.hsm.administration.generate_key(
            serial=self.token.serial, pin=PIN, label="", key_id=key_id, kind=kind
        )

    def issued(self, public: bytes, owner: str) -> bytes:
        return self.ca.issue(load_der_public_key(public), name(owner, "CCCD:001090000001")).public_bytes(Encoding.DER)

    def put(self, der: bytes, key_id: bytes, label: str = "") -> bytes:
        self.hsm.administration.import_certificate(
            serial=self.token.serial, pin=PIN, label=label, key_id=key_id, der=der
        )
        return der

    def signs(self, start: Start, state: Path, *ders: bytes, hsm: SoftHsm | None = None) -> None:
        """Sign once with each certificate; the one asked for must be the one inside."""
        signer = start((hsm or self.hsm).settings(state))
        for number, der in enumerate(ders):
            done = signer.sign(request(der, f"yc-{number}"), pdf(), pin=PIN)
            assert sound(done.pdf, self.ca.der) == ["ben_ban"]
            assert signer_inside(done.pdf) == der


@cache
def without_ids() -> tuple[Desk, list[bytes]]:
    """Return a token with two RSA keys and one on a curve, none with an id or a label, and their certificates."""
    desk = Desk(scratch())
    kinds: tuple[KeyKind, ...] = ("RSA-2048", "RSA-2048", "P-256")
    with desk.hsm.administration:
        publics = [desk.key(b"", kind) for kind in kinds]
        return desk, [desk.put(desk.issued(public, f"Người {n}"), b"") for n, public in enumerate(publics)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk")
    with made.hsm.administration:
        yield made


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def started(settings: SignerSettings, **options: dict[str, float]) -> Signer:
            return stack.enter_context(closing(Signer(settings, **options)))  # type: ignore[arg-type]  # tests' own

        yield started


# --- which key belongs to which certificate


def test_without_ids_the_public_part_tells(state: Path, start: Start) -> None:
    desk, ders = without_ids()
    desk.signs(start, state, *ders)


def test_without_ids_and_public_parts_nothing_is_guessed(tmp_path: Path, state: Path, start: Start) -> None:
    desk, (first, _, curve) = without_ids()
    hsm = desk.hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("no_modulus")
    signer = start(hsm.settings(state))
    with pytest.raises(KeyAmbiguous) as caught:
        signer.sign(request(first), pdf(), pin=PIN)
    assert caught.value.facts["count"] == 2
    assert "C_Sign" not in hsm.calls()
    # the only key on a curve is the only one there can be
    assert sound(signer.sign(request(curve, "yc-2"), pdf(), pin=PIN).pdf, desk.ca.der) == ["ben_ban"]


def test_a_certificate_whose_id_names_another_key(desk: Desk, state: Path, start: Start) -> None:
    first, second = desk.key(b"\x01"), desk.key(b"\x02")
    ders = [desk.put(desk.issued(first, "Một"), b"\x02"), desk.put(desk.issued(second, "Hai"), b"\x01")]
    desk.signs(start, state, *ders)


def test_a_certificate_whose_key_is_on_another_token(desk: Desk, state: Path, start: Start) -> None:
    desk.key(b"\x01")
    der = desk.put(desk.issued(without_ids()[0].key(b"\x09"), "Người khác"), b"\x01")
    with pytest.raises(KeyNotFound):
        start(desk.hsm.settings(state)).sign(request(der), pdf(), pin=PIN)


def test_certificates_of_one_key_are_told_apart_by_their_bytes(desk: Desk, state: Path, start: Start) -> None:
    """A renewed certificate keeps key, id, label and owner."""
    public = desk.key(b"\x01")
    ders = [desk.put(desk.issued(public, "Nguyễn Thị Lấp Lánh Ánh"), b"\x01", "Chứng thư") for _ in range(2)]
    ders += [desk.put(desk.issued(public, "Nguyễn Thị Lấp Lánh Ánh"), b"", "Chứng thư")]
    desk.signs(start, state, *ders)


def test_a_certificate_stored_twice_is_one(desk: Desk, state: Path, start: Start) -> None:
    der = desk.issued(desk.key(b"\x01"), "Trần Đức Ữ")
    for key_id in (b"", b"\x01", b""):
        desk.put(der, key_id)
    (found,) = start(desk.hsm.settings(state)).certificates()
    assert (found.sha256, found.key_id, found.has_key) == (sha256(der), "01", True)


# --- labels, writing


def test_a_token_without_a_label(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("no_label")
    signer = start(hsm.settings(state))
    assert signer.tokens()[0].label == ""
    assert sound(signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN).pdf, master().ca.der) == ["ben_ban"]


def test_a_write_protected_token_signs_and_is_not_written_to(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("write_protected")
    done = start(hsm.settings(state)).sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    assert sound(done.pdf, master().ca.der) == ["ben_ban"]
    administration = Administration(hsm.module, env=hsm.env, log=tmp_path / "log")
    with pytest.raises(TokenWriteProtected):
        administration.change_pin(serial=master().serial, old_pin=PIN, new_pin="222222")
    assert hsm.calls().count("C_Login") == 1  # no try was spent on the second


def test_a_key_that_asks_the_pin_pad_for_each_signature(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("pad_pin", PIN)
    hsm.fault("always_authenticate")
    signer, one = start(hsm.settings(state)), request(master().ders["rsa"])
    assert sound(signer.sign(one, pdf(), pin_pad=True).pdf, master().ca.der) == ["ben_ban"]
    assert hsm.calls() == ["C_Login", "C_SignInit", "C_Login again", "C_Sign"]
    # typed at the PC it works too
    assert sound(signer.sign(request(master().ders["rsa"], "yc-2"), pdf(), pin=PIN).pdf, master().ca.der) == ["ben_ban"]


# --- modules that can't be used


@pytest.fixture
def settings(tmp_path: Path, state: Path) -> Callable[[Path], SignerSettings]:
    return lambda module: SignerSettings(module=module, state_dir=state / module.stem)


def refused(module: Path, settings: SignerSettings, start: Start, tmp_path: Path) -> ModuleUnusable:
    """Return why the module is refused: the signer and the administration agree."""
    with pytest.raises(ModuleUnusable) as caught:
        start(settings).tokens()
    with pytest.raises(type(caught.value)):
        Administration(module, env=settings.env, log=tmp_path / "log").list_tokens()
    return caught.value


def test_a_module_for_another_processor(
    tmp_path: Path, settings: Callable[[Path], SignerSettings], start: Start
) -> None:
    module = tmp_path / "arm.so"
    code = bytearray(MODULE.read_bytes())
    here = machine_of(MODULE)
    code[18:20] = (183 if here == "Linux x86-64" else 62).to_bytes(2, "little")
    module.write_bytes(code)
    error = refused(module, settings(module), start, tmp_path)
    assert isinstance(error, ModuleOfAnotherMachine)
    assert error.facts["detail"] != error.facts["wanted"] == here


def test_a_module_whose_library_is_missing(
    tmp_path: Path, settings: Callable[[Path], SignerSettings], start: Start
) -> None:
    for made, source, more in (
        ("libbesides.so", "int besides(void) { return 1; }", []),
        ("vendor.so", "int besides(void); int C_GetFunctionList(void *l) { return l ? besides() : 7; }", ["-lbesides"]),
    ):
        command = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", made, "-L.", *more]
        subprocess.run(command, cwd=tmp_path, input=source, text=True, check=True)
    (tmp_path / "libbesides.so").unlink()
    error = refused(tmp_path / "vendor.so", settings(tmp_path / "vendor.so"), start, tmp_path)
    assert isinstance(error, ModuleIncomplete)
    assert "libbesides.so" in str(error.facts["detail"])


def test_files_that_are_no_modules(tmp_path: Path, settings: Callable[[Path], SignerSettings], start: Start) -> None:
    for file, content in (("empty.so", b""), ("note.so", "Ghi chú".encode()), ("cut.so", MODULE.read_bytes()[:5000])):
        (tmp_path / file).write_bytes(content)
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", "other.so"],
        cwd=tmp_path, input="int other(void) { return 1; }", text=True, check=True,
    )  # fmt: skip
    for file in ("empty.so", "note.so", "other.so"):
        with pytest.raises(ModuleForeign):
            start(settings(tmp_path / file)).tokens()
    with pytest.raises(ModuleUnusable):  # the system's loader itself may crash at half a file
        start(settings(tmp_path / "cut.so")).tokens()


def test_a_module_that_does_not_start(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("init_error", "30")  # CKR_DEVICE_ERROR: its service is not there
    assert type(refused(hsm.module, hsm.settings(state), start, tmp_path)) is ModuleUnusable


def test_a_module_that_hangs_while_it_starts(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    hsm.fault("hang_init")
    signer = start(hsm.settings(state), deadlines={"start": 1.0})
    with pytest.raises(SignerTimeout) as caught:
        signer.tokens()
    assert caught.value.facts["verb"] == "start"
    assert signer.pid is None
    hsm.mend("hang_init")
    signer.close()
    assert start(hsm.settings(state)).tokens()


def test_two_modules_are_two_processes_and_one_at_fault_disturbs_none(
    tmp_path: Path, state: Path, start: Start
) -> None:
    bad = master().hsm.copy(tmp_path / "bad", shim=True)
    good = without_ids()[0].hsm
    bad.fault("crash")
    first, second = start(bad.settings(state / "bad")), start(good.settings(state / "good"))
    second.ping()
    before = second.pid
    with pytest.raises(Exception, match="SIGABRT"):
        first.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    assert second.pid == before
    assert [token.label for token in second.tokens()] == ["Token lạ Ữ"]
