"""The PKCS#11 modules that tokens and HSMs come with, by file name, and where they lie on this machine.

The catalogue is data: `modules.toml` beside this file.
"""

from __future__ import annotations

import os
import sys
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

__all__ = ["FoundModule", "Vendor", "catalogue", "find_modules", "vendor_of"]

VendorKind = Literal["ca", "maker", "hsm", "software"]


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who a module comes from. `files` are patterns of its file names, lower case."""

    name: str
    kind: VendorKind
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundModule:
    """A module that lies on this machine."""

    path: Path
    vendor: Vendor


@cache
def catalogue() -> tuple[Vendor, ...]:
    """Return the vendors: authorities and makers before what is general, software last."""
    return tuple(Vendor(one["name"], one["kind"], tuple(one["files"])) for one in _data()["vendor"])


def vendor_of(module: Path) -> Vendor | None:
    """Return whose module a file is by its name, or by the name of the file it links to."""
    for name in (module.name.lower(), module.resolve().name.lower()):
        for vendor in catalogue():
            if any(fnmatchcase(name, pattern) for pattern in vendor.files):
                return vendor
    return None


def find_modules(folders: tuple[Path, ...] | None = None) -> tuple[FoundModule, ...]:
    """Return the modules of known names in `folders` (default: where this system keeps them), each file once.

    In the order of the catalogue.
    """
    order = [(vendor, pattern) for vendor in catalogue() for pattern in vendor.files]
    ranked: dict[Path, tuple[int, FoundModule]] = {}
    for folder in _system_folders() if folders is None else folders:
        for file in _files(folder):
            name = file.name.lower()
            rank = next((place for place, (_, pattern) in enumerate(order) if fnmatchcase(name, pattern)), None)
            same = file.resolve()
            if rank is not None and (same not in ranked or rank < ranked[same][0]):
                ranked[same] = (rank, FoundModule(file, order[rank][0]))
    return tuple(found for _, found in sorted(ranked.values(), key=lambda one: one[0]))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("modules.toml").read_text("utf-8"))


def _system_folders() -> tuple[Path, ...]:
    folders = _data()["folders"]["windows" if sys.platform == "win32" else "linux"]
    system = "System32" if sys.maxsize > 1 << 32 else "SysWOW64"
    places = {
        "system": str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / system),
        "programs": os.environ.get("PROGRAMFILES", r"C:\Program Files"),
    }
    return tuple(Path(folder.format(**places)) for folder in folders)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:  # most of the folders exist on other systems only
        return []
