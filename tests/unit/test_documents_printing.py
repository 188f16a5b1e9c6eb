"""How values, dates and bad letters stand on paper."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

import pytest

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.documents.letters import named, unprintable
from kernel.documents.printing import code, date_in_words, printed


def field(kind: Kind, unit: str = "", choices: tuple[Choice, ...] = ()) -> Field:
    return Field("x", Text("X", "X"), kind, Text("", ""), unit=unit, choices=choices)


@pytest.mark.parametrize(
    ("kind", "unit", "value", "paper"),
    [
        (Kind.DECIMAL, "kW", Decimal("5.50"), "5,5 kW"),
        (Kind.DECIMAL, "%", Decimal(8), "8%"),
        (Kind.DECIMAL, "%/tháng", Decimal("0.8"), "0,8%/tháng"),
        (Kind.MONEY, "đ", 1250000, "1.250.000 đ"),
        (Kind.INTEGER, "", 2025, "2025"),
        (Kind.DATE, "", date(2026, 2, 5), "05/02/2026"),
        (Kind.YES_NO, "", True, "Có"),
        (Kind.YES_NO, "", False, "Không"),
        (Kind.METER_NUMBER, "", "0018123456", "0018123456"),
        (Kind.TEXT, "", "hai\n dòng\tmột", "hai dòng một"),
    ],
)
def test_a_value_prints_as_vietnamese_documents_write_it(
    kind: Kind, unit: str, value: str | int | Decimal | date, paper: str
) -> None:
    assert printed(field(kind, unit), value) == paper


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_value_prints_nothing_not_even_the_unit(nothing: str | None) -> None:
    assert printed(field(Kind.DECIMAL, "kW"), nothing) == ""
    assert code(nothing) == ""


def test_zero_and_no_are_values() -> None:
    assert printed(field(Kind.DECIMAL, "kWh"), Decimal(0)) == "0 kWh"
    assert code(False) == "false"


def test_a_choice_prints_its_label_and_keeps_its_code_for_the_template() -> None:
    choice = field(Kind.CHOICE, choices=(Choice("nu", Text("Nữ", "Female")),))
    assert printed(choice, "nu") == "Nữ"
    assert printed(choice, "mất nhãn") == "mất nhãn"
    assert code("nu") == "nu"
    assert code(date(2026, 12, 1)) == "2026-12-01"


def test_decomposed_text_prints_composed() -> None:
    assert printed(field(Kind.NAME), unicodedata.normalize("NFD", "Lữ Thị Ệ")) == "Lữ Thị Ệ"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 11, 24), "ngày 24 tháng 11 năm 2026"),
    ],
)
def test_small_days_and_the_first_two_months_have_two_digits(day: date, words: str) -> None:
    assert date_in_words(day) == words


def test_letters_nobody_sees_are_found_and_named() -> None:
    assert unprintable("Nguyễn Thị Ánh – Hà Nội, “Đỗ” ± ∅36 …") == ""
    assert unprintable("A\u202eB\u200bC\x00") == "\u202e\u200b\x00"
    assert named("ក\u202eក") == "ក (U+1780), U+202E"
