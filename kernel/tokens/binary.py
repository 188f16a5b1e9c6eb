"""What machine a program file is for, read from its header: a loader's own words for a wrong one mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ELF = {3: "x86 (32 bit)", 62: "x86-64", 40: "ARM (32 bit)", 183: "ARM64"}
"""e_machine (System V gABI, 4.2)."""

_PE = {0x014C: "x86 (32 bit)", 0x8664: "x86-64", 0x01C4: "ARM (32 bit)", 0xAA64: "ARM64"}
"""Machine (Microsoft PE format, COFF file header)."""

_HEAD = 4096


def machine_of(path: Path) -> str | None:
    """Return the system and processor of an ELF or PE file, `Linux x86-64`; None for any other file."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if head[:4] == b"\x7fELF" and len(head) >= 20:
        number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
        return f"Linux {_ELF.get(number, hex(number))}"
    if head[:2] == b"MZ" and len(head) >= 64:
        place = int.from_bytes(head[60:64], "little")
        if head[place : place + 4] == b"PE\0\0":
            number = int.from_bytes(head[place + 4 : place + 6], "little")
            return f"Windows {_PE.get(number, hex(number))}"
    return None
