"""Vietnamese names and other free text: tidy, compare, sort, and notice text in an old encoding."""

from __future__ import annotations

import re
import unicodedata

from kernel.api.findings import Checked, Finding, refused, warning
from kernel.api.text import nfc

_ALPHABET = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", start=1)}
# ngang huyền hỏi ngã sắc nặng
_TONES = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

# letters that look like Đ and are not: eth (an old code page read as Latin-1) and the African D
_LOOK_ALIKE = str.maketrans("ÐðƉɖ", "ĐđĐđ")

SortKey = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

# letters of TCVN3 fonts, read as Latin-1, that no Vietnamese or European word has beside a letter
_TCVN3 = re.compile(r"(?:(?<=[^\W\d_])[¨©ª«¬\xad®µ¶·¸¹»¼½¾×÷]|[¨©ª«¬\xad®µ¶·¸¹»¼½¾](?=[^\W\d_]))|[^\W\d_][ÞþÐ]")
# VNI writes a mark as a letter of its own behind the vowel: Nguyeãn, AÙnh, Ñieän
_VNI = re.compile(r"[ae][àáâãäåèéêëùúûüøõïö]|[ouyôö][øûïäå]|ñ[aeiouyö]", re.IGNORECASE)


def tidy(text: str) -> str:
    """Return text in NFC with single spaces and without invisible format characters."""
    visible = "".join(letter for letter in nfc(text) if unicodedata.category(letter) != "Cf")
    return " ".join(visible.split())


def read_text(typed: str) -> Checked[str]:
    """Read free text. Control characters are refused; text in an old encoding gets a warning.

    Letters that only look like Đ become Đ, with a warning: search and comparison would miss them.
    """
    text = tidy(typed)
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in text):
        return refused("text_control")
    found = _legacy(typed)
    if found or text == (repaired := text.translate(_LOOK_ALIKE)):
        return Checked(text, found)
    return Checked(repaired, (warning("text_look_alike"),))


def read_name(typed: str) -> Checked[str]:
    """Read the name of a person or organisation: at least one letter; a lone word gets a warning."""
    read = read_text(typed)
    if read.value is None:
        return read
    if not any(letter.isalpha() for letter in read.value):
        return refused("name_without_letters")
    found: tuple[Finding, ...] = read.findings
    if any(letter.isdigit() for letter in read.value):
        found += (warning("name_digits"),)
    if " " not in read.value:
        found += (warning("name_one_word"),)
    return Checked(read.value, found)


def legacy_encoding(text: str) -> str:
    """Return `TCVN3` or `VNI` for text that looks pasted from such a font, else an empty string."""
    composed = nfc(text)
    if "\ufffd" in composed or _TCVN3.search(composed):
        return "TCVN3"
    return "VNI" if _VNI.search(composed) else ""


def same_name(one: str, other: str) -> bool:
    """Compare two names after NFC, case folding and single spaces; marks count."""
    return nfc(tidy(one).casefold()) == nfc(tidy(other).casefold())


def sort_key(name: str) -> SortKey:
    """Return a key for lists of people: given name first, then family name, then the names between.

    Words compare by the letters of the Vietnamese alphabet, then by tone: ngang huyền hỏi ngã sắc nặng.
    """
    words = tidy(name).casefold().split()
    ordered = words[-1:] + words[:1] + words[1:-1] if len(words) > 1 else words
    return tuple(_word_key(word) for word in ordered)


def _word_key(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    letters, tones = [], []
    for letter in nfc(word):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts[1:] if mark in _TONES), "")
        base = nfc(parts.replace(tone, "")) if tone else letter
        letters.append(_ALPHABET.get(base, 100 + ord(base[0])))
        tones.append(_TONES[tone])
    return tuple(letters), tuple(tones)


def _legacy(text: str) -> tuple[Finding, ...]:
    encoding = legacy_encoding(text)
    return (warning("text_legacy_encoding", encoding=encoding),) if encoding else ()
