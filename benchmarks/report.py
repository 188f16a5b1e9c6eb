"""What every benchmark prints: JSON for programs with `--json`, a table for people without."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was timed. `ratio` is its time over that of `against`, timed in the same run."""

    what: str
    median_ms: float
    per_second: float
    ratio: float
    against: str


def row(what: str, milliseconds: float, *, against: str, reference: float) -> Row:
    """Return a row from a median in milliseconds and the reference's."""
    return Row(what, round(milliseconds, 2), round(1000 / milliseconds, 2), round(milliseconds / reference, 3), against)


def tell(name: str, rows: list[Row], *, memory: Mapping[str, float] = MappingProxyType({})) -> None:
    """Print the rows of a benchmark. `memory` is the megabytes something took, by what it was."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    if "--json" in sys.argv:
        shown: dict[str, Any] = {"name": name, "machine": machine, "rows": [asdict(one) for one in rows]}
        if memory:
            shown["memory"] = [{"what": what, "megabytes": round(taken, 1)} for what, taken in memory.items()]
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    print(f"{name} · {machine}")
    for one in rows:
        print(f"{one.median_ms:10.2f} ms  {one.per_second:10.2f}/s  x{one.ratio:<7} {one.what}")
    for what, taken in memory.items():
        print(f"{taken:+10.1f} MB  {what}")
