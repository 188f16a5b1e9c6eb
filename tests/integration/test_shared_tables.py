"""Prices, VAT and hours: dated tables the kernel ships for every document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from kernel.api.vocabulary import MUC_DICH
from kernel.documents.drawing import draw
from kernel.documents.errors import WordingBroken, WordingMissing
from kernel.documents.sample import sample
from kernel.documents.wording import TABLES, in_force, located
from plugins.documents.hop_dong_mua_ban_dien import DOCUMENT as CONTRACT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PRICE_DAYS = [date(2023, 11, 9), date(2024, 10, 11), date(2025, 5, 10)]


def table(name: str, day: date) -> Mapping[str, Any]:
    return in_force(TABLES / f"{name}.toml", day)


@pytest.mark.parametrize("day", PRICE_DAYS)
def test_a_households_price_is_its_share_of_the_average(day: date) -> None:
    prices = table("prices", day)
    average = Decimal(str(prices["average"]))
    for tier in prices["tiers"]:
        share = (average * tier["share"] / 100).quantize(Decimal(1), ROUND_HALF_UP)
        assert tier["price"] == share, tier


@pytest.mark.parametrize("day", PRICE_DAYS)
def test_tiers_begin_at_nothing_and_rise(day: date) -> None:
    tiers = table("prices", day)["tiers"]
    begins, prices = [tier["from"] for tier in tiers], [tier["price"] for tier in tiers]
    assert begins[0] == 0
    assert begins == sorted(set(begins))
    assert prices == sorted(set(prices))


def test_every_purpose_has_a_price_at_every_voltage() -> None:
    rates = table("prices", date(2026, 11, 24))["rates"]
    purposes = {choice.code for choice in MUC_DICH.choices} - {"SHBT"}
    assert {rate["purpose"] for rate in rates} == purposes
    for purpose in purposes:
        own = sorted((rate for rate in rates if rate["purpose"] == purpose), key=lambda rate: -rate["kv"])
        assert own[-1]["kv"] == 0, "low voltage is the least"
        dearer = [rate["standard"] for rate in own]
        assert dearer == sorted(set(dearer)), "the lower the voltage the dearer"
        for rate in own:
            assert ("peak" in rate) == ("off_peak" in rate)
            if "peak" in rate:
                assert rate["off_peak"] < rate["standard"] < rate["peak"]


@pytest.mark.parametrize(
    ("day", "decision", "rate"),
    [
        (date(2026, 12, 31), "204/2025/QH15", 8),
        (date(2027, 1, 1), "48/2024/QH15", 10),
        (date(2024, 3, 1), "110/2023/QH15", 8),
    ],
)
def test_vat_is_that_of_the_day(day: date, decision: str, rate: int) -> None:
    vat = table("vat", day)
    assert decision in vat["decision"]
    assert vat["rate"] == rate


def minutes(band: list[str]) -> int:
    begin, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in band)
    return (end - begin) % (24 * 60)


@pytest.mark.parametrize("day", [date(2026, 4, 21), date(2026, 4, 22)])
def test_peak_is_five_hours_and_off_peak_six(day: date) -> None:
    hours = table("hours", day)
    assert sum(map(minutes, hours["peak"])) == 5 * 60
    assert sum(map(minutes, hours["off_peak"])) == 6 * 60


TEMPLATE = """
#import "@quaydien/documents:1.0.0": *
#show: paper.with(title: "Giá")
#let said(purpose, kv) = { let one = rate(purpose, kv); if one == none [không có] else [#grouped(one.standard)] }
KD hạ áp #said("KDDV", 0.4) | KD 22 #said("KDDV", 22) | KD 35 #said("KDDV", 35) | SX 10 #said("SXBT", 10) |
SH #said("SHBT", 0.22). \\
#for tier in tiers() [#tier.first/#tier.last/#grouped(tier.price)~]
Cao điểm #hours("peak") | thấp điểm #hours("off_peak") | #data.vat.rate % | #data.prices.valid_from |
#grouped(7) #grouped(1234567)
#signatures(signatory([A], field: "ben_mua"), signatory([B], field: "ben_ban", seal: "con_dau"))
"""


def test_a_template_looks_prices_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / f"bieu_gia_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").write_text('"""Prices."""\n', "utf-8")
    (package / "template.typ").write_text(TEMPLATE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    shared = ("quaydien:prices.toml", "quaydien:vat.toml", "quaydien:hours.toml")
    case = sample(CONTRACT)
    document = replace(CONTRACT, package=package.name, data=shared)

    def text(day: date) -> str:
        pdf = pypdfium2.PdfDocument(
            draw(document, case.variant, {}, replace(case.setting, date=day, fonts="built-in")).pdf
        )
        try:
            return " ".join(pdf[0].get_textpage().get_text_bounded().split())
        finally:
            pdf.close()

    said = text(date(2026, 11, 24))
    assert "KD hạ áp 3.152 | KD 22 2.887 | KD 35 2.887 | SX 10 1.899 | SH không có." in said
    assert "0/50/1.984 51/100/2.050 101/200/2.380 201/300/2.998 301/400/3.350 401//3.460" in said
    assert "Cao điểm từ 17 giờ 30 đến 22 giờ 30 | thấp điểm từ 00 giờ 00 đến 06 giờ 00 |" in said
    assert "8 % | 10/05/2025 | 7 1.234.567" in said
    earlier = text(date(2024, 12, 1))
    assert "KD hạ áp không có" in earlier
    assert "0/50/1.893" in earlier
    assert "Cao điểm từ 09 giờ 30 đến 11 giờ 30 và từ 17 giờ 00 đến 20 giờ 00" in earlier
    with pytest.raises(WordingMissing):
        text(date(2023, 11, 8))


def test_a_table_the_kernel_does_not_ship_is_named(tmp_path: Path) -> None:
    file = located("quaydien:khong_co.toml", tmp_path)
    assert file.parent == TABLES
    with pytest.raises(WordingBroken) as caught:
        in_force(file, date(2026, 1, 1))
    assert "khong_co.toml" in caught.value.diagnosis("vi").cause


def test_a_file_without_the_prefix_is_the_packages_own(tmp_path: Path) -> None:
    assert located("prices.toml", tmp_path) == tmp_path / "prices.toml"
