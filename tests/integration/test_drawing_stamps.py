"""Visible stamps: exact size, transparent, Vietnamese letters, the time as the decree wants it."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest

from kernel.documents.errors import MissingGlyph
from kernel.documents.stamp import StampKind, draw_stamp

MM = 72 / 25.4
AT = datetime(2026, 11, 24, 7, 5, 31, tzinfo=UTC)


def stamp(kind: StampKind, name: str = "Nguyễn Thị Lữ Ệ", *, size: float = 36 * MM, clear: float = 0.0) -> bytes:
    return draw_stamp(
        kind,
        width=68 * MM if kind == "person" else size,
        height=30 * MM if kind == "person" else size,
        name=name,
        title="Phó Giám đốc",
        organisation="Điện lực Hoàn Kiếm",
        at=AT,
        tax_code="0301234562",
        clear_left=clear,
        fonts="built-in",
    )


def text_of(pdf: bytes) -> str:
    reader = pypdfium2.PdfDocument(pdf)
    try:
        assert len(reader) == 1
        return " ".join(reader[0].get_textpage().get_text_bounded().split())
    finally:
        reader.close()


def test_a_persons_stamp_says_who_what_where_and_when_in_vietnamese_time() -> None:
    text = text_of(stamp("person"))
    assert "Ký bởi: Nguyễn Thị Lữ Ệ" in text
    assert "Phó Giám đốc" in text
    assert "Điện lực Hoàn Kiếm" in text
    assert "Thời gian ký: 2026-11-24 14:05:31 +07:00" in text


def test_the_seal_has_the_organisation_around_and_the_tax_code_below() -> None:
    letters = "".join(text_of(stamp("seal", "Điện lực Ữ")).split())
    assert "ĐIỆNLỰCỮ" in letters
    assert sorted("ĐIỆNLỰCHOÀNKIẾM") == sorted(set_aside(letters, "ĐIỆNLỰCHOÀNKIẾM"))
    assert "14:05:31+07:00" in letters


def set_aside(letters: str, wanted: str) -> list[str]:
    """The letters of `wanted` that are left to find, whatever their order along the ring."""
    left, taken = list(letters), []
    for letter in wanted:
        if letter in left:
            left.remove(letter)
            taken.append(letter)
    return taken


@pytest.mark.parametrize(("kind", "wide", "tall"), [("person", 68, 30), ("seal", 36, 36)])
def test_a_stamp_is_one_page_of_exactly_the_boxs_size(kind: StampKind, wide: float, tall: float) -> None:
    reader = pypdfium2.PdfDocument(stamp(kind))
    try:
        assert reader[0].get_size() == pytest.approx((wide * MM, tall * MM), abs=0.02)
    finally:
        reader.close()


@pytest.mark.parametrize("kind", ["person", "seal"])
def test_a_stamp_lets_the_paper_shine_through(kind: StampKind) -> None:
    reader = pypdfium2.PdfDocument(stamp(kind))
    try:
        picture = reader[0].render(scale=2, fill_color=(0, 255, 0, 255), may_draw_forms=False)
        pixels = bytes(picture.buffer)
        green = sum(
            pixels[at : at + 3] == b"\x00\xff\x00"
            for row in range(picture.height)
            for at in range(
                row * picture.stride, row * picture.stride + picture.width * picture.n_channels, picture.n_channels
            )
        )
    finally:
        reader.close()
    assert green > picture.width * picture.height / 2


def test_the_same_stamp_is_the_same_bytes_and_another_second_is_not() -> None:
    assert stamp("person") == stamp("person")
    later = draw_stamp(
        "person", width=100, height=50, name="A", title="", organisation="", at=AT.replace(second=32), fonts="built-in"
    )
    assert later != draw_stamp(
        "person", width=100, height=50, name="A", title="", organisation="", at=AT, fonts="built-in"
    )


@pytest.mark.parametrize("kind", ["person", "seal"])
def test_very_long_names_are_set_smaller_and_stay_inside(kind: StampKind) -> None:
    name = ("Đội Quản lý điện lực khu vực " * 6)[:160].strip()
    pdf = stamp(kind, name, clear=20 * MM)
    reader = pypdfium2.PdfDocument(pdf)
    try:
        page = reader[0]
        wide, tall = page.get_size()
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            assert left >= -0.5
            assert bottom >= -0.5
            assert right <= wide + 0.5
            assert top <= tall + 0.5
    finally:
        reader.close()
    assert "".join(name.split()).casefold() in "".join(text_of(pdf).split()).casefold()


def test_the_third_under_the_seal_stays_free_of_words() -> None:
    clear = 68 * MM / 3
    reader = pypdfium2.PdfDocument(stamp("person", clear=clear))
    try:
        text = reader[0].get_textpage()
        assert min(text.get_charbox(index)[0] for index in range(text.count_chars())) >= clear
    finally:
        reader.close()


@pytest.mark.parametrize("letter", ["ក", "\u202e"])
def test_a_certificates_name_that_cannot_be_printed_is_refused(letter: str) -> None:
    with pytest.raises(MissingGlyph) as caught:
        stamp("person", f"Nguyễn {letter}")
    assert f"U+{ord(letter):04X}" in caught.value.diagnosis("vi").cause


@pytest.mark.parametrize("text", ["[x] #panic() $a$ *b*", "@preview/x:1.0.0 <sig>"])
def test_a_certificates_name_is_never_markup(text: str) -> None:
    assert text in text_of(stamp("person", text))
