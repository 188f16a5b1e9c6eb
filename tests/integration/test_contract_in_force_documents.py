"""What parties of a contract in force agree on: the annex and the minutes, as drawn."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from kernel.api.documents import Purpose
from kernel.api.fields import Kind
from kernel.api.forms import read_form
from kernel.api.reading import shown
from kernel.documents.drawing import Drawn, draw
from kernel.documents.preview import mark, read_pages
from kernel.documents.printing import printed, printed_rows
from kernel.documents.sample import sample
from plugins.documents.phu_luc_hop_dong import DOCUMENT as ANNEX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value

DOCUMENTS = [ANNEX]
EVERY = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.id)
GOLDEN = Path(__file__).parents[1] / "golden"
MM = 72 / 25.4


def drawn(document: Document, *, day: date | None = None, fonts: Any = "built-in", **values: Any) -> Drawn:
    case = sample(document)
    setting = replace(case.setting, fonts=fonts, date=day or case.setting.date)
    return draw(document, case.variant, {**case.values, **values}, setting)


def pages_of(pdf: bytes) -> list[str]:
    reader = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in reader]
    finally:
        reader.close()


def text_of(made: Drawn) -> str:
    return " ".join(" ".join(pages_of(made.pdf)).split())


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def typed(document: Document, **changes: str) -> dict[str, str]:
    """Return the sample as a clerk typed it, some fields typed otherwise."""
    values = sample(document).values
    case = {field.id: shown(field, values[field.id]) for field in document.fields if field.id in values}
    return {**case, **changes}


def read(document: Document, **changes: str) -> Mapping[str, Value]:
    form = read_form(document.fields, typed(document, **changes))
    assert [one for one in form.findings if one.severity == "error"] == []
    return form.values


def wrong(document: Document, **changes: str) -> list[tuple[str, str]]:
    findings = read_form(document.fields, typed(document, **changes)).findings
    return [(one.field, one.code) for one in findings if one.severity == "error"]


@EVERY
def test_the_text_is_the_one_a_person_read(document: Document) -> None:
    file = GOLDEN / f"{document.id}.txt"
    text = "\n\f\n".join("\n".join(page.splitlines()) for page in pages_of(drawn(document).pdf)) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, "utf-8")
    assert text.split() == file.read_text("utf-8").split()


@EVERY
@pytest.mark.parametrize("fonts", ["built-in", "machine"])
def test_every_value_and_every_cell_stands_in_the_text(document: Document, fonts: str) -> None:
    values = sample(document).values
    whole = squeezed(text_of(drawn(document, fonts=fonts)))
    for field in document.fields:
        if field.id not in values:
            continue
        if field.kind is Kind.TABLE:
            cells = [cell for row in printed_rows(field, values[field.id]) for cell in row.values()]
            assert [cell for cell in cells if squeezed(cell) not in whole] == [], field.id
        elif field.kind is Kind.DATE:
            day = values[field.id]
            assert isinstance(day, date)
            assert f"{day:%d/%m/%Y}" in whole or f"ngày{day:%d}tháng" in whole, field.id
        elif field.id != "hinh_thuc_lap":
            assert squeezed(printed(field, values[field.id])) in whole, field.id
    assert squeezed(sample(document).setting.number) in whole


@EVERY
def test_the_customer_agrees_first_and_the_seal_comes_last(document: Document) -> None:
    assert [slot.purpose for slot in document.slots] == [Purpose.CUSTOMER, Purpose.SIGNATORY, Purpose.SEAL]
    made = drawn(document)
    assert len({box.page for box in made.boxes}) == 1
    _, signature, seal = made.boxes
    assert (seal.width, seal.height) == pytest.approx((36 * MM, 36 * MM))
    assert seal.x + seal.width - signature.x == pytest.approx(signature.width / 3)
    page = read_pages(made.pdf)[made.boxes[0].page - 1]
    for box in made.boxes:
        under = [
            one.text
            for one in page
            if box.x < one.left < box.x + box.width and box.y < one.line < box.y + box.height and one.text.strip()
        ]
        assert under == []


@EVERY
def test_only_what_is_required_leaves_nothing_to_fill_in_later(document: Document) -> None:
    case = sample(document)
    needed = {
        field.id: case.values[field.id] for field in document.fields if field.required and field.id in case.values
    }
    text = text_of(draw(document, case.variant, needed, case.setting))
    assert "...." not in text.replace("…", "...")


@EVERY
def test_a_document_without_values_is_a_blank_form(document: Document) -> None:
    case = sample(document)
    made = draw(document, case.variant, {}, replace(case.setting, branch={}))
    assert {value.field for value in made.placed} == {"number"}
    text = text_of(made)
    assert "Trường hợp lập trên giấy" in text
    assert "Trường hợp lập bằng phương thức điện tử" in text


@EVERY
def test_paper_and_electronic_form_have_their_own_closing(document: Document) -> None:
    electronic, paper = text_of(drawn(document)), text_of(drawn(document, hinh_thuc_lap="giay"))
    assert "lập dưới dạng dữ liệu điện tử" in electronic
    assert "02 bản" not in electronic
    assert "lập thành 02 bản" in paper
    assert "dữ liệu điện tử" not in paper


@EVERY
def test_the_preview_marks_every_letter_of_every_value(document: Document) -> None:
    made = drawn(document)
    spans = [span for page in mark(read_pages(made.pdf), made.placed) for line in page for span in line if span.value]
    assert sorted("".join("".join(span.text.split()) for span in spans)) == sorted(
        "".join("".join(value.text.split()) for value in made.placed)
    )


LONG_NAME = ("Công ty Trách nhiệm hữu hạn Một thành viên Thương mại Dịch vụ Xuất nhập khẩu " * 3)[:160]
LONG_ADDRESS = ("Số 1234 ngách 56/78 ngõ 90 đường Nguyễn Thị Minh Khai kéo dài, tổ dân phố số 12, " * 5)[:250]
LONG: dict[str, Any] = {
    "ten_khach_hang": LONG_NAME,
    "dia_chi_giao_dich": LONG_ADDRESS,
    "dia_chi_dung_dien": LONG_ADDRESS,
    "email": "a" * 242 + "@example.com",
    "nguoi_dai_dien": "Ữ" * 160,
    "noi_dang_ky": LONG_NAME[:120],
    "so_hop_dong_hien_hanh": "W" * 40,
    "can_cu_sua_doi": LONG_ADDRESS,
}
LONG_TABLES: dict[str, dict[str, str]] = {
    ANNEX.id: {
        "noi_dung_sua_doi": "\n".join(
            f"thoi_han\t{'W' * 60}\t{LONG_ADDRESS}\t{'ữ' * 40} {LONG_ADDRESS}" for _ in range(30)
        )
    },
}


@EVERY
@pytest.mark.parametrize("fonts", ["built-in", "machine"])
def test_the_longest_values_stay_on_the_paper(document: Document, fonts: str) -> None:
    values: dict[str, Any] = {**read(document, **LONG_TABLES[document.id])}
    made = drawn(document, fonts=fonts, **{**values, **LONG})
    assert squeezed(LONG_ADDRESS) in squeezed(text_of(made))
    assert len({box.page for box in made.boxes}) == 1
    for letter in (one for page in read_pages(made.pdf) for one in page if one.text.strip()):
        assert letter.left > 20 * MM
        assert letter.right < 210 * MM - 10 * MM
        assert letter.line < 297 * MM - 10 * MM


@EVERY
def test_a_table_over_pages_repeats_its_heading(document: Document) -> None:
    values: dict[str, Any] = {**read(document, **LONG_TABLES[document.id])}
    pages = [squeezed(page) for page in pages_of(drawn(document, **values).pdf)]
    heading = squeezed(HEADINGS[document.id])
    assert sum(heading in page for page in pages) >= 2


HEADINGS = {ANNEX.id: "TT Điều, khoản của Hợp đồng Nội dung cũ Nội dung mới"}


def test_an_annex_is_counted_within_its_contract() -> None:
    assert "PHỤ LỤC SỐ 01 SỬA ĐỔI, BỔ SUNG" in text_of(drawn(ANNEX))
    assert "PHỤ LỤC SỐ 12 SỬA ĐỔI, BỔ SUNG" in text_of(drawn(ANNEX, phu_luc_thu=12))


def test_an_addition_has_no_old_wording() -> None:
    text = text_of(drawn(ANNEX))
    assert "Mục 11: Thỏa thuận khác Chưa có (bổ sung) Bên B cử bà" in text


def test_the_law_of_the_documents_day_stands_in_the_grounds() -> None:
    text = text_of(drawn(ANNEX))
    assert "ngày 24 tháng 11 năm 2015; Căn cứ Luật Điện lực số 61/2024/QH15" in text
    assert "Bên B ngày 20/11/2026. Hôm nay" in text
    assert "28/2004/QH11" in text_of(drawn(ANNEX, day=date(2024, 5, 6)))


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"noi_dung_sua_doi": ""}, ("noi_dung_sua_doi", "required")),
        ({"noi_dung_sua_doi": "so_ho\tMục 2\t1 hộ\t"}, ("noi_dung_sua_doi", "required")),
        ({"noi_dung_sua_doi": "không có\tMục 2\t1 hộ\t2 hộ"}, ("noi_dung_sua_doi", "choice_unknown")),
        ({"phu_luc_thu": "0"}, ("phu_luc_thu", "number_between")),
        ({"so_hop_dong_hien_hanh": ""}, ("so_hop_dong_hien_hanh", "required")),
    ],
)
def test_an_annex_that_changes_nothing_is_refused(changes: dict[str, str], finding: tuple[str, str]) -> None:
    assert finding in wrong(ANNEX, **changes)
