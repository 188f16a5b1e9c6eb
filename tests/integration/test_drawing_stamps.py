"""Visible stamps: exact size, transparent, Vietnamese letters whole, the time as the decree wants it, drawn once."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.documents.errors import MissingGlyph
from kernel.documents.stamp import MILLIMETRE as MM
from kernel.documents.stamp import Picture, Stamp, draw_stamp, stamp_words
from kernel.signing import appearance
from kernel.signing.errors import StampInvalid
from kernel.signing.stamp_time import MODEL_DAY, MODEL_HOUR, stamp_time
from tests.pki import compiled

AT = datetime(2026, 11, 24, 7, 5, 31, tzinfo=UTC)
STACKED = "Ệ Ữ Ậ Ẵ Ổ Ỡ Ằ Ẫ Ể Ở Ự Ỹ Đ ệ ữ ậ ẵ ổ ỡ ằ ẫ ể ở ự ỹ đ"
PERSON = Stamp("person", 68 * MM, 30 * MM, "Nguyễn Thị Lữ Ệ", title="Phó Giám đốc", organisation="Điện lực Hoàn Kiếm")
TEXT = Stamp("text", 70 * MM, 15 * MM, "Điện lực Ữ", organisation="Điện lực Ữ", number="Số: 12/2026/HĐ-ĐL")


def picture(width: int = 400, height: int = 200, length: float = 40 * MM) -> Picture:
    """A solid block of blue with a transparent rim."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((18, 60, 140, 255), (1, 1, width - 1, height - 1))
    out = BytesIO()
    image.save(out, "PNG")
    return Picture(out.getvalue(), length, length * height / width)


HAND = replace(PERSON, picture=picture())
SEAL = Stamp("seal", 36 * MM, 36 * MM, "Điện lực Ữ", picture=picture(300, 300, 34 * MM))
ALL = (PERSON, HAND, TEXT, SEAL, replace(HAND, clear=68 * MM / 3, covered=True))


def shown(stamp: Stamp, at: datetime = AT) -> bytes:
    """The stamp as a signature shows it: the whole page of a PDF."""
    objects = appearance.stamp_objects(draw_stamp(stamp, "built-in"), (stamp.width, stamp.height), 4, at)
    last = 3 + len(objects)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents %d 0 R/Resources<</XObject<</N %d 0 R>>>>>>" % (
        stamp.width, stamp.height, last + 1, last,
    )  # fmt: skip
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, *objects]
    bodies.append(b"<</Length 5>>\nstream\n/N Do\nendstream")
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, table, size, len(out),
    )  # fmt: skip


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as reader:
        return " ".join(reader[0].get_textpage().get_text_bounded().split())


def pixels(pdf: bytes, scale: float = 2.0) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as reader:
        bitmap = reader[0].render(scale=scale, fill_color=(0, 255, 0, 255), rev_byteorder=True)
        found: Image.Image = bitmap.to_pil().convert("RGB")
        return found


def test_a_persons_stamp_says_who_what_where_and_when_in_vietnamese_time() -> None:
    for stamp in (PERSON, HAND):
        text = text_of(shown(stamp))
        assert "Ký bởi: Nguyễn Thị Lữ Ệ" in text
        assert "Phó Giám đốc" in text
        assert "Điện lực Hoàn Kiếm" in text
        assert "Thời gian ký: 2026-11-24 14:05:31 +07:00" in text


@pytest.mark.parametrize("stamp", [*ALL, replace(PERSON, title=""), replace(HAND, organisation="", title="")])
def test_the_words_told_beforehand_are_those_that_are_drawn(stamp: Stamp) -> None:
    assert text_of(shown(stamp)) == " ".join(stamp_words(stamp, AT))


def test_an_organisations_text_has_number_name_and_time_in_black_upright_letters_of_ten_points() -> None:
    pdf = shown(TEXT)
    assert text_of(pdf) == "Số: 12/2026/HĐ-ĐL Điện lực Ữ 2026-11-24 14:05:31 +07:00"
    stream = appearance._kept(draw_stamp(TEXT, "built-in")).clock.at(AT)
    assert b" 10 Tf" in stream
    assert b" 0 scn" in stream
    colours = pixels(pdf).getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert min(colour for _, colour in colours) == (0, 0, 0)


