"""Letters that print nothing or turn the reading order: what is agreed to must be what is seen."""

from __future__ import annotations

import unicodedata

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories of control, format, surrogate, private and unassigned code points."""


def unprintable(line: str) -> str:
    """Return the letters of `line` that must not be drawn, in order."""
    return "".join(letter for letter in line if unicodedata.category(letter) in UNPRINTABLE)


def named(letters: str) -> str:
    """Return the letters with their code points, each once: `ក (U+1780), U+202E`."""
    return ", ".join(
        f"U+{ord(letter):04X}" if unprintable(letter) else f"{letter} (U+{ord(letter):04X})"
        for letter in dict.fromkeys(letters)
    )
