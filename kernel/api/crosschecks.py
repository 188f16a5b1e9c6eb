"""Fields that must agree with each other, by their ids in the vocabulary."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from kernel.api import identifiers as ids
from kernel.api.amounts import show_number
from kernel.api.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kernel.api.fields import Value

_DATE_ORDER = (
    ("ngay_sinh", "ngay_cap_giay_to"),
    ("ngay_khao_sat", "ngay_treo_thao"),
    ("treo_ngay_kiem_dinh", "ngay_treo_thao"),
    ("thao_ngay_kiem_dinh", "ngay_treo_thao"),
    ("ngay_ket_thuc", "han_bao_dam"),
    ("ngay_duoc_giao", "ngay_khao_sat"),
    ("ngay_bat_dau_day", "ngay_xong_day"),
)
"""Pairs of dates: the first may not be later than the second."""

_HAPPENED = (
    "ngay_sinh",
    "ngay_cap_giay_to",
    "ngay_khao_sat",
    "ngay_treo_thao",
    "treo_ngay_kiem_dinh",
    "thao_ngay_kiem_dinh",
    "treo_ngay_lap_trinh",
    "thao_ngay_lap_trinh",
)
"""Dates of what has happened: none may be later than today."""

_RATIO = re.compile(r"\s*[1-9][0-9]*(\.[0-9]+)?\s*/\s*[1-9][0-9]*(\.[0-9]+)?\s*")
"""What `ratio` of a formula can read: 100/5."""

_NEEDED_BY_CHOICE = (
    ("kenh_thong_bao", "email", "email"),
    ("hinh_thuc_thanh_toan", "trich_no", "so_tai_khoan"),
)
"""Field, its choice, and the field that choice can't do without."""


def cross_checks(values: Mapping[str, Value], today: date | None = None) -> Iterator[Finding]:
    """Yield what contradicts among the values of a form, and today; a field that has no value contradicts nothing."""
    yield from _identity(values)
    yield from _dates(values)
    for name in _HAPPENED:
        day = values.get(name)
        if today is not None and isinstance(day, date) and day > today:
            yield Finding("date_future", "error", {"date": f"{day:%d/%m/%Y}"}, name)
    yield from _supply(values)
    yield from _business(values)
    for side in ("treo", "thao"):
        yield from _transformers(values, side)
    yield from _meters(values)
    point, customer = values.get("ma_diem_do"), values.get("ma_khach_hang")
    if isinstance(point, str) and isinstance(customer, str):
        yield from ids.point_link(point, customer)
    yield from _shares(values)
    fitter, sealer = values.get("nhan_vien_treo_thao"), values.get("nhan_vien_niem_phong")
    if isinstance(fitter, str) and isinstance(sealer, str) and ids.same_name(fitter, sealer):
        yield Finding("sealer_is_fitter", "warning", {"name": sealer}, "nhan_vien_niem_phong")
    for chosen, choice, needed in _NEEDED_BY_CHOICE:
        if values.get(chosen) == choice and needed not in values:
            yield Finding(f"needed_for_{choice}", "error", {}, needed)


def _shares(values: Mapping[str, Value]) -> Iterator[Finding]:
    """Yield the meters whose shares are not whole: percents that are not 100 together, kWh without one remainder."""
    rows = values.get("ap_gia")
    if not isinstance(rows, tuple):
        return
    for meter in dict.fromkeys(row["so_cong_to"] for row in rows):
        own = [row for row in rows if row["so_cong_to"] == meter]
        kinds = [row["loai_dinh_muc"] for row in own]
        if set(kinds) == {"phan_tram"}:
            percents = sum((share for row in own if isinstance(share := row["dinh_muc"], Decimal)), Decimal(0))
            if percents != 100:
                facts = {"meter": str(meter), "sum": show_number(percents)}
                yield Finding("shares_not_whole", "error", facts, "ap_gia")
        elif "phan_tram" in kinds or kinds.count("con_lai") != 1 or len(kinds) == 1:
            yield Finding("shares_without_remainder", "error", {"meter": str(meter)}, "ap_gia")


def _identity(values: Mapping[str, Value]) -> Iterator[Finding]:
    number, born, sex = values.get("so_giay_to"), values.get("ngay_sinh"), values.get("gioi_tinh")
    if isinstance(number, str):
        yield from ids.cross_check(
            number, born if isinstance(born, date) else None, sex if isinstance(sex, str) else None
        )


def _dates(values: Mapping[str, Value]) -> Iterator[Finding]:
    for earlier, later in _DATE_ORDER:
        first, second = values.get(earlier), values.get(later)
        if isinstance(first, date) and isinstance(second, date) and first > second:
            facts = {"first": f"{first:%d/%m/%Y}", "second": f"{second:%d/%m/%Y}"}
            yield Finding(f"order_{later}", "error", facts, later)


