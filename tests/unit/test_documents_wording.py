"""Dated wording: the row in force, and what is said when there is none."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kernel.documents.errors import WordingBroken, WordingMissing
from kernel.documents.wording import in_force

if TYPE_CHECKING:
    from pathlib import Path

TWO = """
[[row]]
valid_from = 2025-02-01
decision = "QĐ mới"
[[row]]
valid_from = 2023-10-16
decision = "QĐ cũ"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "terms.toml"
    path.write_text(TWO, "utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "decision", "since"),
    [
        (date(2025, 1, 31), "QĐ cũ", "16/10/2023"),
        (date(2025, 2, 1), "QĐ mới", "01/02/2025"),
        (date(2030, 1, 1), "QĐ mới", "01/02/2025"),
    ],
)
def test_the_newest_row_that_has_begun_counts(file: Path, day: date, decision: str, since: str) -> None:
    row = in_force(file, day)
    assert (row["decision"], row["valid_from"]) == (decision, since)


def test_before_the_first_row_nothing_is_printed_instead(file: Path) -> None:
    with pytest.raises(WordingMissing) as caught:
        in_force(file, date(2023, 10, 15))
    assert "15/10/2023" in caught.value.diagnosis("vi").cause


def test_an_edited_file_counts_at_once(file: Path) -> None:
    in_force(file, date(2026, 1, 1))
    file.write_text(TWO + '[[row]]\nvalid_from = 2026-01-01\ndecision = "QĐ mới nhất"\n', "utf-8")
    os.utime(file, ns=(1, 1))
    assert in_force(file, date(2026, 1, 1))["decision"] == "QĐ mới nhất"


@pytest.mark.parametrize(
    "text",
    [
        "[[row]\n",
        '[[row]]\ndecision = "QĐ"\n',
        '[[row]]\nvalid_from = "2025-01-01"\ndecision = "QĐ"\n',
        "[[row]]\nvalid_from = 2025-01-01\n",
        '[[row]]\nvalid_from = 2025-01-01T00:00:00\ndecision = "QĐ"\n',
        "row = 3\n",
    ],
)
def test_a_file_of_another_shape_is_refused_by_name(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(WordingBroken) as caught:
        in_force(file, date(2026, 1, 1))
    assert "terms.toml" in caught.value.diagnosis("vi").cause


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WordingBroken):
        in_force(tmp_path / "none.toml", date(2026, 1, 1))
