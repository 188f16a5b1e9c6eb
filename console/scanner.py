"""What a counter scanner types: the QR text of an identity card, or a customer code.

A scanner is a keyboard that types very fast and ends with Enter or Tab. Only text that is on its way to become one
of the two is held back, each key for at most `patience`; all else goes on to the focused field untouched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kernel.api.text import nfc

_CARD_START = re.compile(r"\d{0,12}|\d{12}\|.*", re.DOTALL)
_SURE = re.compile(r"\d{12}\|.*|P[ABCDEHKMNPQ][0-9A-Z]{4}[0-9]+", re.DOTALL | re.IGNORECASE)
_CARD = re.compile(r"\d{12}(\|[^|]*){6,}")
_CARD_TAIL = re.compile(r"\d{12}\|[^|]*\|[^|]*\|\d{8}\|[^|]*\|[^|]*\|\d{8}(\|[^|]*)*$")
_CUSTOMER = re.compile(r"P[ABCDEHKMNPQ][0-9A-Z]{4}[0-9]{7}", re.IGNORECASE)
_CUSTOMER_START = re.compile(r"P(?:[ABCDEHKMNPQ](?:[0-9A-Z]{0,4}|[0-9A-Z]{4}[0-9]{0,7}))?", re.IGNORECASE)

TYPED_GAP = 0.06
"""Seconds: no person types character after character closer than this for a whole code; a busy PC may be late."""
SURE_GAP = 0.4
"""Seconds: after twelve digits and a bar it is a card, after unit and digit a customer; a slow line may pause."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A recognised scan: the text is upper-cased for a customer code, NFC for a card."""

    kind: Literal["card", "customer"]
    text: str


def may_begin(character: str) -> bool:
    """Return whether a scan may start with `character`."""
    return character.isascii() and (character.isdigit() or character in "pP")


def may_become(text: str) -> bool:
    """Return whether more keys may turn `text` into a scan."""
    return bool(_CARD_START.fullmatch(text) or _CUSTOMER_START.fullmatch(text))


def is_sure(text: str) -> bool:
    """Return whether `text` can be nothing but the start of a scan."""
    return bool(_SURE.fullmatch(text))


def patience(text: str) -> float:
    """Return for how many seconds the next key of the scan that began with `text` may keep one waiting."""
    return SURE_GAP if is_sure(text) else TYPED_GAP


def recognise(text: str) -> Scan | None:
    """Return the scan that `text` is, None when it is something else."""
    text = nfc(text).strip()
    if _CARD.fullmatch(text):
        return Scan("card", text)
    if _CUSTOMER.fullmatch(text):
        return Scan("customer", text.upper())
    return None


def card_at_end(text: str) -> tuple[str, Scan] | None:
    """Split what was typed before from a card at the end: the scan came too slowly to be held back."""
    found = _CARD_TAIL.search(nfc(text).strip())
    return None if found is None else (found.string[: found.start()], Scan("card", found.group()))
