"""A printed page on a narrow screen."""

from __future__ import annotations

import pytest

from console.desk import Span
from console.reflow import Line, reflow


def plain(text: str) -> Line:
    return (Span(text, value=False),)


def text_of(lines: list[Line]) -> list[str]:
    return ["".join(span.text for span in line) for line in lines]


PAGE = [
    plain("                    CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    plain("        Căn cứ Luật Bảo vệ quyền lợi người tiêu dùng số 19/2023/QH15 ngày 20/6/2023 và Luật"),
    plain("    Giao dịch điện tử số 20/2023/QH15 ngày 22/6/2023"),
    plain("        Căn cứ Nghị định số 18/2025/NĐ-CP ngày 08/02/2025 của Chính phủ về hoạt động mua"),
    (Span("    bán điện tại ", value=False), Span("Số 5 ngõ Đỗ Hành", value=True), Span(".", value=False)),
    plain("    Điện thoại của khách hàng, số nhận mã xác nhận và mọi thông báo về điện: 0900 000 012"),
    plain("    Mã khách hàng: PD05000131264                              Điện thoại: 0900 000 012"),
]


def test_a_page_that_fits_stays_as_it_is_printed() -> None:
    assert reflow(PAGE, 100) == PAGE


@pytest.mark.parametrize("width", [56, 76])
def test_prose_flows_on_and_columns_move_together(width: int) -> None:
    lines = text_of(reflow(PAGE, width))
    assert lines[1] == (
        "  Căn cứ Luật Bảo vệ quyền lợi người tiêu dùng số 19/2023/QH15 ngày 20/6/2023 và Luật"
        " Giao dịch điện tử số 20/2023/QH15 ngày 22/6/2023"
    )
    assert lines[2].endswith("của Chính phủ về hoạt động mua bán điện tại Số 5 ngõ Đỗ Hành.")
    assert len(lines) == 5
    assert len(lines[4]) <= max(width, 57)
    assert lines[4].split("  ")[-1].strip() == "Điện thoại: 0900 000 012"


def test_what_was_filled_in_stays_marked() -> None:
    marked = [span for line in reflow(PAGE, 60) for span in line if span.value]
    assert marked == [Span("Số 5 ngõ Đỗ Hành", value=True)]


def test_a_value_broken_over_lines_is_one_again() -> None:
    lines = [
        (
            Span("        Bên A bán điện cho Bên B theo hợp đồng này tại: ", value=False),
            Span("Số 5 ngõ Đỗ", value=True),
        ),
        (Span("    ", value=False), Span("Hành, phường Láng", value=True), Span(".", value=False)),
    ]
    (line,) = reflow(lines, 40)
    assert [(span.text, span.value) for span in line if span.value] == [
        ("Số 5 ngõ Đỗ", True), (" ", True), ("Hành, phường Láng", True),
    ]  # fmt: skip


def test_no_word_is_lost_or_added() -> None:
    words = " ".join(text_of(PAGE)).split()
    for width in (1, 20, 40, 60, 80, 87):
        assert " ".join(text_of(reflow(PAGE, width))).split() == words


def test_columns_of_several_spans_move_together() -> None:
    line = (
        Span("Số công tơ  ", value=False), Span("0018123456", value=True),
        Span("                          Năm  ", value=False), Span("2025", value=True),
    )  # fmt: skip
    (squeezed,) = text_of(reflow([line], 40))
    assert squeezed == "Số công tơ  0018123456     Năm  2025"


@pytest.mark.parametrize("lines", [[], [()], [plain("")], [plain("x" * 90)], [(Span("", value=True), *plain("  "))]])
def test_empty_and_endless_lines(lines: list[Line]) -> None:
    assert "".join(text_of(reflow(lines, 40))).split() == "".join(text_of(lines)).split()
