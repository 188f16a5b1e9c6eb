"""How far a long work came, in one line: counts, a bar, the pace and the time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.written import Say

_LEAST = 5
"""Things that must be through before a pace is told: the first ones are no measure."""


def progress_line(through: int, total: int, since: int, seconds: float, width: int, words: Say) -> str:
    """Return the line in at most `width` cells; `since` things took `seconds`, 0 where nothing is being done."""
    share = through / total if total else 1.0
    head = "/".join(f"{count:,}".replace(",", words("progress.group")) for count in (through, total))
    tail = f"{int(share * 100):3d} %"
    if since >= _LEAST and seconds > 0:
        pace = since / seconds
        left = (total - through) / pace
        tail += "   " + words("progress.pace", pace=f"{pace:.1f}".replace(".", words("progress.comma")))
        if through < total:
            tail += "   " + _left(left, words)
    room = max(5, min(40, width - len(head) - len(tail) - 4))
    full = round(share * room)
    return f"{head}  {'█' * full}{'░' * (room - full)}  {tail}"


def _left(seconds: float, words: Say) -> str:
    if seconds >= 90:
        return words("progress.minutes", count=round(seconds / 60))
    return words("progress.seconds", count=max(1, round(seconds)))
