from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.api import identifiers as ids


@pytest.mark.parametrize(
    "number",
    ["0100100079", "0100109106", "0100684378", "0300951119", "0400101394", "0300942001", "0301234562", "0400000011"],
)
def test_valid_tax_codes(number: str) -> None:
    assert ids.read_tax_code(number).value == number
    assert ids.read_tax_code(f"{number}001").value == f"{number}-001"
    assert ids.read_tax_code(f" {number} - 001").value == f"{number}-001"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("0100109107", "tax_check_digit"),
        ("0301234560", "tax_check_digit"),
        *((f"010999999{digit}", "tax_check_digit") for digit in range(10)),
        ("0301234562-000", "tax_branch_zero"),
        ("030123456", "tax_length"),
        ("03012345621", "tax_length"),
        ("mã số thuế", "tax_length"),
        ("", "tax_length"),
    ],
)
def test_wrong_tax_codes(number: str, code: str) -> None:
    read = ids.read_tax_code(number)
    assert read.value is None
    assert read.findings[0].code == code


def test_a_person_pays_tax_under_the_personal_number() -> None:
    assert ids.read_tax_code("001190000001").value == "001190000001"
    assert ids.read_tax_code("003190000001").findings[0].severity == "warning"


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(nine: str, place: int, shift: int) -> None:
    digit = ids.check_digit(nine)
    if digit is None:
        assert all(ids.read_tax_code(f"{nine}{last}").value is None for last in range(10))
        return
    assert ids.read_tax_code(f"{nine}{digit}").value is not None
    wrong = nine[:place] + str((int(nine[place]) + shift) % 10) + nine[place + 1 :]
    assert ids.read_tax_code(f"{wrong}{digit}").value is None


@pytest.mark.parametrize("typed", ["PD05000131264", "pd 0500 0131264", "pd05000131264"])
def test_customer_code(typed: str) -> None:
    assert ids.read_customer_code(typed) == ids.Checked("PD05000131264")


@pytest.mark.parametrize("typed", ["PE01000012345", "PC05BB1234567"])
def test_customer_codes_of_other_corporations(typed: str) -> None:
    assert ids.read_customer_code(typed).findings == ()


def test_old_customer_codes_pass_with_a_warning() -> None:
    read = ids.read_customer_code("PD050001312")
    assert read.value == "PD050001312"
    assert [one.severity for one in read.findings] == ["warning"]
    assert ids.read_customer_code("0500").value is None
    assert ids.read_customer_code("ĐD05000131264").value is None


def test_unit_codes_and_the_link() -> None:
    assert ids.read_unit_code("pd0500").value == "PD0500"
    assert ids.read_unit_code("PD").value == "PD"
    assert ids.read_unit_code("0500").value is None
    assert ids.unit_link("PD05000131264", "PD0500") == ()
    assert [one.severity for one in ids.unit_link("PE01000012345", "PD0500")] == ["warning"]


def test_metering_point() -> None:
    assert ids.read_metering_point("pd05000131264 001").value == "PD05000131264001"
    assert ids.read_metering_point("PD05000131264").findings[0].severity == "warning"
    assert ids.read_metering_point("001").value is None
    assert ids.read_metering_point("PD05000131264ABC").value is None
    assert ids.point_link("PD05000131264001", "PD05000131264") == ()
    assert ids.point_link("PD05000131264001", "PD05000131265")[0].field == "ma_diem_do"


def test_meter_numbers_keep_their_zeros() -> None:
    assert ids.read_meter_number("0018123456").value == "0018123456"
    assert ids.read_meter_number("123").findings[0].code == "meter_number_unusual"
    assert ids.read_meter_number("công tơ").value is None


def test_contract_numbers() -> None:
    assert ids.read_code("HĐ-0412/26.1").value == "HĐ-0412/26.1"
    assert ids.read_code(unicodedata.normalize("NFD", "HĐ–0412")).value == "HĐ-0412"
    assert ids.read_code("12\u202634").value is None
    assert ids.read_code("#panic()").value is None
    assert ids.read_code("26/000123", r"[0-9]{2}/[0-9]{6}").value == "26/000123"
    assert ids.read_code("26/123", r"[0-9]{2}/[0-9]{6}").findings[0].code == "code_pattern"


