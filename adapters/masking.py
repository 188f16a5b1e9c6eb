"""Keeps customers' data and keys out of error details and kept exchanges."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kernel.api.text import nfc

_HIDDEN = "***"
# Whole columns by CMIS's own prefixes: names, addresses, phones, papers, accounts, files, keys.
_PERSONAL = re.compile(
    r"^(TEN_|NGUOI_|DCHI_|DTHOAI|SO_NHA|DUONG_PHO|EMAIL|FAX|MST|SO_CMT|SO_GTO|SO_TKHOAN|NGAY_SINH|NOI_DUNG|NDUNG_"
    r"|FILE_VALUE|ACCESSKEY|SECRETKEY|TENUQUYEN)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(script|style).*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_JSON_VALUE = re.compile(r':\s*"[^"]*"?')
_LONG_NUMBER = re.compile(r"\d{4,}")
_MAIL = re.compile(r"\S+@\S+")


def masked(value: object, key: str = "") -> object:
    """Return a JSON value with personal columns and keys replaced by ***; shapes and codes stay readable."""
    if isinstance(value, Mapping):
        return {name: masked(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [masked(inner, key) for inner in value]
    if value not in (None, "") and _PERSONAL.match(key):
        return _HIDDEN
    return excerpt(value, 120) if key == "MESSAGE" and isinstance(value, str) else value


def excerpt(text: str, length: int = 80) -> str:
    """Return the first `length` characters of a strange answer: no markup, JSON values, long numbers, addresses."""
    plain = _TAG.sub(" ", text[:4000])
    plain = _JSON_VALUE.sub(': "…"', plain)
    plain = _MAIL.sub("…", _LONG_NUMBER.sub("…", plain))
    return words(plain, length)


def words(text: str, length: int = 300) -> str:
    """Return `text` as one printable line of at most `length` characters, NFC."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in nfc(text)).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
