"""Dated wording: TOML files whose `[[row]]` tables carry `valid_from` and `decision`; the newest in force counts.

A file stands in the document's package, or is one that all documents share: `quaydien:NAME`, in `tables/`.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.documents.errors import WordingBroken, WordingMissing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TABLES = Path(str(files("kernel.documents") / "tables"))
_SHARED = "quaydien:"


def located(name: str, folder: Path) -> Path:
    """Return the data file a document of the package in `folder` calls `name`."""
    return TABLES / name.removeprefix(_SHARED) if name.startswith(_SHARED) else folder / name


def in_force(file: Path, day: date) -> Mapping[str, Any]:
    """Return the row of `file` in force on `day`: the one with the latest `valid_from` not after it.

    Its `valid_from` comes printed as dd/MM/yyyy. Raises WordingMissing and WordingBroken.
    """
    rows = [row for row in _rows(file, file.stat().st_mtime_ns if file.is_file() else 0) if row["valid_from"] <= day]
    if not rows:
        raise WordingMissing(file=file.name, day=f"{day:%d/%m/%Y}", document=file.parent.name)
    row = max(rows, key=lambda row: row["valid_from"])
    return {**row, "valid_from": f"{row['valid_from']:%d/%m/%Y}"}


@cache
def _rows(file: Path, _changed: int) -> Sequence[Mapping[str, Any]]:
    try:
        rows = tomllib.loads(file.read_text("utf-8")).get("row", [])
    except (OSError, ValueError) as problem:
        raise WordingBroken(file=file.name, detail=str(problem), document=file.parent.name) from problem
    if not isinstance(rows, list) or not all(_dated(row) for row in rows):
        detail = "every [[row]] needs valid_from (a date) and decision (a text)"
        raise WordingBroken(file=file.name, detail=detail, document=file.parent.name)
    return tuple(rows)


def _dated(row: object) -> bool:
    return isinstance(row, dict) and type(row.get("valid_from")) is date and isinstance(row.get("decision"), str)