@pytest.mark.parametrize(
    "typed", ["0900000012", "+84900000012", "84900000012", "0900.000.012", "(+84) 900-000-012", "+84 0900 000 012"]
)
def test_mobile(typed: str) -> None:
    assert ids.read_mobile(typed) == ids.Checked("+84900000012")


@pytest.mark.parametrize(
    "prefix",
    [
        "032",
        "039",
        "052",
        "055",
        "056",
        "058",
        "059",
        "070",
        "076",
        "079",
        "081",
        "087",
        "089",
        "090",
        "094",
        "096",
        "099",
    ],
)
def test_mobile_prefixes(prefix: str) -> None:
    assert ids.read_mobile(f"{prefix}1234567").value == f"+84{prefix[1:]}1234567"


@pytest.mark.parametrize(
    "typed", ["0310000000", "0950000000", "0800000000", "0710000000", "090000001", "09000000123", "abc", "+8490"]
)
def test_no_mobile(typed: str) -> None:
    assert ids.read_mobile(typed).value is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0162", "032"), ("0169", "039"), ("0120", "070"), ("0121", "079"), ("0122", "077"), ("0126", "076"),
        ("0128", "078"), ("0123", "083"), ("0124", "084"), ("0125", "085"), ("0127", "081"), ("0129", "082"),
        ("0186", "056"), ("0188", "058"), ("0199", "059"),
    ],
)  # fmt: skip
def test_numbers_of_before_2018(old: str, new: str) -> None:
    for typed in (f"{old}1234567", f"+84{old[1:]}1234567"):
        read = ids.read_mobile(typed)
        assert read.value == f"+84{new[1:]}1234567"
        assert [one.code for one in read.findings] == ["phone_renumbered"]


@pytest.mark.parametrize("typed", ["02439361234", "028 3822 1234", "02363 123 456", "19001288"])
def test_fixed_numbers_receive_no_code(typed: str) -> None:
    assert ids.read_mobile(typed).findings[0].code == "phone_fixed"
    assert ids.read_phone(typed).value is not None


def test_phones_shown_and_masked() -> None:
    assert ids.show_phone("+84900000012") == "0900 000 012"
    assert ids.show_phone("+842439361234") == "024 3936 1234"
    assert ids.show_phone("+842363123456") == "0236 312 3456"
    assert ids.mask_phone("+84900001234") == "090***1234"
    assert ids.to_e164("0900 000 012") == "+84900000012"
    assert ids.to_e164("19001288") is None


@given(st.from_regex(r"0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])[0-9]{7}", fullmatch=True))
def test_a_shown_phone_reads_back(number: str) -> None:
    stored = ids.read_mobile(number).value
    assert stored is not None
    assert ids.read_mobile(ids.show_phone(stored)).value == stored


@pytest.mark.parametrize("typed", ["anh.nguyen@example.com", "a+b@x.example", "A@EXAMPLE.COM"])
def test_email(typed: str) -> None:
    value = ids.read_email(f" {typed} ").value
    assert value is not None
    assert value.casefold() == typed.casefold()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ánh@example.com", "email_accents"),
        ("a@example.com, b@example.com", "email_several"),
        ("a@b", "email_unreadable"),
        ("@example.com", "email_unreadable"),
        ("a..b@example.com", "email_unreadable"),
        ("a@exa_mple.com", "email_unreadable"),
        ("x" * 65 + "@example.com", "email_unreadable"),
        ("a@" + "b" * 62 + ("." + "c" * 62) * 4 + ".com", "email_unreadable"),
    ],
)
def test_no_email(typed: str, code: str) -> None:
    assert [one.code for one in ids.read_email(typed).findings] == [code]


def test_bank_accounts() -> None:
    assert ids.read_bank_account("0011 0012 34567").value == "0011001234567"
    assert ids.read_bank_account("12345").value is None
    assert ids.read_bank_account("1" * 20).value is None
    assert ids.bank_of("970436") == "Vietcombank"
    assert ids.bank_of("000000") == ""
