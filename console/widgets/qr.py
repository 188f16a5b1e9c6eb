"""A QR code of half blocks: two rows of it in one row of the screen, black on white whatever the theme."""

from __future__ import annotations

import segno
from textual.content import Content
from textual.style import Style

BORDER = 2
_BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def qr_content(text: str) -> Content:
    """Return a QR code of `text` (ISO/IEC 18004, error correction L) for a Static."""
    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ["".join(_BLOCKS[upper, lower] for upper, lower in zip(*pair, strict=True)) for pair in pairs]
    style = Style.parse("#000000 on #ffffff")
    return Content("\n").join(Content.styled(line, style) for line in lines)