def _supply(values: Mapping[str, Value]) -> Iterator[Finding]:
    phases, voltage, meter = values.get("so_pha"), values.get("cap_dien_ap"), values.get("treo_so_pha")
    if (phases, voltage) in {("1", "380V"), ("3", "220V")}:
        yield Finding("phases_voltage", "warning", {"phases": str(phases), "voltage": str(voltage)}, "cap_dien_ap")
    if phases is not None and meter is not None and phases != meter:
        yield Finding("phases_meter", "warning", {"phases": str(phases), "meter": str(meter)}, "treo_so_pha")


def _business(values: Mapping[str, Value]) -> Iterator[Finding]:
    shares, power, peaks = values.get("tong_ty_le"), values.get("cong_suat"), ("pmax_lam_viec", "pmax_nghi")
    if isinstance(shares, Decimal) and shares != 100:
        yield Finding("shares_not_100", "error", {"sum": show_number(shares)}, "muc_dich_va_ty_le")
    highest = max((peak for name in peaks if isinstance(peak := values.get(name), Decimal)), default=Decimal(0))
    if isinstance(power, Decimal) and highest > power:
        facts = {"peak": show_number(highest), "power": show_number(power)}
        yield Finding("curve_over_power", "warning", facts, "bieu_do_phu_tai")
    start, end = values.get("ngay_hieu_luc"), values.get("ngay_ket_thuc")
    if isinstance(start, date) and isinstance(end, date):
        facts = {"start": f"{start:%d/%m/%Y}", "end": f"{end:%d/%m/%Y}"}
        if end < start:
            yield Finding("ends_before_start", "error", facts, "ngay_ket_thuc")
        # twelve whole months end on the day before the anniversary, so the eve is the first day too many
        elif (end + timedelta(days=1)) >= _a_year_after(start):
            yield Finding("not_short_term", "error", facts, "ngay_ket_thuc")


def _a_year_after(day: date) -> date:
    return date(day.year + 1, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def _transformers(values: Mapping[str, Value], side: str) -> Iterator[Finding]:
    for table, set_in_meter in (("may_bien_dong", "ti"), ("may_bien_dien_ap", "tu")):
        name, rows = f"{side}_{table}", values.get(f"{side}_{table}")
        in_meter = values.get(f"{side}_{set_in_meter}")
        if in_meter is not None and not _RATIO.fullmatch(str(in_meter)):
            yield Finding("ratio_unreadable", "error", {"typed": str(in_meter)}, f"{side}_{set_in_meter}")
        if not isinstance(rows, tuple):
            if in_meter is not None:
                yield Finding("transformers_missing", "error", {"ratio": str(in_meter)}, name)
            continue
        ratios = [str(row.get("ty_so", "")) for row in rows]
        for number, ratio in enumerate(ratios, start=1):
            if not _RATIO.fullmatch(ratio):
                yield Finding("ratio_unreadable", "error", {"typed": ratio}, name, row=number)
        if len({row.get("he_so") for row in rows}) > 1:
            yield Finding("ratios_differ", "error", {"ratios": ", ".join(dict.fromkeys(ratios))}, name)
        if table == "may_bien_dong" and values.get(f"{side}_so_pha") == "3" and len(rows) % 3:
            yield Finding("three_transformers", "error", {"count": str(len(rows))}, name)


def _meters(values: Mapping[str, Value]) -> Iterator[Finding]:
    until, hung = values.get("treo_han_kiem_dinh"), values.get("ngay_treo_thao")
    if isinstance(until, date) and isinstance(hung, date) and until < hung:
        facts = {"until": f"{until:%d/%m/%Y}", "hung": f"{hung:%d/%m/%Y}"}
        yield Finding("verification_over", "error", facts, "treo_han_kiem_dinh")
    if values.get("qua_vong") is not True:
        for register in ("p", "bt", "cd", "td", "q"):
            billed, removed = values.get(f"chi_so_tinh_tien_{register}"), values.get(f"thao_chi_so_{register}")
            if isinstance(billed, Decimal) and isinstance(removed, Decimal) and removed < billed:
                facts = {"removed": show_number(removed), "billed": show_number(billed)}
                yield Finding("index_below_billed", "error", facts, f"thao_chi_so_{register}")
    for seal, count in Counter(_hung_seals(values)).items():
        if count > 1:
            yield Finding("seal_twice", "warning", {"seal": seal}, "treo_so_vien_hop")


def _hung_seals(values: Mapping[str, Value]) -> Iterator[str]:
    """Yield seals and stamps put on what is hung, as CODE/NUMBER in capitals."""
    for code, number in (("treo_ma_chi_hop", "treo_so_vien_hop"), ("treo_ma_chi_tem", "treo_so_vien_tem")):
        if number in values:
            yield "/".join(str(values[name]) for name in (code, number) if name in values).upper()
    for table in ("treo_may_bien_dong", "treo_may_bien_dien_ap", "cong_to_khac"):
        rows = values.get(table)
        for row in rows if isinstance(rows, tuple) else ():
            if row.get("ben", "treo") == "treo":
                yield from (str(row[name]).upper() for name in ("chi_hop_vien", "tem_kiem_dinh_vien") if name in row)
