from __future__ import annotations

import math
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sms.text import MAX_PARTS, brandname_fits, check_length, coding, parts, render, without_marks
from kernel.api.errors import AdapterRefused

OTP = {
    "code": "012345",
    "document": "Hợp đồng mua bán điện",
    "number": "26/000123",
    "branch": "Điện lực Thực Hành",
    "minutes": "5",
    "hotline": "19001288",
}


@pytest.mark.parametrize(
    ("text", "how", "count"),
    [
        ("a" * 160, 0, 1),
        ("a" * 161, 0, 2),
        ("a" * 306, 0, 2),
        ("a" * 307, 0, 3),
        ("€" * 80, 0, 1),
        ("€" * 81, 0, 2),
        ("a" * 152 + "€" + "a" * 151, 0, 2),
        ("a" * 152 + "€" + "a" * 152, 0, 3),
        ("Ữ" * 70, 2, 1),
        ("Ữ" * 71, 2, 2),
        ("Ữ" * 134, 2, 2),
        ("Ữ" * 135, 2, 3),
        ("😀" * 35, 2, 1),
        ("😀" * 36, 2, 2),
        ("a" * 612, 0, 4),
        ("a" * 613, 0, 5),
        ("Ệ" * 268, 2, 4),
        ("Ệ" * 269, 2, 5),
        ("", 0, 1),
        ("è à ù ì ò Ç Δ @ £", 0, 1),
        ("ê", 2, 1),
        ("`", 2, 1),
    ],
)
def test_a_network_splits_as_the_standard_says(text: str, how: int, count: int) -> None:
    assert coding(text) == how
    assert parts(text) == count


@given(st.text(alphabet=st.sampled_from("aZ9 @€^{}[~]|\\ớỮđ😀\n"), max_size=700))
def test_parts_hold_the_text_and_no_room_for_one_less(text: str) -> None:
    if coding(text) == 0:
        units, plain, part = sum(2 if letter in "€^{}[~]|\\" else 1 for letter in text), 160, 153
    else:
        units, plain, part = len(text.encode("utf-16-be")) // 2, 70, 67
    if units <= plain:
        assert parts(text) == 1
    else:
        # a two-unit character may leave one unit of a part empty
        assert math.ceil(units / part) <= parts(text) <= math.ceil(units / (part - 1))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_a_longer_text_never_takes_fewer_parts(text: str) -> None:
    assert parts(text + "ơ") >= parts(text)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_marks_go_and_letters_stay(form: Literal["NFC", "NFD"]) -> None:
    text = unicodedata.normalize(form, "Điện lực Đống Đa: Nguyễn Thị Ữ, Ệ, đường Láng – “ắp”…")
    assert without_marks(text) == 'Dien luc Dong Da: Nguyen Thi U, E, duong Lang - "ap"...'
    assert coding(without_marks(text)) == 0


def test_an_otp_is_one_plain_message_with_the_code_first_and_no_link() -> None:
    text = render("otp", OTP, marks=False)
    assert text.startswith("012345 ")
    assert coding(text) == 0
    assert parts(text) == 1
    assert "http" not in text
    assert "26/000123" in text


def test_with_marks_the_words_stay_vietnamese_in_nfc() -> None:
    text = render("otp", {**OTP, "branch": unicodedata.normalize("NFD", OTP["branch"])}, marks=True)
    assert "Điện lực Thực Hành" in text
    assert coding(text) == 2


def test_no_hotline_leaves_no_hole() -> None:
    assert render("otp", {**OTP, "hotline": ""}, marks=False).endswith("cho nguoi khac.")


@pytest.mark.parametrize("template", ["received", "completed", "obstacle"])
def test_every_template_fits_the_usual_words(template: str) -> None:
    facts = {**OTP, "request": "GC3957601", "service": "Cấp điện hạ áp", "due": "01/12/2026", "reason": "thiếu giấy tờ"}
    assert parts(render(template, facts, marks=False)) <= 2


def test_facts_are_never_template_code() -> None:
    text = render("otp", {**OTP, "document": "{{ 7 * 7 }} {% raw %} <b>&"}, marks=False)
    assert "{{ 7 * 7 }} {% raw %} <b>&" in text


@pytest.mark.parametrize(
    ("template", "facts"),
    [
        ("otp", {key: value for key, value in OTP.items() if key != "code"}),
        ("khong_co", OTP),
        ("../inbox", OTP),
        ("otp", {**OTP, "document": "x http://lua.dao"}),
    ],
)
def test_what_cannot_be_composed_is_refused(template: str, facts: dict[str, str]) -> None:
    with pytest.raises(AdapterRefused) as caught:
        render(template, facts, marks=False)
    assert "SMS" in caught.value.diagnosis("vi").title


def test_more_than_the_providers_cap_is_refused() -> None:
    check_length("a" * 612, "sendsms")
    with pytest.raises(AdapterRefused, match=f"5/{MAX_PARTS}"):
        check_length("a" * 613, "sendsms")
    with pytest.raises(AdapterRefused):
        check_length("  ", "sendsms")


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("EVNHANOI", True),
        ("Dien luc_1.", True),
        ("A" * 11, True),
        ("A" * 12, False),
        ("ĐIỆN", False),
        ("", False),
        (" A", False),
    ],
)
def test_brandnames(name: str, fits: bool) -> None:
    assert brandname_fits(name) is fits
