"""Whether an error says to a clerk what happened, why, and what to do."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.api.errors import QuayDienError


def said(error: QuayDienError) -> str:
    """Return the Vietnamese words of an error, after checking that both languages are whole."""
    for language in ("vi", "en"):
        diagnosis = error.diagnosis(language)
        for part in (diagnosis.title, diagnosis.cause, diagnosis.advice):
            assert part.strip()
            assert "{" not in part
            assert "}" not in part
            assert language != "vi" or not re.search(r"\bNone\b", part)
            assert ".." not in part.replace("…", "")
            assert unicodedata.is_normalized("NFC", part)
    return str(error.diagnosis("vi"))
