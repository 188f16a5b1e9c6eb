"""What keyboards, input methods and scanners write to a terminal."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

PHRASE = "Nguyễn Thị Lấp Lánh Ánh, Điện Biên"
CARD = "001190000001|012345678|Nguyễn Thị Lấp Lánh Ánh|02091990|Nữ|Số 5 ngõ Đỗ Hành, Hà Nội|15042021"
F2, F3, F7, F8, F10, F12, ESC = b"\x1bOQ", b"\x1bOR", b"\x1b[18~", b"\x1b[19~", b"\x1b[21~", b"\x1b[24~", b"\x1b"
READ, EMPTY = b"\x0f", b"\x07"
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def _plain(word: str, *, keep: str) -> str:
    """Return `word` without tones, or without any mark (`keep` is `shape` or `nothing`)."""
    letters = unicodedata.normalize("NFD", word)
    if keep == "shape":
        letters = "".join(letter for letter in letters if letter not in _TONES)
    else:
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
        letters = letters.replace("đ", "d").replace("Đ", "D")
    return unicodedata.normalize("NFC", letters)


def _telex(word: str) -> list[str]:
    """Return what stands in the field after each key: shapes at once (`ee` is ê), the tone at the end of the word."""
    states = [""]
    for letter in _plain(word, keep="shape"):
        bare = _plain(letter, keep="nothing")
        states.append(states[-1] + bare)
        if bare != letter:
            states.append(states[-1][:-1] + letter)
    return [*states, word]


def _vni(word: str) -> list[str]:
    """Return what stands in the field after each key: bare letters first, then one mark after another."""
    bare = _plain(word, keep="nothing")
    return [bare[:count] for count in range(len(bare) + 1)] + [_plain(word, keep="shape"), word]


def input_method(method: str, backspace: bytes, phrase: str = PHRASE) -> list[bytes]:
    """Return the writes of an input method: Backspaces and their replacement fused into one."""
    writes: list[bytes] = []
    for part in re.findall(r"\w+|\W", phrase):
        states = (_telex if method == "telex" else _vni)(part)
        for old, new in pairwise(states):
            common = next(
                (at for at, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), min(len(old), len(new))
            )
            if old != new:
                writes.append(backspace * (len(old) - common) + new[common:].encode())
    return writes


def pasted(text: str) -> bytes:
    """Return a bracketed paste."""
    return b"\x1b[200~" + text.encode() + b"\x1b[201~"
