"""`quaydien token`: initialising, importing, PINs and the self-test on a real SoftHSM, PINs from stdin."""

from __future__ import annotations

import io
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate

from console.main import main
from console.practice.people import PIN as PRACTICE_PIN
from kernel import settings
from tests.pki import DAY, NOW, ec_key, make_pki, rsa_key, subject
from tests.practice import copy_branch
from tests.softhsm import MODULE, PIN, SO_PIN, SoftHsm, master

if TYPE_CHECKING:
    from cryptography import x509

NAME = "Nguyễn Thị Lấp Lánh Ánh"


@dataclass
class Desk:
    """The command line of a machine with one module and no installation."""

    hsm: SoftHsm
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *words: object, typed: tuple[str, ...] = ()) -> tuple[int, str, str]:
        self.monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        code = main(
            ["token", *map(str, words), "--module", str(self.hsm.module), "--home", str(self.hsm.home / "không")]
        )
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *words: object, typed: tuple[str, ...] = (), code: int = 0) -> Any:
        found, out, err = self.run(*words, "--json", typed=typed)
        assert found == code, err
        return json.loads(out)

    def refused(self, *words: object, typed: tuple[str, ...] = ()) -> str:
        code, out, err = self.run(*words, typed=typed)
        assert (code, out) == (3, "")
        return err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return at(SoftHsm(tmp_path / "hsm"), capsys, monkeypatch)


