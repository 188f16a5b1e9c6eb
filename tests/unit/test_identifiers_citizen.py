from __future__ import annotations

import unicodedata
from datetime import date
from typing import Literal

import pytest

from kernel.api import identifiers as ids

Form = Literal["NFC", "NFD"]


def codes(findings: object) -> list[str]:
    return [finding.code for finding in findings]  # type: ignore[attr-defined]  # Finding tuples of every reader


def test_all_63_provinces_are_known() -> None:
    assert len(ids.PROVINCES) == 63
    assert ids.PROVINCES["001"] == "Hà Nội"
    assert all(unicodedata.is_normalized("NFC", name) for name in ids.PROVINCES.values())


@pytest.mark.parametrize(
    ("number", "sex", "year"),
    [
        ("001090000001", "nam", 1990),
        ("001190000001", "nu", 1990),
        ("079204000001", "nam", 2004),
        ("096305000001", "nu", 2005),
    ],
)
def test_a_number_tells_sex_and_year(number: str, sex: str, year: int) -> None:
    facts = ids.citizen_facts(number)
    assert facts is not None
    assert (facts.sex, facts.birth_year) == (sex, year)
    assert ids.read_citizen_id(number).findings == ()


def test_spaces_and_dots_are_dropped() -> None:
    assert ids.read_citizen_id(" 001 190.000 001 ").value == "001190000001"


def test_unknown_province_is_a_warning_only() -> None:
    read = ids.read_citizen_id("003190000001")
    assert read.value == "003190000001"
    assert [(one.code, one.severity) for one in read.findings] == [("citizen_province_unknown", "warning")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("012345678", "citizen_old_card"),
        ("00119000000", "citizen_length"),
        ("0011900000012", "citizen_length"),
        ("Nguyễn", "citizen_unreadable"),
        ("٠٠١١٩٠٠٠٠٠٠١", "citizen_unreadable"),
    ],
)
def test_what_is_no_identity_number(typed: str, code: str) -> None:
    read = ids.read_citizen_id(typed)
    assert read.value is None
    assert codes(read.findings) == [code]


def test_the_old_card_is_not_shown_whole() -> None:
    assert "012345678" not in str(ids.read_citizen_id("012345678").findings)


def test_passports() -> None:
    assert ids.read_citizen_id("c1234567") == ids.read_citizen_id("C1234567")
    assert ids.read_citizen_id("C1234567").findings == ()
    assert codes(ids.read_citizen_id("X99AB1234").findings) == ["passport_foreign"]


def test_cross_check_finds_the_field_that_disagrees() -> None:
    assert ids.cross_check("001190000001", date(1990, 9, 2), "nu") == ()
    born, sex = ids.cross_check("001190000001", date(1991, 9, 2), "nam")
    assert (born.field, born.facts["card"]) == ("ngay_sinh", "1990")
    assert (sex.field, sex.facts["card"]) == ("gioi_tinh", "Nữ")
    assert ids.cross_check("C1234567", date(1991, 9, 2), "nam") == ()


def test_masking() -> None:
    assert ids.mask_citizen_id("001190000089") == "001*******89"
    assert ids.mask_citizen_id("0011") == "****"


QR = "001190000001|012345678|Nguyễn Thị Lấp Lánh Ánh|02091990|Nữ|Số 5 ngõ Đỗ Hành, Hà Nội|15042021"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", [QR, QR.replace("012345678", ""), QR + "\r\n", QR + "|||Cha|Mẹ"])
def test_card_qr(text: str, form: Form) -> None:
    card = ids.read_citizen_qr(unicodedata.normalize(form, text)).value
    assert card is not None
    assert card.typed() == {
        "so_giay_to": "001190000001",
        "ten_khach_hang": "Nguyễn Thị Lấp Lánh Ánh",
        "ngay_sinh": "02/09/1990",
        "gioi_tinh": "Nữ",
        "dia_chi_thuong_tru": "Số 5 ngõ Đỗ Hành, Hà Nội",
        "ngay_cap_giay_to": "15/04/2021",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PD05000131264", "qr_fields"),
        ("a|b|c|d|e|f|g", "qr_number"),
        (QR.replace("02091990", "31021990"), "qr_date"),
        (QR.replace("15042021", ""), "qr_date"),
        (QR.replace("|Nữ|", "|?|"), "qr_sex"),
        (QR.replace("Nguyễn Thị Lấp Lánh Ánh", " "), "qr_name"),
    ],
)
def test_what_is_no_card_says_why(text: str, code: str) -> None:
    read = ids.read_citizen_qr(text)
    assert read.value is None
    assert codes(read.findings) == [code]


def test_a_card_that_contradicts_itself_is_read_with_findings() -> None:
    read = ids.read_citizen_qr(QR.replace("02091990", "02091991"))
    assert read.value is not None
    assert codes(read.findings) == ["citizen_birth_year"]
