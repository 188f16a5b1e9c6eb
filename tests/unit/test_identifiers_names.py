from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.api import identifiers as ids

Form = Literal["NFC", "NFD"]


def test_a_name_is_tidied() -> None:
    typed = unicodedata.normalize("NFD", "  Nguyễn   Thị\u200b Ánh ")
    assert ids.read_name(typed) == ids.Checked("Nguyễn Thị Ánh")


@pytest.mark.parametrize(("typed", "code"), [("123", "name_without_letters"), ("A\x07nh Văn", "text_control")])
def test_what_is_no_name(typed: str, code: str) -> None:
    assert [one.code for one in ids.read_name(typed).findings] == [code]


def test_doubtful_names_pass_with_a_warning() -> None:
    assert [one.code for one in ids.read_name("Ánh").findings] == ["name_one_word"]
    assert [one.code for one in ids.read_name("Công ty 27/7").findings] == ["name_digits"]


def test_names_compare_without_case_and_form() -> None:
    assert ids.same_name("NGUYỄN THỊ LỆ", unicodedata.normalize("NFD", "Nguyễn  Thị Lệ"))
    assert not ids.same_name("Nguyễn Thị Lệ", "Nguyễn Thị Lễ")


def test_people_sort_by_given_name_alphabet_and_tone() -> None:
    people = ["Trần An", "Lê An", "Lê Văn Án", "Đỗ Ăn", "Cao Ân", "Bùi Đức", "Bùi Dũng", "Vũ Ương", "Vũ Ước", "Vũ Uyên"]
    assert sorted(people, key=ids.sort_key) == [
        "Lê An", "Trần An", "Lê Văn Án", "Đỗ Ăn", "Cao Ân", "Bùi Dũng", "Bùi Đức", "Vũ Uyên", "Vũ Ước", "Vũ Ương",
    ]  # fmt: skip


def test_tones_sort_ngang_huyen_hoi_nga_sac_nang() -> None:
    tones = ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]
    assert sorted(sorted(tones), key=ids.sort_key) == tones


def test_letters_that_look_like_d_with_stroke_are_repaired() -> None:
    read = ids.read_name("\u00d0ỗ Thị \u00d0ượm")
    assert read.value == "Đỗ Thị Đượm"
    assert [(one.code, one.severity) for one in read.findings] == [("text_look_alike", "warning")]
    assert ids.read_name("Đỗ Thị Đượm").findings == ()


@pytest.mark.parametrize("text", ["NguyÔn ThÞ ¸nh", "§iÖn lùc Hµ Néi", "TrÇn V¨n B×nh"])
def test_tcvn3_is_noticed(text: str) -> None:
    assert ids.legacy_encoding(text) == "TCVN3"


@pytest.mark.parametrize("text", ["Nguyeãn Thò AÙnh", "Ñieän löïc Haø Noäi", "Traàn Vaên Bình"])
def test_vni_is_noticed(text: str) -> None:
    assert ids.legacy_encoding(text) == "VNI"


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Thị Lấp Lánh Ánh, Điện Biên", "Trần Hoàng Thúy Oanh", "Hoà Khoẻ Thuỷ Quý Uyên", "Xưởng Ươm Mầm · Đội 5",
        "Số 5, ngõ Đỗ Hành – P. Hai Bà Trưng", "Müller", "Trường Tiểu học Nguyễn Du (cơ sở 2)", "Khuỷu, ngoẹo, nguệch",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_good_vietnamese_is_left_alone(text: str, form: Form) -> None:
    assert ids.legacy_encoding(unicodedata.normalize(form, text)) == ""


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạệữợ ", max_size=40))
def test_form_and_case_never_change_name_or_order(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name.upper())
    assert ids.same_name(name, decomposed)
    assert ids.sort_key(name) == ids.sort_key(decomposed)


@given(st.text(max_size=80))
def test_reading_any_text_never_fails(text: str) -> None:
    for reader in (
        ids.read_text, ids.read_name, ids.read_mobile, ids.read_phone, ids.read_email, ids.read_citizen_id,
        ids.read_tax_code, ids.read_customer_code, ids.read_metering_point, ids.read_bank_account,
        ids.read_meter_number, ids.read_code, ids.read_unit_code,
    ):  # fmt: skip
        read = reader(text)
        assert read.value is not None or read.findings
        assert read.value is None or unicodedata.is_normalized("NFC", read.value)
    assert ids.read_citizen_qr(text).value is None
    ids.sort_key(text)
