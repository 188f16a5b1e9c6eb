"""Computed fields: exact decimal arithmetic, halves away from zero, and nothing that is not arithmetic."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.api.fields import Rows, Value
from kernel.api.formulas import FormulaError, computed, names

DEVICES: Rows = (
    {"ten": "Máy hàn điện Ữ", "cong_suat": Decimal("2.5"), "dien_nang": Decimal("100.125")},
    {"ten": "Đèn", "cong_suat": Decimal("0.04"), "dien_nang": Decimal("0.01")},
    {"ten": "Chưa rõ"},
)
VALUES: dict[str, Value] = {
    "cong_suat": Decimal("1.5"),
    "so_luong": 3,
    "he_so": Decimal("0.7"),
    "nhan_khau": 5,
    "ti": "100/5",
    "ti_cai": "50/5",
    "hong": "một trăm/5",
    "bang_khong": "5/0",
    "co": True,
    "thiet_bi": DEVICES,
    "trong": (),
}


@pytest.mark.parametrize(
    ("formula", "places", "result"),
    [
        ("cong_suat * so_luong * he_so", 2, "3.15"),
        ("nhan_khau / 4", 2, "1.25"),
        ("0.1 + 0.2", 2, "0.30"),
        ("0.125 * 1", 2, "0.13"),
        ("-0.125 * 1", 2, "-0.13"),
        ("(so_luong - 5) * 2", 0, "-4"),
        ("ratio(ti) / ratio(ti_cai)", 2, "2.00"),
        ("sum(thiet_bi.dien_nang)", 2, "100.14"),
        ("max(thiet_bi.cong_suat)", 2, "2.50"),
        ("count(thiet_bi.ten)", 0, "3"),
        ("sum(trong.dien_nang)", 2, "0.00"),
        ("ratio(khong_co, 1) * 3", 0, "3"),
        ("max(trong.x, 1)", 0, "1"),
        ("max(khong_co.x, 1.5)", 1, "1.5"),
        ("max(thiet_bi.cong_suat, 1)", 2, "2.50"),
    ],
)
def test_results_are_exact(formula: str, places: int, result: str) -> None:
    assert str(computed(formula, VALUES, places)) == result


@pytest.mark.parametrize(
    "formula",
    ["khong_co * 2", "ratio(hong, 1)", "co * 2", "thiet_bi * 2", "ratio(hong)", "ratio(cong_suat)", "ratio(bang_khong)",
     "so_luong / 0", "0 / 0", "max(trong.x)", "sum(khong_co.x)", "sum(cong_suat.x)"],
)  # fmt: skip
def test_what_has_no_result_yet(formula: str) -> None:
    assert computed(formula, VALUES, 2) is None


@pytest.mark.parametrize(
    "formula",
    ["", "cong_suat **", "cong_suat ** 99999", "__import__('os')", "a.b", "sum(a)", "sum(a.b.c)", "ratio(a.b)",
     "ratio(a, b)", "max(a.b, 'x')", "ratio(a, 1, 2)",
     "open(ten.x)", "True", "'chữ'", "a if b else c", "[a]", "a < b", "a; b", "1 + " * 100 + "1", "lambda: 1",
     "sum(a.b, c.d)", "a // b", "not a"],
)  # fmt: skip
def test_anything_but_arithmetic_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        computed(formula, VALUES, 2)
    with pytest.raises(FormulaError):
        names(formula)


def test_what_a_formula_looks_at() -> None:
    assert names("cong_suat * he_so + sum(thiet_bi.dien_nang) / ratio(ti)") == {
        "cong_suat", "he_so", "thiet_bi.dien_nang", "ti",
    }  # fmt: skip
