"""The contract and the minutes as drawn: what stands in the PDF, where the boxes are, and what is refused."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from kernel.api.documents import Purpose
from kernel.api.fields import Field, Kind
from kernel.api.forms import read_form
from kernel.api.text import Text
from kernel.documents.drawing import Drawn, draw, package_folder
from kernel.documents.errors import (
    BoxMissing,
    MissingGlyph,
    TemplateBroken,
    VariantUnknown,
    WordingMissing,
)
from kernel.documents.preview import mark, read_pages
from kernel.documents.printing import printed
from kernel.documents.sample import sample
from plugins.documents.bien_ban_treo_thao import DOCUMENT as MINUTES
from plugins.documents.hop_dong_mua_ban_dien import DOCUMENT as CONTRACT

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.api.documents import Document

BOTH = pytest.mark.parametrize("document", [CONTRACT, MINUTES], ids=lambda document: document.id)
MM = 72 / 25.4


def drawn(document: Document, *, fonts: Any = "built-in", **values: Any) -> Drawn:
    case = sample(document)
    return draw(document, case.variant, {**case.values, **values}, replace(case.setting, fonts=fonts))


def text_of(pdf: bytes) -> list[str]:
    """Text of each page with single spaces, read by PDFium's own extraction."""
    reader = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in reader]
    finally:
        reader.close()


def squeezed(text: str) -> str:
    return "".join(text.split())


def marked(made: Drawn) -> list[str]:
    return [
        span.text for page in mark(read_pages(made.pdf), made.placed) for line in page for span in line if span.value
    ]


@BOTH
@pytest.mark.parametrize("fonts", ["built-in", "machine"])
def test_every_value_stands_in_the_pdf(document: Document, fonts: str) -> None:
    case = sample(document)
    whole = squeezed(" ".join(text_of(drawn(document, fonts=fonts).pdf))).casefold()
    missing = [
        field.id
        for field in document.fields
        if field.id in case.values
        and field.id != "ngay_hieu_luc"
        and squeezed(printed(field, case.values[field.id])).casefold() not in whole
    ]
    assert missing == []
    if document is CONTRACT:
        assert squeezed("ngày 01 tháng 12 năm 2026") in whole
    assert squeezed(case.setting.number).casefold() in whole


def test_the_contract_is_two_pages_of_specific_and_five_of_general_terms() -> None:
    for fonts in ("built-in", "machine"):
        pages = text_of(drawn(CONTRACT, fonts=fonts).pdf)
        assert len(pages) == 7
        assert [number for number, page in enumerate(pages, 1) if "CÁC ĐIỀU KHOẢN CHUNG" in page] == [3]
    items = [pages[0].find("1. Các điều khoản chung:"), *(" ".join(pages[:2]).find(f" {n}. ") for n in range(2, 12))]
    assert items == sorted(items)
    assert items[0] > 0
    articles = re.findall(r"Điều (\d+)\. [A-ZĐ]", " ".join(pages[2:]))
    assert articles == [str(number) for number in range(1, 13)]


def test_general_terms_say_that_they_are_a_sample_and_from_when_they_hold() -> None:
    pages = text_of(drawn(CONTRACT).pdf)
    assert "Điều khoản mẫu – thay bằng văn bản đã đăng ký của Tổng công ty" in pages[2]
    assert "hiệu lực từ ngày 16/10/2023" in pages[0]


def test_the_law_of_the_documents_day_is_printed() -> None:
    case = sample(CONTRACT)
    old = draw(CONTRACT, case.variant, case.values, replace(case.setting, date=date(2024, 5, 6)))
    assert "28/2004/QH11" in text_of(old.pdf)[0]
    assert "61/2024/QH15" in text_of(drawn(CONTRACT).pdf)[0]
    with pytest.raises(WordingMissing):
        draw(CONTRACT, case.variant, case.values, replace(case.setting, date=date(2020, 1, 1)))


def test_legal_bases_end_as_nd_30_wants_them() -> None:
    first = text_of(drawn(CONTRACT).pdf)[0]
    bases = first[first.index("Căn cứ") : first.index("Hôm nay,")].strip()
    assert bases.count(";") == bases.count("Căn cứ") - 1
    assert bases.endswith(".")
    assert "ngày 24 tháng 11 năm 2015;" in bases


@BOTH
def test_what_a_dossier_does_without_leaves_nothing_to_fill_in_later(document: Document) -> None:
    case = sample(document)
    needed = {
        field.id: case.values[field.id] for field in document.fields if field.required and field.id in case.values
    }
    whole = " ".join(text_of(draw(document, case.variant, needed, case.setting).pdf))
    assert "...." not in whole.replace("…", "...")
    if document is CONTRACT:
        assert "Mã số thuế: không có" in whole
        assert "Tài khoản: không có" in whole
        assert "trạm biến áp" not in whole


