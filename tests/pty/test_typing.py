"""Vietnamese typing, scanning and typing ahead through a pseudo-terminal: right every time, where stock fields fail."""

from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING

import pytest

from tests.pty.keystrokes import CARD, ESC, F2, F3, PHRASE, input_method, pasted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pty.conftest import Typist

RUNS = 20
NAME = "field-ten_khach_hang"
NUMBER = "field-so_giay_to"
TAB = b"\t"


def as_chunks(typist: Typist, writes: list[bytes]) -> None:
    """One write for each thing the input method sends, as fast as the terminal takes them."""
    typist.write(*writes)


def at_once(typist: Typist, writes: list[bytes]) -> None:
    typist.write(b"".join(writes))


def byte_by_byte(typist: Typist, writes: list[bytes]) -> None:
    for byte in b"".join(writes):
        typist.write(bytes([byte]))
        time.sleep(0.001)  # the gap between two bytes is what is being tested


WAYS = [as_chunks, at_once, byte_by_byte]


def typed_name(typist: Typist, way: Callable[[Typist, list[bytes]], None], writes: list[bytes]) -> str:
    typist.empty()
    typist.write(TAB)
    typist.look()
    way(typist, writes)
    return typist.fields()[NAME]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("backspace", [b"\x7f", b"\x08"], ids=["7f", "08"])
@pytest.mark.parametrize("method", ["telex", "vni"])
def test_input_methods_are_right_every_time(
    console: Typist, method: str, backspace: bytes, way: Callable[[Typist, list[bytes]], None]
) -> None:
    writes = input_method(method, backspace)
    assert [typed_name(console, way, writes) for _ in range(RUNS)] == [PHRASE] * RUNS


@pytest.mark.parametrize("way", [as_chunks, at_once])
@pytest.mark.parametrize("method", ["telex", "vni"])
def test_stock_fields_get_input_methods_wrong(
    stock: Typist, method: str, way: Callable[[Typist, list[bytes]], None]
) -> None:
    writes = input_method(method, b"\x7f")
    wrong = [found for _ in range(RUNS) if (found := typed_name(stock, way, writes)) != PHRASE]
    print(f"stock Input, {method}, {way.__name__}: {len(wrong)} of {RUNS} wrong, as {wrong[:1]}")
    assert wrong


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_pasted_names_are_composed(console: Typist, form: str) -> None:
    for _ in range(RUNS):
        console.empty()
        console.write(TAB, pasted(unicodedata.normalize(form, PHRASE)))  # type: ignore[arg-type]  # `form` is one of the parameters
        assert console.fields()[NAME] == PHRASE


def test_stock_fields_keep_decomposed_names(stock: Typist) -> None:
    stock.empty()
    stock.write(TAB, pasted(unicodedata.normalize("NFD", PHRASE)))
    assert stock.fields()[NAME] != PHRASE


def test_typed_decomposed_letters_are_composed(console: Typist) -> None:
    for _ in range(RUNS):
        console.empty()
        console.write(TAB, unicodedata.normalize("NFD", "Việt Ữ Ệ").encode())
        assert console.fields()[NAME] == "Việt Ữ Ệ"


def test_lines_and_cells_pasted_fill_the_fields_after(console: Typist) -> None:
    for _ in range(RUNS):
        console.empty()
        console.write(pasted("001190000001\tNguyễn Thị Ánh\r\n02/09/1990"))
        fields = console.fields()
        assert (fields[NUMBER], fields[NAME], fields["field-ngay_sinh"]) == (
            "001190000001", "Nguyễn Thị Ánh", "02/09/1990",
        )  # fmt: skip


@pytest.mark.parametrize("end", [b"\t", b"\r"], ids=["tab", "enter"])
def test_what_is_no_card_is_typed_field_by_field(console: Typist, end: bytes) -> None:
    """Barcodes of numbers, each ended by Tab or Enter, in one write: one field each."""
    for _ in range(RUNS):
        console.empty()
        console.write(b"001190000001" + end + b"SN998877" + end)
        look = console.look()
        assert look["fields"][NUMBER] == "001190000001"
        assert look["fields"][NAME] == "SN998877"
        assert look["focused"] == "field-ngay_sinh"


