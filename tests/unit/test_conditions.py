"""Conditions of declarations: what they hold for, and what they look at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kernel.api.conditions import VARIANT, AtLeast, Condition, Either, Every, Given, Unless, When, both, variant
from kernel.api.fields import Value

ANSWERS: dict[str, Value] = {
    VARIANT: "ngan_han",
    "cong_suat": Decimal("40.0"),
    "so_ho": 2,
    "them_luoi": True,
    "ten": "Đặng Ngọc Ữ",
    "ghi_chu": "",
    "ngay": date(2026, 11, 25),
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (When("them_luoi", ("True",)), True),
        (When("ten", ("Đặng Ngọc U",)), False),
        (When("khong_co", ("x",)), False),
        (variant("ngan_han", "tu_40_kw"), True),
        (variant("duoi_40_kw"), False),
        (Given("ten"), True),
        (Given("ghi_chu"), False),
        (Given("khong_co"), False),
        (AtLeast("cong_suat", Decimal(40)), True),
        (AtLeast("cong_suat", Decimal("40.01")), False),
        (AtLeast("so_ho", Decimal(2)), True),
        (AtLeast("them_luoi", Decimal(1)), False),
        (AtLeast("ten", Decimal(0)), False),
        (AtLeast("khong_co", Decimal(0)), False),
        (Every((Given("ten"), variant("ngan_han"))), True),
        (Every((Given("ten"), variant("sinh_hoat"))), False),
        (Either((variant("sinh_hoat"), AtLeast("so_ho", Decimal(2)))), True),
        (Either((variant("sinh_hoat"), Given("ghi_chu"))), False),
        (Unless(Given("ghi_chu")), True),
    ],
)
def test_what_a_condition_holds_for(condition: Condition, holds: bool) -> None:
    assert condition.holds(ANSWERS) is holds


def test_a_condition_names_all_it_looks_at() -> None:
    deep = Every((Either((variant("a"), Given("x"))), Unless(AtLeast("y", Decimal(1)))))
    assert deep.asks() == {VARIANT, "x", "y"}


def test_two_conditions_or_one_or_none() -> None:
    one, other = Given("ten"), Given("ghi_chu")
    assert both(None, None) is None
    assert both(one, None) is both(None, one) is one
    joint = both(one, other)
    assert joint is not None
    assert not joint.holds(ANSWERS)