@pytest.fixture
def practised(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A token with a signer's key already on it, behind the shim."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return at(master().hsm.copy(tmp_path / "hsm", shim=True), capsys, monkeypatch)


def at(hsm: SoftHsm, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name, value in hsm.env.items():
        monkeypatch.setenv(name, value)
    return Desk(hsm, capsys, monkeypatch)


def identity(key: Any = None, **issue: Any) -> tuple[Any, x509.Certificate, x509.Certificate]:
    pki = make_pki()
    key = key or rsa_key("nhập khẩu")
    made = pki.issuing.issue(subject(NAME, uid="CCCD:001090000001"), key, **issue)
    return key, made, load_der_x509_certificate(pki.issuing.der)


def p12(path: Path, password: str, key: Any, own: x509.Certificate, above: x509.Certificate) -> Path:
    encryption = BestAvailableEncryption(password.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(NAME.encode(), key, own, [above], encryption))
    return path


def test_from_an_empty_token_to_a_tested_signature(desk: Desk, tmp_path: Path) -> None:
    assert desk.json("list") == []
    made = desk.json("init", "--label", "Ký số Ữ", typed=(SO_PIN, PIN))
    assert (made["label"], made["vendor"], made["pin_set"], made["tries_left"]) == ("Ký số Ữ", "SoftHSM", True, 3)
    file = p12(tmp_path / "nhân viên.p12", "mật khẩu Ệ", *identity())
    put = desk.json("import", file, typed=("mật khẩu Ệ", PIN))
    assert (put["name"], put["key"], put["token"], put["above"]) == (NAME, "RSA-2048", made["serial"], 1)
    (listed,) = desk.json("list")
    assert {one["name"] for one in listed["certificates"]} == {NAME, "CA cấp phát thực hành"}
    tested = desk.json("test", typed=(PIN,))
    (trials,) = tested["mechanisms"].values()
    assert {trial["scheme"] for trial in trials} == {f"{p}-sha{n}" for p in ("pss", "rsa") for n in (256, 384, 512)}
    assert {trial["state"] for trial in trials} == {"ok"}
    states = {line["name"]: line["state"] for line in tested["checks"]}
    # software, and no trusted root yet
    fine = dict.fromkeys(("token", "tries", "signature", "mechanism"), "ok")
    assert states == {**fine, "module": "warning", "certificate": "warning"}


def test_a_key_on_a_curve_from_pem_files(desk: Desk, tmp_path: Path) -> None:
    desk.json("init", "--label", "Ký số", typed=(SO_PIN, PIN))
    key, own, _ = identity(ec_key("nhập PEM"))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    secret, beside = tmp_path / "khóa.pem", tmp_path / "chứng thư.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    beside.write_bytes(own.public_bytes(Encoding.PEM))
    assert "certificate of its key" in desk.refused("import", secret, "--lang", "en")
    code, out, _ = desk.run("import", secret, "--certificate", beside, typed=(PIN,))
    assert code == 0
    assert NAME in out and "khóa.pem" in out
    trials = next(iter(desk.json("test", typed=(PIN,))["mechanisms"].values()))
    assert {trial["state"] for trial in trials} == {"ok"}
    assert "Chứng thư đã có" in desk.refused("import", secret, "--certificate", beside, typed=(PIN,))


def test_what_may_not_be_imported(desk: Desk, tmp_path: Path) -> None:
    desk.json("init", "--label", "Ký số", typed=(SO_PIN, PIN))
    file = p12(tmp_path / "a.p12", "đúng", *identity())
    assert "mật khẩu" in desk.refused("import", file, typed=("sai", PIN))
    assert "mật khẩu" in desk.refused("import", file)  # nothing typed
    late = p12(tmp_path / "b.p12", "đúng", *identity(until=NOW - DAY))
    assert "hết hạn" in desk.refused("import", late, typed=("đúng", PIN))
    short = p12(tmp_path / "c.p12", "đúng", *identity(rsa_key("ngắn", 1024)))
    assert "RSA-1024" in desk.refused("import", short, typed=("đúng", PIN))
    (tmp_path / "d.p12").write_bytes("Ghi chú".encode())
    assert "PKCS#12" in desk.refused("import", tmp_path / "d.p12", typed=("đúng", PIN))
    assert desk.json("list")[0]["certificates"] == []


def test_pins_are_changed_counted_and_unblocked(practised: Desk) -> None:
    practised.hsm.fault("pin_max", "3")
    assert practised.json("pin", typed=(PIN, "135790"))["done"] == "pin"
    assert "còn 2 lần" in practised.refused("pin", typed=(PIN, "999999"))
    assert practised.json("list")[0]["tries_left"] == 2
    assert "còn 1 lần" in practised.refused("pin", typed=("000000", "999999"))
    assert "chỉ còn một lần" in practised.refused("pin", typed=("135790", "999999"))
    assert practised.hsm.calls().count("C_Login") == 3  # the last try was not spent
    assert practised.json("pin", "--clear-tries")["done"] == "clear_tries"
    assert "chỉ còn một lần" in practised.refused("pin", typed=("135790", "999999"))  # the token itself says so
    assert "SO PIN" in practised.refused("pin", "--unblock", typed=("00000000", PIN))
    assert practised.json("pin", "--unblock", typed=(SO_PIN, PIN))["done"] == "unblock"
    practised.hsm.fault("pin_wrong", "0")  # a real token forgets the wrong ones now
    assert practised.json("list")[0]["tries_left"] == 3
    assert practised.json("pin", typed=(PIN, "222222"))["done"] == "pin"
    assert practised.json("pin", "--so", typed=(SO_PIN, "11223344"))["done"] == "so_pin"
    assert practised.json("pin", "--unblock", typed=("11223344", PIN))["done"] == "unblock"


def test_a_token_with_keys_is_erased_only_when_said_so(practised: Desk) -> None:
    words = ("init", "--label", "Mới", "--serial", master().serial)
    assert "--erase" in practised.refused(*words, typed=(SO_PIN, PIN))
    assert practised.json("list")[0]["label"] == "Ký số Điện lực"
    assert practised.json(*words, "--erase", typed=(SO_PIN, PIN))["label"] == "Mới"
    assert practised.json("list")[0]["certificates"] == []


def test_the_battery_says_what_is_wrong_and_what_to_do(practised: Desk) -> None:
    practised.hsm.fault("mechanisms", "1 40")
    practised.hsm.fault("refused", "40")
    code, out, _ = practised.run("test", typed=(PIN,))
    assert code == 0
    assert "! Khóa RSA-2048" in out and "không có RSASSA-PSS" in out
    assert "rsa-sha256 · SHA256_RSA_PKCS: token ghi là có nhưng từ chối (MechanismInvalid)" in out
    practised.hsm.fault("bad_signature")
    code, out, _ = practised.run("test", "--lang", "en", typed=(PIN,))
    assert code == 1
    assert "does NOT match the certificate" in out
    assert practised.json("test", "--no-sign")["mechanisms"] == {}
    practised.hsm.fault("removed")
    code, out, _ = practised.run("test", typed=(PIN,))
    assert code == 1
    assert "✗ Chưa cắm token" in out


def test_a_wrong_pin_ends_the_battery(practised: Desk) -> None:
    tested = practised.json("test", typed=("111111",), code=1)
    assert "còn 2 lần thử" in tested["checks"][-1]["finding"]
    assert practised.hsm.calls() == ["C_Login"]


def test_two_tokens_and_none_named(desk: Desk) -> None:
    with desk.hsm.administration:
        first, second = desk.hsm.add_token("Một"), desk.hsm.add_token("Hai")
    told = desk.refused("pin", typed=(PIN, "222222"))
    assert first.serial in told and second.serial in told
    assert desk.json("pin", "--serial", second.serial, typed=(PIN, "222222"))["token"] == second.serial
    assert desk.json("pin", "--serial", second.serial, typed=("222222", PIN))["token"] == second.serial


def test_drivers_on_this_machine_are_found_with_their_vendors(desk: Desk) -> None:
    rows = {row["vendor"]: row for row in desk.json("list", "--search")}
    assert Path(rows["SoftHSM"]["path"]).resolve() == MODULE.resolve()
    assert (rows["SoftHSM"]["usable"], rows["SoftHSM"]["kind"]) == (True, "software")


def test_a_driver_that_can_not_be_used(desk: Desk, tmp_path: Path) -> None:
    desk.hsm = SoftHsm(desk.hsm.home, tmp_path / "viettel-ca.so")
    assert "Không thấy trình điều khiển" in desk.refused("list")
    desk.hsm.module.write_text("Ghi chú", "utf-8")
    assert "PKCS#11" in desk.refused("list")
    assert desk.json("test", code=1)["checks"][0]["name"] == "module"


def test_no_pin_is_taken_from_the_command_line(desk: Desk) -> None:
    with pytest.raises(SystemExit):
        desk.run("pin", "--pin", PIN)


def test_the_practice_tokens_pass_every_battery(
    practice_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_branch(practice_template, tmp_path / "home")
    assert main(["token", "list", "--json", "--home", str(home)]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {token["vendor"] for token in listed} == {"SoftHSM"}
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PRACTICE_PIN}\n"))
    assert main(["token", "test", "--serial", listed[0]["serial"], "--json", "--home", str(home)]) == 0
    tested = json.loads(capsys.readouterr().out)
    assert {line["state"] for line in tested["checks"]} == {"ok"}
    # and OpenSC's own
    (module,) = settings.load(home).signing.modules
    for token in listed:
        tool = ["pkcs11-tool", "--module", token["path"], "--token-label", token["label"], "--test", "--login"]
        ran = subprocess.run(
            [*tool, "--pin", PRACTICE_PIN],
            env={**os.environ, **module.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "No errors" in ran.stdout and "testing key 0" in ran.stdout