def test_stock_fields_put_scans_into_one_field(stock: Typist) -> None:
    wrong = 0
    for _ in range(RUNS):
        stock.empty()
        stock.write(b"001190000001\tSN998877\r")
        fields = stock.fields()
        wrong += (fields[NUMBER], fields[NAME]) != ("001190000001", "SN998877")
    print(f"stock Input, two scans in one write: {wrong} of {RUNS} wrong")
    assert wrong


FILLED = {
    "field-so_giay_to": "001190000001",
    "field-ten_khach_hang": "Nguyễn Thị Lấp Lánh Ánh",
    "field-ngay_sinh": "02/09/1990",
    "field-gioi_tinh": "Nữ",
    "field-dia_chi_thuong_tru": "Số 5 ngõ Đỗ Hành, Hà Nội",
    "field-ngay_cap_giay_to": "15/04/2021",
}


@pytest.mark.parametrize("end", [b"\t", b"\r"], ids=["tab", "enter"])
@pytest.mark.parametrize("away", [0, 1, 6, 10])
def test_a_card_fills_the_form_whatever_has_the_focus(console: Typist, away: int, end: bytes) -> None:
    for _ in range(RUNS):
        console.empty()
        console.write(TAB * away + CARD.encode() + end)
        fields = {name: value for name, value in console.fields().items() if value}
        assert fields == FILLED


def test_a_card_scanned_in_the_middle_of_typing_leaves_what_was_typed(console: Typist) -> None:
    for _ in range(RUNS):
        console.empty()
        console.write(TAB * 9 + "Số 7 Điện Biên".encode() + CARD.encode() + b"\r")
        fields = {name: value for name, value in console.fields().items() if value}
        assert fields == {**FILLED, "field-dia_chi_dung_dien": "Số 7 Điện Biên"}


def test_a_slow_scanner_is_taken_out_of_the_field_again(console: Typist) -> None:
    console.empty()
    console.write(TAB)
    for byte in unicodedata.normalize("NFC", CARD).encode():
        console.write(bytes([byte]))
        time.sleep(0.04)  # slower than any scan is told from typing
    console.write(b"\t")
    fields = {name: value for name, value in console.fields().items() if value}
    assert fields == FILLED


def test_a_customer_code_goes_to_its_field(console: Typist) -> None:
    for _ in range(RUNS):
        console.empty()
        console.write(TAB + b"pd05000131264\t")
        fields = {name: value for name, value in console.fields().items() if value}
        assert fields == {"field-ma_khach_hang": "PD05000131264"}


def test_typing_ahead_over_keys_that_open_screens(console: Typist) -> None:
    """Leave the form, open the list of services, choose, and fill the new form: all in one write."""
    for _ in range(RUNS):
        console.terminal.write_and_wait(ESC, "Hàng đợi")
        console.write(
            F2 + b"1" + b"001190000001\t" + b"".join(input_method("telex", b"\x7f", "Đỗ Thị Ữ")) + b"\t02091990\t"
        )
        look = console.look()
        assert look["screen"] == "FormScreen"
        fields = {name: value for name, value in look["fields"].items() if value}
        assert fields == {NUMBER: "001190000001", NAME: "Đỗ Thị Ữ", "field-ngay_sinh": "02/09/1990"}


def test_stock_loses_what_is_typed_ahead(stock: Typist) -> None:
    wrong = 0
    for _ in range(RUNS):
        stock.write(F3)
        stock.terminal.wait(lambda: stock.look()["screen"] == "Screen", "the first screen")
        stock.write(F2 + b"001190000001\t" + "Đỗ Thị Ữ\t".encode())
        stock.terminal.wait(lambda: stock.look()["screen"] == "Form", "the form")
        fields = stock.fields()
        wrong += (fields[NUMBER], fields[NAME]) != ("001190000001", "Đỗ Thị Ữ")
    print(f"stock app, typing ahead over F2: {wrong} of {RUNS} wrong")
    assert wrong