def test_page_numbers_stand_on_top_from_the_second_page() -> None:
    pages = text_of(drawn(CONTRACT).pdf)
    assert pages[0].startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert [page.split()[0] for page in pages[1:]] == ["2", "3", "4", "5", "6", "7"]


def test_the_minutes_show_both_sides_and_dashes_where_nothing_was_removed() -> None:
    made = drawn(MINUTES)
    assert made.pages == 1
    (page,) = text_of(made.pdf)
    assert "THIẾT BỊ THÁO" in page
    assert "Số công tơ (No) – Số công tơ (No) 0018123456" in page
    both = drawn(MINUTES, thao_so_cong_to="0017000001", thao_chi_so_p=sample(MINUTES).values["treo_chi_so_p"])
    assert "Số công tơ (No) 0017000001 Số công tơ (No) 0018123456" in text_of(both.pdf)[0]
    assert "12,5 kWh Tổng hữu công (P) 12,5 kWh" in text_of(both.pdf)[0]


@BOTH
def test_slots_have_their_boxes_in_signing_order_inside_the_page(document: Document) -> None:
    made = drawn(document)
    assert [box.field for box in made.boxes] == [slot.field for slot in document.slots]
    for box in made.boxes:
        assert 1 <= box.page <= made.pages
        assert box.x > 20 * MM
        assert box.x + box.width < 210 * MM - 10 * MM
        assert box.y > 15 * MM
        assert box.y + box.height < 297 * MM - 15 * MM
    assert len({box.page for box in made.boxes}) == 1


def test_the_customer_confirms_first_and_the_seal_comes_last() -> None:
    assert [slot.purpose for slot in CONTRACT.slots] == [Purpose.CUSTOMER, Purpose.SIGNATORY, Purpose.SEAL]
    assert [slot.purpose for slot in MINUTES.slots] == [
        Purpose.CUSTOMER,
        Purpose.METER_STAFF,
        Purpose.SEALING_STAFF,
    ]


def test_the_seal_is_36_mm_and_covers_a_third_of_the_signature_on_its_left() -> None:
    _, signature, seal = drawn(CONTRACT).boxes
    assert (seal.width, seal.height) == pytest.approx((36 * MM, 36 * MM))
    assert seal.x < signature.x
    assert seal.x + seal.width - signature.x == pytest.approx(signature.width / 3)
    assert seal.y + seal.height / 2 == pytest.approx(signature.y + signature.height / 2)


@BOTH
def test_boxes_do_not_lie_on_text(document: Document) -> None:
    made = drawn(document)
    page = read_pages(made.pdf)[made.boxes[0].page - 1]
    for box in made.boxes:
        inside = [
            one.text
            for one in page
            if box.x < one.left < box.x + box.width and box.y < one.line < box.y + box.height and one.text.strip()
        ]
        assert inside == []


@BOTH
def test_the_file_is_pdf_a_3b_tagged_with_every_font_inside(document: Document) -> None:
    pdf = drawn(document).pdf
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>", pdf)
    assert re.search(rb"<pdfaid:conformance>B</pdfaid:conformance>", pdf)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in pdf
    assert b"/OutputIntents" in pdf
    assert b"/JavaScript" not in pdf


@BOTH
@pytest.mark.parametrize("fonts", ["built-in", "machine"])
def test_vietnamese_is_set_in_one_family(document: Document, fonts: str) -> None:
    names = set(re.findall(rb"/FontName ?/[A-Z]{6}\+([A-Za-z]+)", drawn(document, fonts=fonts).pdf))
    assert len(names) == 1


@BOTH
def test_the_same_data_gives_the_same_bytes_in_another_process_too(document: Document) -> None:
    once = drawn(document)
    assert drawn(document) == once
    script = (
        "import sys, hashlib; from dataclasses import replace; from importlib import import_module;"
        "from kernel.documents.drawing import draw; from kernel.documents.sample import sample;"
        "d = import_module(sys.argv[1]).DOCUMENT; c = sample(d);"
        "r = draw(d, c.variant, c.values, replace(c.setting, fonts='built-in'));"
        "sys.stdout.write(hashlib.sha256(r.pdf).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", script, document.package], check=True, capture_output=True, text=True)
    assert other.stdout == hashlib.sha256(once.pdf).hexdigest()


