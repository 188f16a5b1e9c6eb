"""Open one PKCS#11 module in this process, through p11-kit's proxy where it is there.

The proxy makes a module that locks badly safe, at no cost. It reads only the private configuration written here, so
it opens this one module: `p11_kit_override_system_files` (p11-kit.h) works for root too, where p11-kit ignores
`XDG_CONFIG_HOME`.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pkcs11
from pkcs11 import _pkcs11

from kernel.tokens.binary import machine_of
from kernel.tokens.errors import (
    ModuleForeign,
    ModuleIncomplete,
    ModuleNotFound,
    ModuleOfAnotherMachine,
    ModuleUnusable,
)

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812  # python-pkcs11 names the class in lower case

PROXIES = (
    Path("/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so"),
    Path("/usr/lib/aarch64-linux-gnu/p11-kit-proxy.so"),
    Path("/usr/lib64/p11-kit-proxy.so"),
    Path("/usr/lib/p11-kit-proxy.so"),
)

_ERROR_MOD_NOT_FOUND = 126
"""Windows: the file is there, so it is a library it needs that is not."""


def open_library(module: Path, state_dir: Path) -> Library:
    """Load and initialise `module`. Raises ModuleNotFound, ModuleUnusable and its kinds."""
    refuse_unusable(module)
    _read_any_text()
    proxy = next((path for path in PROXIES if path.is_file()), None) if sys.platform == "linux" else None
    opened = proxy if proxy is not None and _confine(proxy, module, state_dir / "p11-kit") else module
    try:
        return pkcs11.lib(str(opened))
    except (pkcs11.PKCS11Error, MemoryError, ValueError) as error:
        raise ModuleUnusable(module=module, detail=type(error).__name__) from error


def refuse_unusable(module: Path) -> None:
    """Let pass a `module` that loads here and exports C_GetFunctionList.

    Raises ModuleNotFound, ModuleOfAnotherMachine, ModuleIncomplete, ModuleForeign.
    """
    if not module.is_file():
        raise ModuleNotFound(module=module)
    found, wanted = machine_of(module), machine_of(Path(sys.executable).resolve())
    if found is not None and wanted is not None and found != wanted:
        raise ModuleOfAnotherMachine(module=module, detail=found, wanted=wanted)
    try:
        ctypes.CDLL(str(module.absolute())).C_GetFunctionList  # noqa: B018  # the look-up is the check
    except AttributeError as error:
        raise ModuleForeign(module=module, detail="C_GetFunctionList?") from error
    except OSError as error:
        if found is not None and _lacks_library(error, module):
            raise ModuleIncomplete(module=module, detail=str(error)) from error
        raise ModuleForeign(module=module, detail=str(error)) from error


def _lacks_library(error: OSError, module: Path) -> bool:
    """Tell whether the loader missed another file than `module` itself (dlopen's words, ERROR_MOD_NOT_FOUND)."""
    if getattr(error, "winerror", None) == _ERROR_MOD_NOT_FOUND:
        return True
    missed, _, why = str(error).partition(": ")
    return "cannot open shared object file" in why and missed != str(module.absolute())


def _confine(proxy: Path, module: Path, folder: Path) -> bool:
    """Tell the proxy to read only a configuration that names `module`; False where it cannot be told."""
    kit = ctypes.CDLL(str(proxy))
    override = getattr(kit, "p11_kit_override_system_files", None)
    path = str(module.absolute())
    if override is None or not path.isprintable():
        return False
    modules = folder / "modules"
    for made in (folder, modules):
        made.mkdir(exist_ok=True, mode=0o700)
    (folder / "pkcs11.conf").write_text("user-config: none\n", "utf-8")
    (modules / "module.module").write_text(f"module: {path}\ncritical: yes\n", "utf-8")
    override.argtypes = [ctypes.c_char_p] * 5
    override.restype = None
    nothing = bytes(folder / "nothing")
    # p11-kit keeps the pointers
    _kept.extend([bytes(folder / "pkcs11.conf"), nothing, nothing, bytes(modules), nothing])
    override(*_kept[-5:])
    return True


_kept: list[bytes] = []


def _read_any_text() -> None:
    """Let labels that are not UTF-8 (cut in the middle of a letter, or in a code page) be read as far as they go."""

    def read(data: Any) -> str:
        # some modules leave rubbish behind a closing NUL
        return bytes(data).partition(b"\0")[0].rstrip(b" ").decode("utf-8", "replace")

    _pkcs11._CK_UTF8CHAR_to_str = read  # type: ignore[attr-defined]  # the extension looks it up in its module