def test_a_seal_is_its_image_at_its_real_size_and_no_words() -> None:
    pdf = shown(SEAL)
    assert text_of(pdf) == ""
    found = pixels(pdf, 4.0)
    ink = [found.getpixel((x, found.height // 2)) != (0, 255, 0) for x in range(found.width)]
    assert sum(ink) == pytest.approx(34 * MM * 4, abs=4)
    assert sum(ink[: found.width // 2]) == pytest.approx(sum(ink[found.width // 2 :]), abs=2)


def test_the_seal_will_lie_on_a_third_of_the_handwritten_signature() -> None:
    clear = 68 * MM / 3
    found = pixels(shown(replace(HAND, clear=clear, covered=True)), 4.0)
    row = found.height // 4
    ink = [x for x in range(found.width) if found.getpixel((x, row)) not in {(0, 255, 0), (0, 0, 0)}]
    covered = sum(x < clear * 4 for x in ink)
    assert covered / len(ink) == pytest.approx(1 / 3, abs=0.02)
    assert 33 * MM * 4 < len(ink) < 40 * MM * 4


@pytest.mark.parametrize("stamp", ALL, ids=lambda stamp: stamp.look)
def test_a_stamp_is_pages_of_exactly_the_boxs_size(stamp: Stamp) -> None:
    with pypdfium2.PdfDocument(draw_stamp(stamp, "built-in")) as reader:
        assert len(reader) == (1 if stamp.look == "seal" else 2)
        for page in reader:
            assert page.get_size() == pytest.approx((stamp.width, stamp.height), abs=0.02)


@pytest.mark.parametrize("stamp", [PERSON, TEXT], ids=["person", "text"])
def test_a_stamp_lets_the_paper_shine_through(stamp: Stamp) -> None:
    found = pixels(shown(stamp))
    colours = found.getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert {colour: count for count, colour in colours}[0, 255, 0] > found.width * found.height / 2


def test_a_stamp_is_drawn_once_and_only_its_time_is_new() -> None:
    appearance._kept.cache_clear()
    drawn = draw_stamp(PERSON, "built-in")
    assert draw_stamp(replace(PERSON), "built-in") is drawn
    size = (PERSON.width, PERSON.height)
    first = appearance.stamp_objects(drawn, size, 10, AT)
    later = appearance.stamp_objects(bytes(bytearray(drawn)), size, 10, AT.replace(second=32))
    assert appearance._kept.cache_info().misses == 1
    assert first[:-1] == later[:-1]
    assert first[-1] != later[-1]
    assert "14:05:32" in text_of(shown(PERSON, AT.replace(second=32)))


@given(at=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))
@settings(max_examples=50, deadline=None)
def test_every_time_can_be_set(at: datetime) -> None:
    day, hour = stamp_time(at)
    assert (len(day), len(hour)) == (len(MODEL_DAY), len(MODEL_HOUR))
    assert set(day + hour) <= set(MODEL_DAY + MODEL_HOUR)
    assert f"{day} {hour}" in text_of(shown(TEXT, at))


def test_references_are_renumbered_and_streams_are_not() -> None:
    drawn, size = draw_stamp(HAND, "built-in"), (HAND.width, HAND.height)
    for first in (1, 7, 1234567):
        objects = appearance.stamp_objects(drawn, size, first, AT)
        for body in objects:
            head, _, data = body.partition(b"stream\n")
            for part in head.split(b" 0 R")[:-1]:
                assert first <= int(part.split()[-1].strip(b"[<")) < first + len(objects)
            if data:
                length = int(head.split(b"/Length ")[1].split()[0])
                assert len(data.removesuffix(b"\nendstream")) == length


LONG = ("Đội Quản lý điện lực khu vực Ệ Ữ Ậ " * 6)[:160].strip()


@pytest.mark.parametrize("name", [LONG, "Ệ" * 160, STACKED * 3], ids=["words", "one word", "stacked"])
@pytest.mark.parametrize("stamp", [PERSON, HAND, TEXT, replace(TEXT, height=36 * MM, width=36 * MM)])
@pytest.mark.parametrize("clear", [0.0, 20 * MM])
def test_very_long_names_are_set_smaller_and_stay_inside(stamp: Stamp, name: str, clear: float) -> None:
    long = replace(stamp, name=name, organisation=name, clear=clear if stamp.look == "person" else 0.0)
    pdf = shown(long)
    with pypdfium2.PdfDocument(pdf) as reader:
        page = reader[0]
        wide, tall = page.get_size()
        text = page.get_textpage()
        for index in range(text.count_chars()):
            if text.get_text_range(index, 1).isspace():
                continue
            left, bottom, right, top = text.get_charbox(index)
            assert left >= -0.5
            assert bottom >= -0.5
            assert right <= wide + 0.5
            assert top <= tall + 0.5
    assert "".join(name.split()) in "".join(text_of(pdf).split())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_letters_with_two_marks_are_whole_however_they_were_typed(form: str) -> None:
    typed = unicodedata.normalize(form, STACKED)  # type: ignore[arg-type]  # one of the two forms
    stamp = replace(PERSON, name=typed, organisation=typed)
    assert text_of(shown(stamp)).count(STACKED) == 2
    assert draw_stamp(stamp, "built-in") == draw_stamp(replace(PERSON, name=STACKED, organisation=STACKED), "built-in")


def test_no_ink_touches_the_edge_where_marks_are_tall() -> None:
    """Marks above capitals are the first to be cut."""
    for stamp in (replace(TEXT, number="ỆỮẬ ẴỔỠ", organisation="ỂỞỰ"), replace(HAND, name="ỆỮẬ", organisation="ỂỞỰ")):
        found = pixels(shown(stamp), 4.0)
        for row in (0, found.height - 1):
            assert [x for x in range(found.width) if found.getpixel((x, row)) != (0, 255, 0)] == [], row


def test_the_frame_leaves_room_for_words_and_lies_under_an_image() -> None:
    clear = 68 * MM / 3
    for covered in (True, False):
        found = pixels(shown(replace(PERSON, clear=clear, covered=covered)), 4.0)
        row = found.height // 2
        ink = [x for x in range(found.width) if found.getpixel((x, row)) not in {(0, 255, 0), (0, 0, 0)}]
        assert (min(ink) < clear) is covered


def test_the_third_under_the_seal_stays_free_of_words() -> None:
    clear = 68 * MM / 3
    for stamp in (PERSON, HAND):
        with pypdfium2.PdfDocument(shown(replace(stamp, clear=clear, covered=stamp is HAND))) as reader:
            text = reader[0].get_textpage()
            assert min(text.get_charbox(index)[0] for index in range(text.count_chars())) >= clear


@pytest.mark.parametrize("letter", ["ក", "\u202e"])
def test_a_certificates_name_that_cannot_be_printed_is_refused(letter: str) -> None:
    with pytest.raises(MissingGlyph) as caught:
        draw_stamp(replace(PERSON, name=f"Nguyễn {letter}"), "built-in")
    assert f"U+{ord(letter):04X}" in caught.value.diagnosis("vi").cause


@pytest.mark.parametrize("text", ["[x] #panic() $a$ *b*", "@preview/x:1.0.0 <sig>"])
def test_a_certificates_name_is_never_markup(text: str) -> None:
    assert text in text_of(shown(replace(PERSON, name=text)))


@pytest.mark.parametrize("second", ["", "0123-45-67 89:01:23 +07:00 và thêm chữ"])
def test_a_second_page_that_is_no_time_is_refused(second: str) -> None:
    pdf = compiled(f'#set page(width: 9cm, height: 3cm)\n#"Ký"\n#pagebreak()\n#"{second}"', "1.7")
    with pytest.raises(StampInvalid):
        appearance.stamp_objects(pdf, (180, 80), 1, AT)


def test_fonts_are_embedded_and_colours_are_those_of_an_icc_profile() -> None:
    """What PDF/A asks of the objects that go into the file (ISO 19005-3, 6.2)."""
    for stamp in ALL:
        reader = PdfFileReader(BytesIO(shown(stamp)))
        fonts = spaces = 0
        for number in range(1, reader.trailer["/Size"]):
            found = reader.get_object(generic_reference(number, reader))
            if not hasattr(found, "get"):
                continue
            if found.get("/Type") == "/FontDescriptor":
                fonts += 1
                assert {"/FontFile2", "/FontFile3"} & set(found)
            assert found.get("/Interpolate", False) is not True
            for space in dict(found.get("/ColorSpace", {}) if found.get("/Subtype") != "/Image" else {}).values():
                spaces += 1
                assert space.get_object()[0] == "/ICCBased"
        assert (fonts > 0) == (stamp.look != "seal")
        assert spaces > 0 or stamp.look == "seal"


def generic_reference(number: int, reader: PdfFileReader) -> object:
    from pyhanko.pdf_utils import generic

    return generic.Reference(number, 0, reader)
