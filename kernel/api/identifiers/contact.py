"""E-mail addresses and bank accounts."""

from __future__ import annotations

import re

from kernel.api.findings import Checked, refused
from kernel.api.text import nfc

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]")
_ACCOUNT = re.compile(r"[0-9A-Z]{6,19}")

BANKS = {
    "970403": "Sacombank",
    "970405": "Agribank",
    "970407": "Techcombank",
    "970415": "VietinBank",
    "970416": "ACB",
    "970418": "BIDV",
    "970422": "MB",
    "970423": "TPBank",
    "970432": "VPBank",
    "970436": "Vietcombank",
}
"""Bank by BIN (NAPAS)."""


def read_email(typed: str) -> Checked[str]:
    """Read one address (RFC 5321: local part of ASCII, 254 characters at most); the domain becomes lower case."""
    text = nfc(typed).strip()
    if re.search(r"[\s,;]", text):
        return refused("email_several")
    local, at, domain = text.rpartition("@")
    if not text.isascii():
        return refused("email_accents")
    fits = len(text) <= 254 and len(local) <= 64
    if not (at and fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        return refused("email_unreadable", typed=text[:60])
    return Checked(f"{local}@{domain.lower()}")


def mask_email(address: str) -> str:
    """Return `an***@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:2]}***@{domain}"


def read_bank_account(typed: str) -> Checked[str]:
    """Read an account number: 6-19 letters and digits, spaces, dots and hyphens dropped."""
    account = re.sub(r"[\s.\-]", "", typed).upper()
    return Checked(account) if _ACCOUNT.fullmatch(account) else refused("bank_account_unreadable", typed=account[:24])


def bank_of(bin_code: str) -> str:
    """Return the bank of a six-digit BIN, empty where it is not known."""
    return BANKS.get(bin_code.strip(), "")
