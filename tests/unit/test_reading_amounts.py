from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.api.amounts import DIGITS, money_in_words, read_money, read_number, show_money, show_number


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0", "0"), ("12", "12"), ("12,5", "12.5"), ("0,05", "0.05"), ("1.250", "1250"), ("1.250.000", "1250000"),
        ("1.250.000,75", "1250000.75"), ("1 250 000", "1250000"), ("1\u00a0250", "1250"), ("-3,5", "-3.5"),
        ("1250000", "1250000"), (" 7 ", "7"), ("\u22123", "-3"),
    ],
)  # fmt: skip
def test_numbers(typed: str, value: str) -> None:
    assert read_number(typed).value == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12.5", "number_dot_decimal"), ("3.14159", "number_dot_decimal"), ("0.125", "number_dot_decimal"),
        ("1250.000", "number_dot_decimal"), ("1,250,000", "number_english_grouping"),
        ("1,250.50", "number_english_grouping"), ("1.25.000", "number_unreadable"), ("1 2", "number_unreadable"),
        ("1.250 000", "number_unreadable"), ("12,", "number_unreadable"), (",5", "number_unreadable"),
        ("1e9", "number_unreadable"), ("NaN", "number_unreadable"), ("١٢", "number_unreadable"),
        ("", "number_unreadable"),
    ],
)  # fmt: skip
def test_ambiguous_numbers_are_refused(typed: str, code: str) -> None:
    read = read_number(typed)
    assert read.value is None
    assert [one.code for one in read.findings] == [code]


def test_advice_names_the_comma() -> None:
    assert read_number("12.5").findings[0].facts["advice"] == "12,5"


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4))
def test_a_shown_number_reads_back(value: Decimal) -> None:
    assert read_number(show_number(value)).value == value


@given(st.integers(-(10**15), 10**15))
def test_shown_money_reads_back(amount: int) -> None:
    assert read_money(show_money(amount)).value == amount


def test_showing() -> None:
    assert show_number(Decimal("1250000.50")) == "1.250.000,5"
    assert show_number(Decimal("100")) == "100"
    assert show_number(Decimal("-0.00")) == "0"
    assert show_number(Decimal("1E+3")) == "1.000"
    assert show_money(1250000) == "1.250.000 đ"


@pytest.mark.parametrize("typed", ["1.250.000", "1.250.000 đ", "1250000đồng", "1.250.000 VND", "1.250.000,00"])
def test_money(typed: str) -> None:
    assert read_money(typed).value == 1250000


def test_money_is_whole() -> None:
    assert read_money("1.250,5").findings[0].code == "money_not_whole"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (1, "Một đồng"),
        (10, "Mười đồng"),
        (11, "Mười một đồng"),
        (14, "Mười bốn đồng"),
        (15, "Mười lăm đồng"),
        (20, "Hai mươi đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi tư đồng"),
        (55, "Năm mươi lăm đồng"),
        (100, "Một trăm đồng"),
        (105, "Một trăm linh năm đồng"),
        (110, "Một trăm mười đồng"),
        (1000, "Một nghìn đồng"),
        (1005, "Một nghìn không trăm linh năm đồng"),
        (1015, "Một nghìn không trăm mười lăm đồng"),
        (1_000_000, "Một triệu đồng"),
        (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
        (1_000_005, "Một triệu không trăm linh năm đồng"),
        (2_204_066, "Hai triệu hai trăm linh bốn nghìn không trăm sáu mươi sáu đồng"),
        (1_000_000_000, "Một tỷ đồng"),
        (1_005_000_000, "Một tỷ không trăm linh năm triệu đồng"),
        (25_000_000_000, "Hai mươi lăm tỷ đồng"),
        (1_000_000_000_000, "Một nghìn tỷ đồng"),
        (10**18, "Một tỷ tỷ đồng"),
        (-15_000, "Âm mười lăm nghìn đồng"),
    ],
)
def test_money_in_words(amount: int, words: str) -> None:
    assert money_in_words(amount) == words


def test_the_south_says_le() -> None:
    assert money_in_words(1005, "lẻ") == "Một nghìn không trăm lẻ năm đồng"


VALUES = {word: digit for digit, word in enumerate(DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5}
SCALES = {"trăm": 100, "nghìn": 1000, "triệu": 10**6}


def spoken(words: str) -> int:
    """Work out the number that was said, independently of how it was built."""
    total = below_billion = group = last = 0
    for word in words.casefold().removesuffix(" đồng").split():
        if word in VALUES:
            group, last = group + VALUES[word], VALUES[word]
        elif word == "mười":
            group, last = group + 10, 10
        elif word == "mươi":
            group, last = group + last * 9, 0
        elif word == "trăm":
            group, last = group + last * 99, 0
        elif word in {"nghìn", "triệu"}:
            below_billion, group = below_billion + group * SCALES[word], 0
        elif word == "tỷ":
            total, below_billion, group = (total + below_billion + group) * 10**9, 0, 0
    return total + below_billion + group


@given(st.integers(0, 10**17))
def test_words_say_the_number(amount: int) -> None:
    assert spoken(money_in_words(amount)) == amount
