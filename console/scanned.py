"""What a scan fills in, by the ids of the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.findings import finding_text
from kernel.api.identifiers import read_citizen_qr

if TYPE_CHECKING:
    from console.scanner import Scan
    from kernel.api.text import Language


def read_scan(scan: Scan, language: Language) -> tuple[dict[str, str], str]:
    """Return what the clerk would type for this scan, by field id, and what is to be said about it."""
    if scan.kind == "customer":
        return {"ma_khach_hang": scan.text}, ""
    card = read_citizen_qr(scan.text)
    typed = {} if card.value is None else {field: text for field, text in card.value.typed().items() if text}
    return typed, " ".join(finding_text(finding, language) for finding in card.findings)
