"""A verification of signatures as a PDF to print and to file (TT 15/2025/TT-BKHCN, Điều 6)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kernel import clock
from kernel.api.messages import message
from kernel.api.text import nfc, visible
from kernel.documents.errors import MissingGlyph, TemplateBroken
from kernel.documents.letters import named
from kernel.documents.printing import date_in_words
from kernel.documents.typesetting import LIBRARY, FontChoice, LettersRefused, SourceRefused, families, press

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kernel.api.text import Language
    from kernel.signing.telling import Told

__all__ = ["Verified", "draw_verification"]

_UNPRINTED = "□"
_LATIN = re.compile(r"[\x20-\x7e\u00a0-\u024f\u1e00-\u1eff\u2013\u2014\u2018-\u201d\u2022\u2026\u00b7□]")
_TEMPLATE = LIBRARY / "verification.typ"


@dataclass(frozen=True, slots=True)
class Verified:
    """A file and what was found of it."""

    told: Told
    pdf: bytes


def draw_verification(
    verified: Sequence[Verified],
    at: datetime,
    language: Language,
    *,
    unit: str = "",
    roots: int = 0,
    fonts: FontChoice = "machine",
) -> bytes:
    """Return the report on some files as PDF/A-3b; the same arguments give the same bytes.

    `at` is the moment of the verification, `unit` who verified, `roots` how many roots were trusted. Letters that no
    font has are drawn as □: names in foreign certificates must not stop a report. Raises TemplateBroken, MissingGlyph.
    """
    data = _data(verified, at, language, unit, roots, families(fonts))
    document = _say("title", language)
    try:
        try:
            pdf, _ = press(_TEMPLATE, fonts).run(data)
        except LettersRefused:
            pdf, _ = press(_TEMPLATE, fonts).run(_latin(data))
    except LettersRefused as refusal:
        raise MissingGlyph(document=document, field=document, letters=named(refusal.letters)) from refusal
    except SourceRefused as refusal:
        raise TemplateBroken(document=document, detail=str(refusal)) from refusal
    return pdf


def _data(
    verified: Sequence[Verified], at: datetime, language: Language, unit: str, roots: int, used: Sequence[str]
) -> dict[str, Any]:
    day = clock.local(at)
    shown: dict[str, Any] = _printable(
        {
            "lang": language,
            "branch": {"don_vi": unit},
            "day": date_in_words(day.date()) if language == "vi" else f"{day:%d/%m/%Y}",
            "words": {name: _say(name, language) for name in ("title", "law", "file", "verdict")},
            "files": [_file(one, language) for one in verified],
            "notes": [
                _say("checked", language, time=clock.shown(at), unit=unit or "–", roots=str(roots)),
                _say("meaning", language),
            ],
        }
    )
    date = {"day": day.day, "month": day.month, "year": day.year}
    return {**shown, "fonts": list(used), "variant": "", "data": {}, "date": date}


def _file(one: Verified, language: Language) -> dict[str, Any]:
    rows = [
        (_say("name", language), one.told.file),
        (_say("size", language), str(len(one.pdf))),
        (_say("sha256", language), hashlib.sha256(one.pdf).hexdigest()),
    ]
    return {**asdict(one.told), "rows": rows}


def _say(name: str, language: Language, **facts: str) -> str:
    return message(f"verification.print.{name}", language, **facts)


def _printable(value: Any) -> Any:
    """Return the value with every text composed, and what prints nothing made visible."""
    if isinstance(value, str):
        return visible(nfc(value)).replace("�", _UNPRINTED)
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list | tuple) else value


def _latin(value: Any) -> Any:
    """Return the value with every letter that is neither Latin nor a sign this program prints as □."""
    if isinstance(value, str):
        return "".join(letter if _LATIN.fullmatch(letter) else _UNPRINTED for letter in value)
    if isinstance(value, dict):
        return {key: _latin(one) for key, one in value.items()}
    return [_latin(one) for one in value] if isinstance(value, list | tuple) else value
