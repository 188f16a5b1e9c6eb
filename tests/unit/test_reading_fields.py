from __future__ import annotations

import ast
import json
import re
import tomllib
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.api import vocabulary as v
from kernel.api.conditions import When
from kernel.api.fields import Choice, Field, Kind, Value
from kernel.api.forms import check, read_form
from kernel.api.reading import StoredValueInvalid, finding_text, read, restore, shown, stored
from kernel.api.text import Text, fold

FIELDS = tuple(one for name in v.__all__ if isinstance(one := getattr(v, name), Field))
LABEL = Text("Ô", "Field")


def errors(fields: tuple[Field, ...], typed: dict[str, str]) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in check(fields, typed) if one.severity == "error"]


def test_every_constant_is_named_after_its_field() -> None:
    assert all(getattr(v, field.id.upper()) is field for field in FIELDS)
    assert len({field.id for field in FIELDS}) == len(FIELDS) > 100


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.id)
def test_a_field_is_complete(field: Field) -> None:
    texts = [field.label, field.help, *(choice.label for choice in field.choices)]
    assert all(text.vi and text.en for text in texts)
    assert all(unicodedata.is_normalized("NFC", text.vi) for text in texts)
    assert all(re.fullmatch(r"[A-Z_]+(\.[A-Z0-9_]+)?", one) for one in field.source.split(", ") if field.source)
    assert (field.kind is Kind.CHOICE) == bool(field.choices)
    if field.default:
        assert read(field, field.default).ok
    for choice in field.choices:
        for typed in (choice.code, choice.label.vi, choice.label.en, fold(choice.label.vi)):
            assert read(field, typed).value == choice.code


def test_removed_meter_is_never_required() -> None:
    assert not any(field.required or field.default for field in v.THIET_BI_THAO)
    assert [field.id[5:] for field in v.THIET_BI_THAO] == [field.id[5:] for field in v.THIET_BI_TREO]


@pytest.mark.parametrize("typed", ["02/09/1990", "2/9/1990", "02091990", "2-9-1990", "2.9.1990", " 02 / 09 / 1990 "])
def test_dates(typed: str) -> None:
    reading = read(v.NGAY_SINH, typed)
    assert (reading.value, reading.shown, reading.findings) == (date(1990, 9, 2), "02/09/1990", ())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("31/02/1990", "date_impossible"), ("29/02/2026", "date_impossible"), ("13/13/2020", "date_impossible"),
        ("31021990", "date_impossible"), ("1/1/0090", "date_year"), ("1990-09-02", "date_unreadable"),
        ("2/9", "date_unreadable"), ("hôm nay", "date_unreadable"), ("٠٢/٠٩/١٩٩٠", "date_unreadable"),
    ],
)  # fmt: skip
def test_wrong_dates_keep_what_was_typed(typed: str, code: str) -> None:
    reading = read(v.NGAY_SINH, typed)
    assert (reading.value, reading.shown) == (None, typed)
    assert [one.code for one in reading.findings] == [code]


@pytest.mark.parametrize(
    ("typed", "value"), [("2/9/90", date(1990, 9, 2)), ("1/12/26", date(2026, 12, 1)), ("020990", date(1990, 9, 2))]
)
def test_short_years_are_named(typed: str, value: date) -> None:
    reading = read(v.NGAY_SINH, typed)
    assert reading.value == value
    assert reading.ok
    assert f"{value:%d/%m/%Y}" in finding_text(reading.findings[0])


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_reads_back(value: date) -> None:
    text = shown(v.NGAY_SINH, value)
    assert read(v.NGAY_SINH, text).value == value
    assert read(v.NGAY_SINH, text.replace("/", "")).value == value


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (v.CONG_SUAT, "3,5", Decimal("3.5")),
        (v.CONG_SUAT, "3,5 kW", Decimal("3.5")),
        (v.SO_HO, "0,25", Decimal("0.25")),
        (v.NGAY_GHI_CHI_SO, "5", 5),
        (v.SO_PHA, "3", "3"),
        (v.SO_PHA, "3 pha", "3"),
        (v.GIOI_TINH, "NỮ", "nu"),
        (v.GIOI_TINH, unicodedata.normalize("NFD", "Nữ"), "nu"),
        (v.CAP_DIEN_AP, "380", "380V"),
        (v.CAP_DIEN_AP, "6", "6kV"),
        (v.HINH_THUC_THANH_TOAN, "2", "trich_no"),
        (v.HINH_THUC_THANH_TOAN, "vi dien", "vi_dien_tu"),
        (v.TREO_DO_XA, "co", True),
        (v.TREO_DO_XA, "Không", False),
        (v.TREO_SO_CONG_TO, "0018123456", "0018123456"),
        (v.TEN_KHACH_HANG, unicodedata.normalize("NFD", "Lệ Thị Đượm"), "Lệ Thị Đượm"),
    ],
)
def test_what_is_accepted(field: Field, typed: str, value: Value) -> None:
    reading = read(field, typed)
    assert reading.value == value
    assert type(reading.value) is type(value)
    assert read(field, reading.shown).value == value


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        (v.CONG_SUAT, "3.5", "number_dot_decimal"),
        (v.CONG_SUAT, "0", "number_between"),
        (v.CONG_SUAT, "3,555", "number_places"),
        (v.CONG_SUAT, "9" * 30, "number_between"),
        (v.NGAY_GHI_CHI_SO, "32", "number_between"),
        (v.NGAY_GHI_CHI_SO, "1,5", "number_not_whole"),
        (v.SO_PHA, "2", "choice_unknown"),
        (v.CAP_DIEN_AP, "2", "choice_unknown"),
        (v.HINH_THUC_THANH_TOAN, "5", "choice_unknown"),
        (v.HINH_THUC_THANH_TOAN, "...", "choice_unknown"),
        (v.TREO_DO_XA, "có lẽ", "yes_no_unknown"),
        (v.THOI_HAN, "ệ" * 61, "too_long"),
    ],
)
def test_what_is_refused(field: Field, typed: str, code: str) -> None:
    reading = read(field, typed)
    assert (reading.value, reading.ok, reading.shown) == (None, False, typed)
    assert [(one.field, one.code) for one in reading.findings] == [(field.id, code)]