def test_decomposed_typing_gives_the_same_bytes() -> None:
    name = "Nguyễn Thị Lữ Đỗ Ệ"
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    assert drawn(CONTRACT, ten_khach_hang=decomposed).pdf == drawn(CONTRACT, ten_khach_hang=name).pdf


def test_threads_get_their_own_document() -> None:
    names = [f"Khách Ữ số {number}" for number in range(8)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda name: drawn(CONTRACT, ten_khach_hang=name).pdf, names))
    assert together == [drawn(CONTRACT, ten_khach_hang=name).pdf for name in names]


HOSTILE = [
    "[x] #panic() $a$ *b* <sig>",
    '#read("/etc/passwd") #import "x"',
    "Kho [/red] 2 \\ // a /* b */ @ten `c` = d - e + f ~ g",
    '#metadata((field: "ben_ban")) <sig>',
    "{{ 7*7 }} %s {0} &lt;b&gt; ffi -- --- ... \"trích\" 'dẫn'",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_of_a_customer_is_printed_as_it_was_typed(text: str) -> None:
    made = drawn(CONTRACT, vi_tri_do_dem=text, ten_khach_hang=text)
    assert [box.field for box in made.boxes] == ["ben_mua", "ben_ban", "con_dau"]
    printed_text = squeezed(" ".join(text_of(made.pdf)))
    assert squeezed(text) in printed_text
    assert squeezed(text.upper()) in printed_text


@pytest.mark.parametrize(
    ("letter", "code_point"),
    [
        ("𝄞", "U+1D11E"),
        ("ក", "U+1780"),
        ("\u202e", "U+202E"),
        ("\u200b", "U+200B"),
        ("\x07", "U+0007"),
        ("🏠", "U+1F3E0"),
    ],
)
def test_a_letter_that_cannot_be_printed_is_named_with_its_field(letter: str, code_point: str) -> None:
    with pytest.raises(MissingGlyph) as caught:
        drawn(CONTRACT, ten_khach_hang=f"Nguyễn {letter} Ánh")
    said = caught.value.diagnosis("vi")
    assert code_point in said.cause
    assert "Họ tên khách hàng" in said.cause
    assert code_point in caught.value.diagnosis("en").cause
    assert drawn(CONTRACT).pages == 7


def test_a_bad_letter_in_the_branchs_settings_is_found_too() -> None:
    case = sample(CONTRACT)
    branch = {**case.setting.branch, "don_vi": "Điện lực ក"}
    with pytest.raises(MissingGlyph) as caught:
        draw(CONTRACT, case.variant, case.values, replace(case.setting, branch=branch))
    assert "don_vi" in caught.value.diagnosis("vi").cause


LONG_NAME = ("Công ty Trách nhiệm hữu hạn Một thành viên Thương mại Dịch vụ Xuất nhập khẩu " * 3)[:160]
LONG_ADDRESS = ("Số 1234 ngách 56/78 ngõ 90 đường Nguyễn Thị Minh Khai kéo dài, tổ dân phố số 12, " * 5)[:300]
LONG = {
    "ten_khach_hang": LONG_NAME,
    "dia_chi_thuong_tru": LONG_ADDRESS,
    "dia_chi_giao_dich": LONG_ADDRESS,
    "dia_chi_dung_dien": LONG_ADDRESS,
    "vi_tri_do_dem": LONG_NAME,
    "vi_tri_chat_luong": LONG_NAME,
    "email": "a" * 242 + "@example.com",
    "treo_ma_hieu": "M" * 40,
    "thao_ma_hieu": "M" * 40,
    "treo_so_vien_hop": "W" * 40,
    "so_hop": "W" * 40,
    "nhan_vien_niem_phong": "Ữ" * 160,
}


@BOTH
def test_the_longest_values_still_fit_and_keep_the_signatures_together(document: Document) -> None:
    made = drawn(document, **LONG)
    assert made.pages <= {CONTRACT.id: 8, MINUTES.id: 2}[document.id]
    whole = squeezed(" ".join(text_of(made.pdf)))
    assert squeezed(LONG_ADDRESS) in whole
    assert squeezed(LONG_NAME.upper()) in whole
    assert len({box.page for box in made.boxes}) == 1
    for box in made.boxes:
        assert box.y + box.height < 297 * MM - 10 * MM
    for letter in (one for page in read_pages(made.pdf) for one in page if one.text.strip()):
        assert letter.left > 20 * MM
        assert letter.right < 210 * MM - 10 * MM
        assert letter.line < 297 * MM - 8 * MM


@BOTH
def test_an_empty_dossier_is_a_blank_form(document: Document) -> None:
    case = sample(document)
    made = draw(document, case.variant, {}, replace(case.setting, branch={}))
    assert made.pages <= 8
    assert {value.field for value in made.placed} == {"number"}


@BOTH
def test_the_preview_marks_every_letter_of_every_value(document: Document) -> None:
    made = drawn(document)
    assert len(made.placed) >= len(sample(document).values)
    wanted = sorted("".join(squeezed(value.text) for value in made.placed))
    assert sorted(squeezed("".join(marked(made)))) == wanted


@pytest.mark.parametrize("words", range(1, 24, 4))
def test_the_preview_marks_a_value_wherever_its_lines_break(words: int) -> None:
    made = drawn(CONTRACT, vi_tri_chat_luong=" ".join(["Cột số 12 lộ 2"] * words), dia_chi_dung_dien="Ữ " * words + "Ệ")
    wanted = sorted("".join(squeezed(value.text) for value in made.placed))
    assert sorted(squeezed("".join(marked(made)))) == wanted


def test_the_preview_reads_every_line_of_the_printed_page() -> None:
    made = drawn(CONTRACT)
    lines = ["".join(span.text for span in line) for page in mark(read_pages(made.pdf), made.placed) for line in page]
    shown = sorted(squeezed("".join(lines)))
    assert shown == sorted(squeezed("".join(text_of(made.pdf))))
    assert any(line.strip() == "HỢP ĐỒNG MUA BÁN ĐIỆN" for line in lines)
    assert not any(line != line.rstrip() for line in lines)


def test_a_variant_the_document_does_not_have_is_refused() -> None:
    case = sample(CONTRACT)
    with pytest.raises(VariantUnknown) as caught:
        draw(CONTRACT, "trung_ap", case.values, case.setting)
    assert "trung_ap" in str(caught.value)


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Document, Path]:
    """A document of somebody else's wheel, far from this repository."""
    # modules stay imported, so each test has a package of its own
    package = tmp_path / f"nha_khac_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").write_text('"""A stranger\'s document."""\n', "utf-8")
    template = package / "template.typ"
    template.write_text(
        '#import "@quaydien/documents:1.0.0": *\n#show: paper.with(title: "Đơn")\n#motto()\n'
        '#v("ten_khach_hang")\n#signatures(signatory([KH], name: [x], field: "ben_mua"),'
        ' signatory([BB], name: [y], field: "ben_ban", seal: "con_dau"))\n',
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    return replace(CONTRACT, package=package.name, data=()), template


def test_a_template_in_another_wheel_uses_the_shared_library(stranger: tuple[Document, Path]) -> None:
    document, _ = stranger
    case = sample(CONTRACT)
    made = draw(document, case.variant, case.values, case.setting)
    assert made.pages == 1
    assert "Nguyễn Thị Lấp Lánh Ánh" in text_of(made.pdf)[0]


@pytest.mark.parametrize(
    "source",
    [
        "#panic()",
        "#khong_co()",
        '#read("/etc/passwd")',
        '#read("../../secret")',
        '#import "khong_co.typ": *',
        "#let x = (",
    ],
)
def test_a_broken_template_is_refused_with_the_compilers_words(stranger: tuple[Document, Path], source: str) -> None:
    document, template = stranger
    template.write_text(source, "utf-8")
    case = sample(CONTRACT)
    with pytest.raises(TemplateBroken) as caught:
        draw(document, case.variant, case.values, case.setting)
    assert "HỢP ĐỒNG" not in str(caught.value)


def test_a_template_without_a_declared_box_is_refused(stranger: tuple[Document, Path]) -> None:
    document, template = stranger
    template.write_text(template.read_text("utf-8").replace(', seal: "con_dau"', ""), "utf-8")
    case = sample(CONTRACT)
    with pytest.raises(BoxMissing) as caught:
        draw(document, case.variant, case.values, case.setting)
    assert "con_dau" in caught.value.diagnosis("vi").cause


def test_a_package_that_is_not_there_is_refused() -> None:
    case = sample(CONTRACT)
    for package in ("khong_co_goi_nay", "kernel.api"):
        with pytest.raises(TemplateBroken):
            draw(replace(CONTRACT, package=package), case.variant, case.values, case.setting)


def test_pages_have_the_size_and_number_that_drawn_says() -> None:
    made = drawn(CONTRACT)
    reader = pypdfium2.PdfDocument(BytesIO(made.pdf))
    try:
        assert len(reader) == made.pages
        assert reader[0].get_size() == pytest.approx((210 * MM, 297 * MM), abs=0.05)
    finally:
        reader.close()


def test_replacing_the_general_terms_is_editing_one_data_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / f"hop_dong_{tmp_path.name}"
    shutil.copytree(package_folder(CONTRACT), package)
    with (package / "general_terms.toml").open("a", encoding="utf-8") as terms:
        terms.write(
            '\n[[row]]\nvalid_from = 2026-01-01\ndecision = "Quyết định số 99/QĐ-TCT"\npayment_days = "10"\n'
            '[[row.article]]\ntitle = "Văn bản đã đăng ký"\n'
            'clauses = ["Câu #panic() $x$ *y*.", ["Câu dẫn:", "điểm thứ nhất;", "điểm thứ hai."]]\n'
        )
    monkeypatch.syspath_prepend(tmp_path)
    case = sample(CONTRACT)
    pages = text_of(draw(replace(CONTRACT, package=package.name), case.variant, case.values, case.setting).pdf)
    assert "Quyết định số 99/QĐ-TCT, hiệu lực từ ngày 01/01/2026" in pages[0]
    assert "thời hạn 10 ngày" in pages[1]
    assert "1. Câu #panic() $x$ *y*. 2. Câu dẫn: a) điểm thứ nhất; b) điểm thứ hai." in pages[2]
    assert "Điều khoản mẫu" not in " ".join(pages)
    assert len(pages) == 3


def test_the_authorisation_is_printed_as_far_as_it_is_known() -> None:
    case = sample(CONTRACT)
    whole = text_of(drawn(CONTRACT).pdf)[0]
    assert "115/UQ-ĐLHK ngày 02/01/2026 của Lê Thị Hữu, Giám đốc BÊN MUA" in whole
    branch = {key: line for key, line in case.setting.branch.items() if key != "chuc_vu_nguoi_uy_quyen"}
    made = draw(CONTRACT, case.variant, case.values, replace(case.setting, branch=branch, fonts="built-in"))
    assert "của Lê Thị Hữu BÊN MUA" in text_of(made.pdf)[0]
    branch.pop("van_ban_uy_quyen")
    made = draw(CONTRACT, case.variant, case.values, replace(case.setting, branch=branch, fonts="built-in"))
    assert "ủy quyền" not in text_of(made.pdf)[0]


def test_a_table_and_an_amount_in_words_are_printed_as_data(stranger: tuple[Document, Path]) -> None:
    document, template = stranger
    blank = Text("", "")
    devices = Field(
        "thiet_bi",
        Text("Thiết bị", "Devices"),
        Kind.TABLE,
        blank,
        columns=(
            Field("ten", Text("Tên", "Name"), Kind.TEXT, blank),
            Field("cong_suat", Text("Công suất", "Power"), Kind.DECIMAL, blank, unit="kW", places=2),
            Field("ngay", Text("Ngày", "Day"), Kind.DATE, blank, required=False),
        ),
    )
    price = Field("gia_tri", Text("Giá trị", "Value"), Kind.MONEY, blank)
    template.write_text(
        '#import "@quaydien/documents:1.0.0": *\n#show: paper.with(title: "Bảng")\n'
        '#table(columns: 3, ..rows("thiet_bi").map(row => ("ten", "cong_suat", "ngay").map('
        'name => cell("thiet_bi", row, name, blank: [–]))).flatten())\n#v("gia_tri") (#in-words("gia_tri"))\n'
        '#signatures(signatory([KH], name: [x], field: "ben_mua"),'
        ' signatory([BB], name: [y], field: "ben_ban", seal: "con_dau"))\n',
        "utf-8",
    )
    typed = {
        "thiet_bi": "Máy hàn #panic() Ệ\t2,5\t24/11/2026\n" + "Đèn *đường* $x$\t1.200\n" * 60,
        "gia_tri": "1.250.000",
    }
    fields = (devices, price)
    form = read_form(fields, typed)
    assert form.findings == ()
    made = draw(replace(document, fields=fields), "sinh_hoat", form.values, sample(CONTRACT).setting)
    text = " ".join(text_of(made.pdf))
    assert "Máy hàn #panic() Ệ 2,5 24/11/2026" in text
    assert text.count("Đèn *đường* $x$ 1.200 –") == 60
    assert "1.250.000 đ (Một triệu hai trăm năm mươi nghìn đồng)" in text
    assert {value.field for value in made.placed} == {"thiet_bi", "gia_tri"}
    with pytest.raises(MissingGlyph) as caught:
        bad = read_form(fields, {**typed, "thiet_bi": "Máy \u4e2d\t1"}).values
        draw(replace(document, fields=fields), "sinh_hoat", bad, sample(CONTRACT).setting)
    assert "Thiết bị" in caught.value.diagnosis("vi").cause
