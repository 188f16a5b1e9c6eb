"""What a visible stamp costs a signature: drawn for each of them, and drawn once with only its time set anew.

Both on the same stamp with a handwritten signature, in turn, N times each.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from benchmarks.report import Row, row, tell
from kernel.documents.stamp import MILLIMETRE, Picture, Stamp, draw_stamp
from kernel.signing import appearance

N = 200
BEGAN = datetime(2026, 11, 24, 7, 5, 31, tzinfo=UTC)
AGAINST = "drawn once, time set anew"


def hand() -> Picture:
    """A scribble of a person's size."""
    image = Image.new("RGBA", (472, 236), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.line([(x, 118 + (x * 37 % 97) - 48) for x in range(10, 460, 9)], fill=(18, 60, 140, 255), width=5)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), 40 * MILLIMETRE, 20 * MILLIMETRE)


def measure(count: int = N) -> list[Row]:
    """Return the rows of this benchmark."""
    stamp = Stamp(
        "person", 68 * MILLIMETRE, 30 * MILLIMETRE, "Nguyễn Thị Lấp Lánh Ánh", title="Phó Giám đốc",
        organisation="Điện lực Hoàn Kiếm", picture=hand(), clear=68 * MILLIMETRE / 3, covered=True,
    )  # fmt: skip
    taken: dict[str, list[float]] = {"drawn": [], "reused": []}

    def place(number: int) -> float:
        began = time.perf_counter()
        # the document goes to the signer as bytes of its own, as here
        appearance.stamp_objects(
            bytes(bytearray(draw_stamp(stamp))),
            (stamp.width, stamp.height),
            40 + number,
            BEGAN + timedelta(seconds=number),
        )
        return (time.perf_counter() - began) * 1000

    place(0)  # Typst and its fonts are loaded from here on
    for number in range(count):
        draw_stamp.cache_clear()
        appearance._kept.cache_clear()
        taken["drawn"].append(place(number))
        taken["reused"].append(place(number))
    drawn, reused = (statistics.median(taken[what]) for what in ("drawn", "reused"))
    return [
        row("drawn for each signature", drawn, against=AGAINST, reference=reused),
        row(AGAINST, reused, against=AGAINST, reference=reused),
    ]


if __name__ == "__main__":
    tell("stamp", measure())