@given(st.sampled_from(FIELDS), st.text(max_size=60))
def test_reading_any_text_never_fails_and_what_is_shown_reads_back(field: Field, typed: str) -> None:
    reading = read(field, typed)
    for finding in reading.findings:
        assert finding_text(finding, "vi")
        assert finding_text(finding, "en")
    if reading.value is not None:
        assert read(field, reading.shown).value == reading.value
        assert restore(field, json.loads(json.dumps(stored(reading.value)))) == reading.value


@given(st.sampled_from(FIELDS), st.text(alphabet="Nguyễn Thị Đượm Ệ Ữ 0123,./", max_size=30))
def test_composed_and_decomposed_text_mean_the_same(field: Field, typed: str) -> None:
    assert read(field, unicodedata.normalize("NFD", typed)) == read(field, unicodedata.normalize("NFC", typed))


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        (v.NGAY_SINH, "02/09/1990"), (v.NGAY_SINH, 5), (v.CONG_SUAT, "3,5"), (v.CONG_SUAT, "NaN"), (v.CONG_SUAT, 3.5),
        (v.NGAY_GHI_CHI_SO, "5"), (v.NGAY_GHI_CHI_SO, True), (v.TREO_DO_XA, "true"), (v.TEN_KHACH_HANG, None),
    ],
)  # fmt: skip
def test_damaged_stored_values_are_noticed(field: Field, kept: object) -> None:
    with pytest.raises(StoredValueInvalid) as caught:
        restore(field, kept)
    assert field.id in caught.value.diagnosis("vi").title


def test_required_default_and_emptied() -> None:
    fields = (v.MUC_PHAT, v.TEN_KHACH_HANG, v.EMAIL)
    assert errors(fields, {}) == [("ten_khach_hang", "required")]
    assert read_form(fields, {}).values == {"muc_phat": Decimal(8)}
    assert errors(fields, {"muc_phat": " ", "ten_khach_hang": "Lê An"}) == [("muc_phat", "required")]


@pytest.mark.parametrize("typed", ["\u200b", "\xad", "\ufeff \u00a0"])
def test_what_nobody_sees_fills_no_field(typed: str) -> None:
    assert errors((v.CO_QUAN_TRANH_CHAP,), {"co_quan_tranh_chap": typed}) == [("co_quan_tranh_chap", "required")]


def test_a_wrong_field_is_not_missing_too() -> None:
    assert errors((v.CONG_SUAT,), {"cong_suat": "3.5"}) == [("cong_suat", "number_dot_decimal")]


def test_a_field_applies_only_when_its_condition_holds() -> None:
    fields = (v.TREO_LOAI_CHI_SO, v.TREO_CHI_SO_BT)
    assert errors(fields, {"treo_loai_chi_so": "KT", "treo_chi_so_bt": "x"}) == []
    assert errors(fields, {"treo_loai_chi_so": "Ba giá BT, CĐ, TĐ"}) == [("treo_chi_so_bt", "required")]
    extra = Field("chi_tiet", LABEL, Kind.TEXT, LABEL, when=When("do_xa", ("True",)))
    remote = Field("do_xa", LABEL, Kind.YES_NO, LABEL)
    assert errors((remote, extra), {"do_xa": "Có"}) == [("chi_tiet", "required")]
    assert errors((remote, extra), {"do_xa": "Không"}) == []


