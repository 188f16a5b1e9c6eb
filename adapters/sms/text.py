"""Texts of short messages: templates, letters without marks, parts. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError, select_autoescape

from adapters.masking import words
from kernel.api.errors import AdapterRefused
from kernel.api.text import nfc

Coding = Literal[0, 2]
"""Kannel's `coding`: 0 the GSM 7-bit alphabet, 2 UCS-2."""

MAX_PARTS = 4
"""Providers of brandname messages take four parts: 612 plain or 268 Unicode characters."""

# 3GPP TS 23.038, 6.2.1: the default alphabet and, through an escape, its extension table.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
_PLAIN_LENGTH = {0: 160, 2: 70}
_PART_LENGTH = {0: 153, 2: 67}
_STRAIGHT = str.maketrans({"đ": "d", "Đ": "D", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_BRANDNAME = re.compile(r"[A-Za-z0-9._ -]{1,11}")


def without_marks(text: str) -> str:
    """Return `text` in letters without marks, đ as d: what carriers take as plain and charge least for."""
    apart = unicodedata.normalize("NFD", nfc(text).translate(_STRAIGHT))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def coding(text: str) -> Coding:
    """Return how `text` has to travel."""
    return 0 if all(letter in _GSM or letter in _GSM_EXTENDED for letter in text) else 2


def parts(text: str) -> int:
    """Return how many messages a phone network makes of `text` (3GPP TS 23.040, 9.2.3.24.1).

    A character of the extension table counts two septets, one beyond the BMP two UCS-2 units; neither is split.
    """
    how = coding(text)
    widths = [_width(letter, how) for letter in text]
    if sum(widths) <= _PLAIN_LENGTH[how]:
        return 1
    count, room = 1, _PART_LENGTH[how]
    for width in widths:
        if width > room:
            count, room = count + 1, _PART_LENGTH[how]
        room -= width
    return count


def _width(letter: str, how: Coding) -> int:
    if how == 0:
        return 2 if letter in _GSM_EXTENDED else 1
    return 2 if ord(letter) > 0xFFFF else 1


def brandname_fits(name: str) -> bool:
    """Say whether carriers register such a sender: 1 to 11 letters, digits, dots, hyphens, underscores, spaces."""
    return _BRANDNAME.fullmatch(name) is not None and name == name.strip()


def render(template: str, facts: Mapping[str, str], *, marks: bool) -> str:
    """Return a template of `templates/` with its facts, one line, without marks unless `marks`.

    Raises AdapterRefused for an unknown template, a missing fact, a link, or more than MAX_PARTS parts.
    """
    try:
        filled = _templates().get_template(f"{template}.txt").render({key: words(fact) for key, fact in facts.items()})
    except TemplateError as error:
        raise _refused(template, f"{type(error).__name__}: {error.message or template}") from error
    text = " ".join(nfc(filled).split())
    text = text if marks else without_marks(text)
    if _LINK.search(text):
        raise _refused(template, "http://, www.")
    check_length(text, template)
    return text


def check_length(text: str, endpoint: str) -> None:
    """Raise AdapterRefused for an empty text and for more than MAX_PARTS parts."""
    if not text.strip():
        raise _refused(endpoint, "0/4 SMS")
    if (count := parts(text)) > MAX_PARTS:
        raise _refused(endpoint, f"{count}/{MAX_PARTS} SMS, {len(text)}")


def _refused(endpoint: str, detail: str) -> AdapterRefused:
    return AdapterRefused(system="SMS", endpoint=endpoint, detail=detail)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("adapters.sms"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
    )
