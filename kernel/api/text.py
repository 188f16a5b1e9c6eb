"""A text in the two languages of the console, and folding for search without accents."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

Language = Literal["vi", "en"]

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Vietnamese and in English."""

    vi: str
    en: str

    def __call__(self, language: Language) -> str:
        """Return the words in `language`."""
        return self.vi if language == "vi" else self.en


def nfc(text: str) -> str:
    """Return `text` in Unicode normalisation form C, the only form that is stored, hashed or signed."""
    return unicodedata.normalize("NFC", text)


def visible(line: str) -> str:
    """Return `line` with every letter that prints nothing, moves the cursor or turns the reading order as �."""
    return "".join("�" if unicodedata.category(letter) in _UNSEEN else letter for letter in line)


def fold(text: str) -> str:
    """Return letters without marks, đ as d, lower case: for matching and sorting only, never shown."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