PERSON = {"so_giay_to": "001190000001", "ngay_sinh": "02/09/1990", "gioi_tinh": "Nữ", "ngay_cap_giay_to": "15/04/2021"}
IDENTITY = (v.SO_GIAY_TO, v.NGAY_SINH, v.GIOI_TINH, v.NGAY_CAP_GIAY_TO)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"ngay_sinh": "02/09/1991"}, [("ngay_sinh", "citizen_birth_year")]),
        ({"gioi_tinh": "Nam"}, [("gioi_tinh", "citizen_sex")]),
        ({"ngay_cap_giay_to": "01/09/1990"}, [("ngay_cap_giay_to", "order_ngay_cap_giay_to")]),
        ({"so_giay_to": "C1234567", "gioi_tinh": "Nam"}, []),
    ],
)
def test_identity_is_cross_checked(change: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert errors(IDENTITY, PERSON | change) == found


@pytest.mark.parametrize(("field", "typed", "code"), [
    (v.KHU_VUC, "tt", "thanh_thi"), (v.KHU_VUC, "NT", "nong_thon"), (v.HINH_THUC_THANH_TOAN, "tn", "trich_no"),
    (v.MUC_DICH, "sh", "SHBT"), (v.KHU_VUC, "t", "thanh_thi"), (v.KHU_VUC, "th", "thanh_thi"),
])  # fmt: skip
def test_initials_choose_too(field: Field, typed: str, code: str | None) -> None:
    assert read(field, typed).value == code


@pytest.mark.parametrize("field", ["ngay_sinh", "ngay_cap_giay_to", "ngay_khao_sat", "ngay_treo_thao"])
def test_what_has_happened_is_not_dated_in_the_future(field: str) -> None:
    fields = [one for one in (v.NGAY_SINH, v.NGAY_CAP_GIAY_TO, v.NGAY_KHAO_SAT, v.NGAY_TREO_THAO) if one.id == field]
    codes = [one.code for one in check(fields, {field: "26/11/2026"}, date(2026, 11, 25))]
    assert codes == ["date_future"]
    assert check(fields, {field: "25/11/2026"}, date(2026, 11, 25)) == ()
    assert check(fields, {field: "26/11/2026"}) == ()


def test_a_choice_may_need_another_field() -> None:
    fields = (v.KENH_THONG_BAO, v.EMAIL, v.HINH_THUC_THANH_TOAN, v.SO_TAI_KHOAN)
    assert errors(fields, {"kenh_thong_bao": "email", "hinh_thuc_thanh_toan": "trích nợ tự động"}) == [
        ("email", "needed_for_email"),
        ("so_tai_khoan", "needed_for_trich_no"),
    ]


def test_meter_and_supply_are_compared() -> None:
    fields = (v.SO_PHA, v.CAP_DIEN_AP, v.TREO_SO_PHA, v.NGAY_TREO_THAO, v.TREO_NGAY_KIEM_DINH)
    typed = {
        "so_pha": "1", "cap_dien_ap": "380 V", "treo_so_pha": "3",
        "ngay_treo_thao": "26/11/2026", "treo_ngay_kiem_dinh": "27/11/2026",
    }  # fmt: skip
    assert [(one.code, one.severity) for one in check(fields, typed)] == [
        ("phases_voltage", "warning"),
        ("phases_meter", "warning"),
        ("order_ngay_treo_thao", "error"),
    ]


def test_findings_stand_in_the_order_of_the_form() -> None:
    assert [field for field, _ in errors((v.EMAIL, v.CONG_SUAT, v.SO_PHA), {"email": "x", "so_pha": "9"})] == [
        "email",
        "cong_suat",
        "so_pha",
    ]


def test_a_customers_braces_stay_text() -> None:
    reading = read(v.CONG_SUAT, "{typed} {0} [red]")
    assert "{typed} {0} [red]" in finding_text(reading.findings[0])


def test_the_catalogues_have_every_code_and_nothing_else() -> None:
    root = Path(__file__).parents[2] / "kernel" / "api"
    used = {f"needed_for_{choice}" for choice in ("email", "trich_no")}
    dates = ("ngay_cap_giay_to", "ngay_treo_thao", "ngay_khao_sat", "ngay_xong_day", "han_bao_dam")
    used |= {f"order_{later}" for later in dates}
    used |= {"in_row", "in_cell"}  # what stands around a finding in a table
    for source in root.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                if node.func.id in {"error", "warning", "refused", "Finding"} and isinstance(first, ast.Constant):
                    used.add(str(first.value))
    for language in ("vi", "en"):
        table = tomllib.loads((root / "messages" / language / "field.toml").read_text("utf-8"))
        assert {key for key, text in table.items() if isinstance(text, str)} == used


def test_number_of_a_choice_is_refused_where_choices_are_numbers() -> None:
    numbered = Field("x", LABEL, Kind.CHOICE, LABEL, choices=(Choice("10", LABEL), Choice("20", Text("Hai", "Two"))))
    assert read(numbered, "1").value is None


def test_bounds_of_a_year_are_written_as_years() -> None:
    (finding,) = read(v.TREO_NAM_SAN_XUAT, "1890").findings
    assert "1980" in finding_text(finding)
    assert "1.980" not in finding_text(finding)
