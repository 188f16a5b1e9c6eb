"""Files as large as scans are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1_000_000


def write_scan(path: Path, pdf: bytes, size: int) -> None:
    """Write `pdf`, a document of one revision, with one stream of `size` bytes more, as a scanned page has."""
    begins, ends = pdf.rindex(b"\nxref\n") + 1, pdf.rindex(b"trailer")
    head, table, trailer = pdf[:begins], pdf[begins:ends], pdf[ends:]
    count = int(re.search(rb"/Size (\d+)", trailer).group(1))  # type: ignore[union-attr]  # every trailer has a size
    with path.open("wb") as file:
        file.write(head)
        place = file.tell()
        file.write(b"%d 0 obj\n<</Length %d>>\nstream\n" % (count, size))
        for _ in range(size // _BLOCK):
            file.write(bytes(_BLOCK))
        file.write(b"\nendstream\nendobj\n")
        start = file.tell()
        file.write(table + b"%d 1\n%010d 00000 n \n" % (count, place))
        changed = trailer.replace(b"/Size %d" % count, b"/Size %d" % (count + 1))
        file.write(re.sub(rb"startxref\n\d+", b"startxref\n%d" % start, changed))
