"""What is a scan and what is a person typing."""

from __future__ import annotations

import unicodedata

import pytest

from console import scanner
from console.scanned import read_scan
from tests.pty.keystrokes import CARD, PHRASE, input_method


def test_a_card_is_recognised_in_every_spelling() -> None:
    for text in (CARD, unicodedata.normalize("NFD", CARD), CARD + "\n", CARD + "|thêm|nữa"):
        scan = scanner.recognise(text)
        assert scan is not None
        assert scan.kind == "card"
        typed, remark = read_scan(scan, "vi")
        assert typed["ten_khach_hang"] == "Nguyễn Thị Lấp Lánh Ánh"
        assert typed["ngay_sinh"] == "02/09/1990"
        assert remark == ""


def test_every_beginning_of_a_scan_is_waited_for() -> None:
    for text in (CARD, "PD05000131264", "pe01000012345"):
        assert scanner.may_begin(text[0])
        assert all(scanner.may_become(text[:count]) for count in range(1, len(text)))
    assert scanner.patience(CARD[:13]) > scanner.patience(CARD[:12])


@pytest.mark.parametrize(
    "text", ["Phạm Thị Ánh", "Phố Huế", "0900000012x", "12 Đỗ Hành", "1234567890123", "001190000001 ", "Pháp"]
)
def test_names_phones_and_addresses_are_let_through(text: str) -> None:
    assert not scanner.may_become(text)
    assert scanner.recognise(text) is None


@pytest.mark.parametrize("method", ["telex", "vni"])
def test_input_methods_are_never_waited_for(method: str) -> None:
    """Their bursts hold Backspaces and letters no scan begins with."""
    held = ""
    for write in input_method(method, b"\x7f", PHRASE + " Phạm Điện"):
        for letter in write.decode():
            held += letter
            if not scanner.may_begin(held[0]) or not scanner.may_become(held):
                held = ""
            assert not scanner.is_sure(held)
            assert scanner.recognise(held) is None


@pytest.mark.parametrize("number", ["001190000001", "18123456", "PD05000131264001"])
def test_other_numbers_are_no_scans(number: str) -> None:
    assert scanner.recognise(number) is None


def test_a_slow_card_is_cut_off_what_stood_before_it() -> None:
    assert scanner.card_at_end("Số 7 " + CARD) == ("Số 7 ", scanner.Scan("card", CARD))
    assert scanner.card_at_end("a|b|c|d|e|f|g") is None


def test_a_card_that_can_not_be_read_says_why() -> None:
    scan = scanner.recognise(CARD.replace("02091990", "99999999"))
    assert scan is not None
    typed, remark = read_scan(scan, "vi")
    assert typed == {}
    assert remark
