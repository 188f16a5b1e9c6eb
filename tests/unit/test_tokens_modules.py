"""The catalogue of PKCS#11 modules: whose a file is, and what is found on a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernel.tokens.binary import machine_of
from kernel.tokens.modules import catalogue, find_modules, vendor_of

if TYPE_CHECKING:
    from pathlib import Path

WINDOWS = """
VNPT-CA: vnptca_p11_v6.dll vnptca_p11_v7.dll vnptca_p11_v8.dll vnptca_p11_v9.dll vnptca_p11_v10.dll vnpt-ca_csp11.dll
VNPT-CA: vnpt-ca_v34.dll vnpt-ca_v4.dll vnpt-ca_cl_v1.dll
Viettel-CA: viettel-ca.dll viettel-ca_v1.dll viettel-ca_v6.dll
FPT-CA: fpt-ca.dll fpt-ca-stx.dll fpt-ca_v4.dll fpt-ca_v5.dll fptca_v3.dll fptca_v6.dll
BkavCA: BkavCA.dll BkavCAv2S.dll BkavCAv2T.dll BkavCAv25.dll bkavcaetoken.dll st3csp11.dll beidpkcs11D.dll
CA2 (Nacencomm): CA2_csp11.dll CA2_v34.dll CA2CSP11_v2.dll ca2_ace_csp11.dll ncca_csp11_v1.dll nca_v4.dll nca_v9.dll
CA2 (Nacencomm): nca_eps2k2a.dll nca_eps2k3a.dll
NewCA (Newtel): NEWTEL-CA.dll newca_v4.dll
SmartSign (Vina-CA): Vina-CA.dll Vina-CAv3.dll Vina-CAv10.dll
SafeCA: safe-ca.dll Safe-ca_v1.dll Safe-ca_v2.dll
EFY-CA: efy-ca_v1.dll
MISA-CA: misaca_csp11_v2.dll
FastCA: fca_v1.dll
I-CA: ica_csp11_v1.dll
CKCA: CKCA.dll
Feitian ePass2003: eps2003csp11.dll eps2003csp11v2.dll ShuttleCsp11_3003.dll ngp11v211.dll
SafeNet, Thales (VGCA): eTPKCS11.dll IDPrimePKCS1164.dll gclib.dll
Watchdata: wdsafe3.dll WDPKCS.dll SignatureP11.dll
Thales Luna: cryptoki.dll
Entrust nShield: cknfast.dll
SoftHSM: softhsm2.dll
OpenSC: opensc-pkcs11.dll
"""
SHELLS = "viettel-ca_s.dll viettel-ca_v2_s.dll viettel-ca_v2_csp.dll Vina-CA_s.dll vnptca_p11_v6_s.dll kernel32.dll"


@pytest.mark.parametrize("line", WINDOWS.strip().splitlines())
def test_the_vendor_is_told_by_the_file_name(tmp_path: Path, line: str) -> None:
    name, _, names = line.partition(": ")
    found = {file: vendor_of(tmp_path / file) for file in names.split()}
    assert {file: vendor.name if vendor else None for file, vendor in found.items()} == dict.fromkeys(found, name)


@pytest.mark.parametrize("file", SHELLS.split())
def test_what_lies_beside_them_is_no_module(tmp_path: Path, file: str) -> None:
    assert vendor_of(tmp_path / file) is None


def test_the_vendor_of_a_link_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "libsofthsm2.so").write_bytes(b"")
    (tmp_path / "token.so").symlink_to(tmp_path / "libsofthsm2.so")
    vendor = vendor_of(tmp_path / "token.so")
    assert vendor is not None and vendor.kind == "software"


def test_no_file_has_two_vendors() -> None:
    patterns = [pattern for vendor in catalogue() for pattern in vendor.files]
    assert len(set(patterns)) == len(patterns)
    assert all(pattern == pattern.lower() for pattern in patterns)


def test_modules_are_found_by_name_whatever_the_case(tmp_path: Path) -> None:
    for name in ("VIETTEL-CA_V6.dll", "viettel-ca_s.dll", "eps2003csp11v2.dll", "vnptca_p11_v8.dll", "kernel32.dll"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "eTPKCS11.dll").mkdir()
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "viettel-ca_v6.dll").symlink_to(tmp_path / "VIETTEL-CA_V6.dll")
    found = find_modules((tmp_path, tmp_path / "link", tmp_path / "missing"))
    assert [one.path.name for one in found] == ["vnptca_p11_v8.dll", "VIETTEL-CA_V6.dll", "eps2003csp11v2.dll"]
    assert [one.vendor.name for one in found] == ["VNPT-CA", "Viettel-CA", "Feitian ePass2003"]


def test_on_windows_the_system_folder_of_our_own_bitness_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("System32", "SysWOW64"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "vnptca_p11_v8.dll").write_bytes(b"")
    programs = tmp_path / "Program Files" / "OpenSC Project" / "OpenSC" / "pkcs11"
    programs.mkdir(parents=True)
    (programs / "opensc-pkcs11.dll").write_bytes(b"")
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path / "Program Files"))
    monkeypatch.setattr("kernel.tokens.modules.sys.platform", "win32")
    assert [str(one.path.relative_to(tmp_path)) for one in find_modules()] == [
        "System32/vnptca_p11_v8.dll",
        "Program Files/OpenSC Project/OpenSC/pkcs11/opensc-pkcs11.dll",
    ]


def test_the_machine_a_file_is_for(tmp_path: Path) -> None:
    elf = b"\x7fELF\x02\x01".ljust(18, b"\0")
    pe = b"MZ".ljust(60, b"\0") + (64).to_bytes(4, "little") + b"PE\0\0"
    for content, machine in (
        (elf + b"\x3e\0", "Linux x86-64"),
        (elf + b"\xb7\0", "Linux ARM64"),
        (b"\x7fELF\x01\x02".ljust(18, b"\0") + b"\0\x03", "Linux x86 (32 bit)"),
        (elf + b"\xff\0", "Linux 0xff"),
        (pe + b"\x64\x86", "Windows x86-64"),
        (pe + b"\x4c\x01", "Windows x86 (32 bit)"),
        (b"MZ", None),
        ("Ghi chú".encode(), None),
        (b"", None),
    ):
        (tmp_path / "file").write_bytes(content)
        assert machine_of(tmp_path / "file") == machine
    assert machine_of(tmp_path / "missing") is None
