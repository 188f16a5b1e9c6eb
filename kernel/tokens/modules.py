"""File names of the PKCS#11 modules that Vietnamese tokens come with, and where they lie."""

from __future__ import annotations

import os
import sys
from fnmatch import fnmatchcase
from pathlib import Path

__all__ = ["MODULE_NAMES", "find_modules"]

MODULE_NAMES: dict[str, tuple[str, ...]] = {
    "VNPT-CA": ("vnptca_p11_v[6-9].dll", "vnptca_p11_v10.dll", "vnpt-ca_csp11.dll", "vnpt-ca_v34.dll",
                "vnpt-ca_v4.dll", "vnpt-ca_cl_v1.dll"),
    "Viettel-CA": ("viettel-ca_v[1-6].dll", "viettel-ca.dll"),
    "FPT-CA": ("fpt-ca.dll", "fpt-ca-stx.dll", "fpt-ca_v[45].dll", "fptca_v[3-6].dll"),
    "BkavCA": ("bkavca.dll", "bkavcav2s.dll", "bkavcav2t.dll", "bkavcav25.dll", "bkavcaetoken.dll", "st3csp11.dll",
               "beidpkcs11d.dll"),
    "CA2": ("ca2_csp11.dll", "ca2_v34.dll", "ca2csp11_v2.dll", "ca2_ace_csp11.dll", "ncca_csp11_v1.dll",
            "nca_v[4-9].dll", "nca_eps2k2a.dll", "nca_eps2k3a.dll"),
    "NewCA": ("newtel-ca.dll", "newca_v4.dll"),
    "SmartSign": ("vina-ca.dll", "vina-cav[3-9].dll", "vina-cav10.dll"),
    "SafeCA": ("safe-ca.dll", "safe-ca_v[12].dll"),
    "EFY-CA": ("efy-ca_v1.dll",),
    "MISA-CA": ("misaca_csp11_v2.dll",),
    "FastCA": ("fca_v1.dll",),
    "I-CA": ("ica_csp11_v1.dll",),
    "CKCA": ("ckca.dll",),
    "Feitian": ("eps2003csp11v2.dll", "eps2003csp11.dll", "shuttlecsp11_3003.dll", "ngp11v211.dll",
                "libcastle*.so*", "libshuttle_p11*.so*", "libeps2003*.so*"),
    "SafeNet": ("etpkcs11.dll", "idprimepkcs1164.dll", "gclib.dll", "libetpkcs11.so*", "libidprimepkcs11.so*"),
    "Watchdata": ("wdsafe3.dll", "wdpkcs.dll", "signaturep11.dll"),
    "Oberthur": ("ostc1_csp11.dll", "ostt1_csp11.dll"),
    "Vietnamese makers": ("u1000auto.dll", "vdctdcsp11.dll", "psapkcs*.dll",
                          "lib*viettel*ca*.so*", "lib*vnpt*ca*.so*", "lib*bkav*ca*.so*", "lib*fpt*ca*.so*"),
    "Luna": ("cryptoki.dll", "libcryptoki2_64.so"),
    "nShield": ("cknfast.dll", "libcknfast.so"),
    "SoftHSM": ("softhsm2-x64.dll", "softhsm2.dll", "libsofthsm2.so"),
    "OpenSC": ("opensc-pkcs11.dll", "opensc-pkcs11.so"),
}  # fmt: skip
"""By maker: patterns of file names, lower case. The CSP shells that lie beside them (`*_s.dll`) are no modules."""

_LINUX_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib/aarch64-linux-gnu/pkcs11", "/usr/lib64/pkcs11", "/usr/lib/pkcs11",
    "/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib64/softhsm",
    "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", "/usr/local/lib/softhsm",
    "/opt/nfast/toolkits/pkcs11", "/usr/safenet/lunaclient/lib",
)  # fmt: skip


def find_modules(folders: tuple[Path, ...] | None = None) -> tuple[Path, ...]:
    """Return the modules of known names in `folders` (default: where this system keeps them), each file once.

    In the order of `MODULE_NAMES`, so that makers' modules come before the general ones.
    """
    searched = _system_folders() if folders is None else folders
    names = [pattern for patterns in MODULE_NAMES.values() for pattern in patterns]
    ranked: dict[Path, tuple[int, Path]] = {}
    for folder in searched:
        for file in _files(folder):
            rank = next((place for place, name in enumerate(names) if fnmatchcase(file.name.lower(), name)), None)
            if rank is not None:
                ranked.setdefault(file.resolve(), (rank, file))
    return tuple(file for _, file in sorted(ranked.values(), key=lambda found: found[0]))


def _system_folders() -> tuple[Path, ...]:
    if sys.platform == "win32":
        root = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
        # a module must have the bitness of this process
        system = root / ("System32" if sys.maxsize > 1 << 32 else "SysWOW64")
        programs = Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"))
        return (system, programs / "SoftHSM2" / "lib", programs / "OpenSC Project" / "OpenSC" / "pkcs11")
    return tuple(Path(folder) for folder in _LINUX_FOLDERS)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:  # most of the folders exist on other systems only
        return []
