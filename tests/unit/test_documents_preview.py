"""Marking values in letters read from a page, without a PDF."""

from __future__ import annotations

import pytest

from kernel.documents.drawing import PlacedValue
from kernel.documents.errors import NotReadable
from kernel.documents.preview import Letter, Span, mark, read_pages
from kernel.documents.stamp import covered_left
from kernel.signing.boxes import SignatureBox


def letters(text: str, x: float, y: float) -> list[Letter]:
    return [Letter(one, x + 6 * place, x + 6 * place + 6, y) for place, one in enumerate(text)]


def test_the_same_word_is_marked_only_where_the_template_set_it() -> None:
    page = letters("Số 5 là 5", 100, 50)
    (line,) = mark([page], [PlacedValue("x", "5", 1, 100 + 6 * 8, 50)])[0]
    assert line[-1] == Span("5", value=True)
    assert "".join(span.text for span in line if not span.value).strip() == "Số 5 là"


def test_a_value_broken_over_two_lines_is_marked_on_both_with_its_spaces() -> None:
    page = [*letters("tại Số 7 ngõ", 100, 50), *letters("Đỗ Hành, Ữ", 100, 66)]
    lines = mark([page], [PlacedValue("x", "Số 7 ngõ Đỗ Hành", 1, 124, 50)])[0]
    assert [span.text for line in lines for span in line if span.value] == ["Số 7 ngõ", "Đỗ Hành"]


def test_a_value_that_opens_a_line_is_found_from_the_end_of_the_line_before() -> None:
    page = [*letters("xác định tại: ", 100, 50), *letters("Cột 12.", 100, 66)]
    lines = mark([page], [PlacedValue("x", "Cột 12", 1, 184, 50)])[0]
    assert [span for span in lines[1] if span.value] == [Span("Cột 12", value=True)]


def test_a_value_may_go_on_overleaf_behind_the_page_number() -> None:
    first = letters("tại phường Hoàn", 100, 800)
    second = [*letters("2", 300, 30), *letters("Kiếm, Hà Nội; mã", 100, 60)]
    pages = mark([first, second], [PlacedValue("x", "phường Hoàn Kiếm, Hà Nội", 1, 124, 800)])
    marked = [span.text for page in pages for line in page for span in line if span.value]
    assert marked == ["phường Hoàn", "Kiếm, Hà Nội"]


def test_columns_stand_side_by_side_and_under_each_other() -> None:
    page = [*letters("Tháo", 90, 50), *letters("Treo", 300, 50), *letters("1", 90, 62), *letters("2", 300, 62)]
    text = ["".join(span.text for span in line) for line in mark([page], [])[0]]
    assert [row.index(word) for row, word in zip(text, ("Treo", "2"), strict=True)] == [41, 41]


@pytest.mark.parametrize("bad", [b"", b"khong phai PDF", b"%PDF-1.7\n%%EOF"])
def test_what_is_not_a_pdf_is_refused(bad: bytes) -> None:
    with pytest.raises(NotReadable) as caught:
        read_pages(bad)
    assert "PDF" in caught.value.diagnosis("vi").title


def test_the_part_of_a_box_under_the_seal_is_known() -> None:
    signature = SignatureBox("ben_ban", 2, 300, 100, 90, 40)
    seal = SignatureBox("con_dau", 2, 250, 90, 80, 80)
    elsewhere = SignatureBox("khac", 1, 250, 90, 80, 80)
    assert covered_left(signature, [signature, seal, elsewhere]) == 30
    assert covered_left(seal, [signature, seal]) == 0
