"""What parties of a contract in force agree on: the annex and the minutes, as drawn."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from kernel.api.documents import Purpose
from kernel.api.fields import Kind
from kernel.api.forms import read_form
from kernel.api.reading import shown
from kernel.documents.drawing import Drawn, draw, package_folder
from kernel.documents.preview import mark, read_pages
from kernel.documents.printing import printed, printed_rows
from kernel.documents.sample import sample
from kernel.documents.wording import in_force
from plugins.documents.bien_ban_cham_dut import DOCUMENT as ENDING
from plugins.documents.phu_luc_hop_dong import DOCUMENT as ANNEX
from plugins.documents.thoa_thuan_so_ho import DOCUMENT as HOUSEHOLDS
from plugins.documents.thoa_thuan_ty_le_muc_dich import DOCUMENT as PURPOSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value

DOCUMENTS = [ANNEX, ENDING, HOUSEHOLDS, PURPOSES]
EVERY = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.id)
GOLDEN = Path(__file__).parents[1] / "golden"
MM = 72 / 25.4
IN_OTHER_WORDS = {"loai_dinh_muc", "theo_thoi_gian"}
"""Columns that say how another is printed: as % or kWh, with one price or three."""


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
            rows = printed_rows(field, values[field.id])
            cells = [cell for row in rows for column, cell in row.items() if column not in IN_OTHER_WORDS]
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
    ENDING.id: {
        "he_thong_cham_dut": "\n".join(
            f"PD05000200371{n:03}\t{'W' * 20}\tVC\t{'1' * 9}/{'5' * 10}\t{'2' * 10}/{'1' * 9}\t999999,999\t99999999"
            for n in range(30)
        )
    },
    PURPOSES.id: {
        "thiet_bi_su_dung": "\n".join(
            f"{'W' * 60} {'ữ' * 59}\t99999,999\t9999\t0,99\t23,9\t31\tHCSN(CS)" for _ in range(40)
        ),
        "ap_gia": "\n".join(
            f"{'W' * 18}{n // 2:02}\t{'W' * 20}\t99999999\t{'KDDV' if n % 2 else 'HCSN(CS)'}\t"
            + ("con_lai\t\tCó" if n % 2 else "kwh\t9999999,99\tKhông")
            for n in range(12)
        ),
    },
    HOUSEHOLDS.id: {
        "danh_sach_ho": "\n".join(
            f"{'ho' if n % 2 else 'thue'}\t{LONG_NAME if n < 3 else 'Nguyễn Ữ'}\t0010900000{n:02}\t{LONG_ADDRESS}\t"
            f"tạm trú\t{n + 1}\t{'W' * 80}"
            for n in range(30)
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


HEADINGS = {
    ANNEX.id: "TT Điều, khoản của Hợp đồng Nội dung cũ Nội dung mới",
    ENDING.id: "Điểm đo Số công tơ Loại TI TU Hệ số nhân Chỉ số chốt",
    PURPOSES.id: "(1) (2) (3) (4) (5) (6) (7)",
    HOUSEHOLDS.id: "Nhân khẩu Số hộ Quan hệ, ghi chú Chữ ký",
}


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


def test_the_end_of_a_contract_names_both_parties_and_every_register() -> None:
    text = text_of(drawn(ENDING))
    assert "số 24/000123 ngày 15/03/2024 giữa Điện lực Hoàn Kiếm và Công ty TNHH Cơ khí Đặng Ữ" in text
    assert "kể từ ngày 27 tháng 11 năm 2026" in text
    assert "PD05000200371001 0018123456 CĐ 100/5 22000/100 4.400 312,5" in text
    assert "PD05000200371002 0017000001 KT – – 1 10.452" in text


def test_an_organisation_signs_by_its_representative() -> None:
    text = text_of(drawn(ENDING))
    assert "Theo văn bản ủy quyền số: 05/GUQ ngày 02/11/2026 của Vũ Thị Điệp" in text
    assert text.endswith("Đặng Ngọc Ữ Trần Văn Đức")
    assert text_of(drawn(ENDING, nguoi_dai_dien="", van_ban_uy_quyen="")).endswith(
        "CÔNG TY TNHH CƠ KHÍ ĐẶNG Ữ Trần Văn Đức"
    )


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("PD05000200371001\t0018123456\tKT\t\t\t1\t-5", "number_between"),
        ("PD05000200371001\t0018123456\tKT\t\t\t0\t5", "number_between"),
        ("PD05000200371001\t0018123456\tKT\t\t\t1\t", "required"),
        ("PD05000200371001\t0018123456\tXX\t\t\t1\t5", "choice_unknown"),
    ],
)
def test_a_final_index_that_cannot_be_is_refused(row: str, code: str) -> None:
    assert ("he_thong_cham_dut", code) in wrong(ENDING, he_thong_cham_dut=row)


def household(kind: str, persons: int, number: int = 0) -> str:
    return f"{kind}\tNguyễn Văn Hữu\t0010920000{number:02}\tSố 7 đường Thử Nghiệm\tthường trú\t{persons}"


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ([("thue", 1)], "0.25"),
        ([("thue", 2)], "0.50"),
        ([("thue", 3)], "0.75"),
        ([("thue", 4)], "1"),
        ([("thue", 5)], "1.25"),
        ([("ho", 1)], "1"),
        ([("ho", 9)], "1"),
        ([("ho", 4), ("ho", 2), ("thue", 5), ("thue", 1)], "3.5"),
    ],
)
def test_four_tenants_are_a_household_and_a_household_is_one(rows: list[tuple[str, int]], total: str) -> None:
    lines = "\n".join(household(kind, persons, number) for number, (kind, persons) in enumerate(rows))
    assert read(HOUSEHOLDS, danh_sach_ho=lines)["tong_so_ho"] == Decimal(total)


@pytest.mark.parametrize("day", [date(2025, 12, 1), date(2025, 12, 2)])
def test_the_rule_printed_is_the_one_computed(day: date) -> None:
    quota = in_force(package_folder(HOUSEHOLDS) / "quota.toml", day)
    assert read(HOUSEHOLDS, danh_sach_ho=household("thue", quota["persons"]))["tong_so_ho"] == 1
    text = text_of(drawn(HOUSEHOLDS, day=day))
    assert quota["decision"] in text
    assert ("60/2025" in text) == (day >= date(2025, 12, 2))


def test_the_quota_is_each_tier_times_the_households() -> None:
    text = text_of(drawn(HOUSEHOLDS))
    assert "Tổng số hộ 3,25 hộ" in text
    assert "1 50 162,5 2 50 162,5 3 100 325 4 100 325 5 100 325 6 từ 401 trở lên phần còn lại" in text
    many = "\n".join(household("ho", 3, number) for number in range(12))
    values: dict[str, Any] = {**read(HOUSEHOLDS, danh_sach_ho=many)}
    assert "1 50 600 2 50 600 3 100 1.200" in text_of(drawn(HOUSEHOLDS, **values))


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (f"{household('ho', 4)}\n{household('ho', 2)}", "repeated"),
        (household("ho", 0), "number_between"),
        ("ho\tNguyễn Văn Hữu\t12\tSố 7\tthường trú\t4", "citizen_length"),
        ("", "required"),
    ],
)
def test_a_list_of_households_that_cannot_be_is_refused(rows: str, code: str) -> None:
    assert ("danh_sach_ho", code) in wrong(HOUSEHOLDS, danh_sach_ho=rows)


def machine(power: str, count: str, factor: str, hours: str, days: str) -> str:
    return f"Máy tiện\t{power}\t{count}\t{factor}\t{hours}\t{days}\tSXBT"


@pytest.mark.parametrize(
    ("row", "power", "energy"),
    [
        (machine("7,5", "4", "0,8", "8", "26"), "24", "4992"),
        (machine("0,125", "1", "1", "1", "1"), "0.13", "0.13"),
        (machine("0,135", "1", "1", "1,5", "1"), "0.14", "0.21"),
        (machine("0,001", "1", "0,01", "24", "31"), "0", "0"),
        (machine("2,345", "1", "1", "0,5", "1"), "2.35", "1.18"),
    ],
)
def test_power_and_energy_are_rounded_half_away_from_zero(row: str, power: str, energy: str) -> None:
    rows = read(PURPOSES, thiet_bi_su_dung=row)["thiet_bi_su_dung"]
    assert isinstance(rows, tuple)
    assert [(one["tong_cong_suat_may"], one["dien_nang"]) for one in rows] == [(Decimal(power), Decimal(energy))]


def test_totals_are_the_sums_of_what_is_printed() -> None:
    values = read(PURPOSES)
    assert values["tong_cong_suat_su_dung"] == Decimal("24") + Decimal("3.13") + Decimal("2.97") + Decimal("2.25")
    assert values["tong_dien_nang"] == Decimal("4992") + Decimal("156.5") + Decimal("891") + Decimal("337.5")
    text = text_of(drawn(PURPOSES))
    assert "2 Máy hàn 3,125 1 1 2,5 20 3,13 156,5 Sản xuất" in text
    assert "Tổng cộng 32,35 kW 6.377 kWh" in text
    assert "(8) = (3)×(4)×(5)" in text
    assert "(9) = (6)×(7)×(8)" in text


def test_prices_follow_purpose_hours_and_voltage() -> None:
    text = text_of(drawn(PURPOSES))
    assert "4.210,5 Sản xuất 70 % – 1.987 3.640 1.300" in text
    assert "4.210,5 Kinh doanh, dịch vụ 30 % – 3.152 5.422 1.918" in text
    assert "10.452 Sinh hoạt bậc thang 300 kWh bậc thang – – –" in text
    assert "10.452 Kinh doanh, dịch vụ Phần còn lại 3.152 – – –" in text
    assert "từ 0 đến 50 kWh: 1.984; từ 51 đến 100 kWh: 2.050" in text
    assert "từ 401 kWh trở lên: 3.460." in text
    high = text_of(drawn(PURPOSES, cap_dien_ap="22kV"))
    assert "Sản xuất 70 % – 1.833 3.398 1.190" in high
    assert "Phần còn lại 2.887" in high


def test_prices_vat_and_hours_are_those_of_the_day() -> None:
    text = text_of(drawn(PURPOSES))
    assert "1279/QĐ-BCT" in text
    assert "(từ ngày 10/05/2025) tại cấp điện áp 380 V; thuế suất" in text
    assert "giá trị gia tăng 8 % theo Nghị quyết số 204/2025/QH15" in text
    assert "từ 17 giờ 30 đến 22 giờ 30, từ thứ Hai đến thứ Bảy" in text
    later, earlier = text_of(drawn(PURPOSES, day=date(2027, 1, 4))), text_of(drawn(PURPOSES, day=date(2025, 3, 3)))
    assert "giá trị gia tăng 10 % theo Luật Thuế giá trị gia tăng số 48/2024/QH15" in later
    assert "2699/QĐ-BCT" in earlier
    assert "Sản xuất 70 % theo quyết định về giá điện" in earlier


def shares(*rows: tuple[str, str, str]) -> str:
    return "\n".join(f"{meter}\tD05A012\t10\tKDDV\t{kind}\t{share}\tKhông" for meter, kind, share in rows)


METER, OTHER = "0018123456", "0017000001"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([(METER, "phan_tram", "60"), (METER, "phan_tram", "39,99")], "shares_not_whole"),
        ([(METER, "phan_tram", "60"), (METER, "phan_tram", "40,01")], "shares_not_whole"),
        ([(METER, "phan_tram", "50"), (OTHER, "phan_tram", "50")], "shares_not_whole"),
        ([(METER, "kwh", "300")], "shares_without_remainder"),
        ([(METER, "con_lai", "")], "shares_without_remainder"),
        ([(METER, "kwh", "300"), (METER, "con_lai", ""), (METER, "con_lai", "")], "shares_without_remainder"),
        ([(METER, "phan_tram", "60"), (METER, "con_lai", "")], "shares_without_remainder"),
        ([(METER, "phan_tram", "")], "required"),
        ([(METER, "phan_tram", "0")], "number_between"),
    ],
)
def test_shares_of_a_meter_that_are_not_whole_are_refused(rows: list[tuple[str, str, str]], code: str) -> None:
    assert ("ap_gia", code) in wrong(PURPOSES, ap_gia=shares(*rows))


@pytest.mark.parametrize(
    "rows",
    [
        [(METER, "phan_tram", "100")],
        [(METER, "phan_tram", "33,33"), (METER, "phan_tram", "66,67"), (OTHER, "phan_tram", "100")],
        [(METER, "kwh", "300"), (METER, "kwh", "200"), (METER, "con_lai", ""), (OTHER, "phan_tram", "100")],
    ],
)
def test_shares_of_a_meter_that_are_whole_are_taken(rows: list[tuple[str, str, str]]) -> None:
    assert wrong(PURPOSES, ap_gia=shares(*rows)) == []


@pytest.mark.parametrize(
    "row",
    [
        machine("7,5", "4", "1,01", "8", "26"),
        machine("7,5", "4", "0,8", "24,5", "26"),
        machine("7,5", "4", "0,8", "8", "32"),
        machine("0", "4", "0,8", "8", "26"),
    ],
)
def test_equipment_that_cannot_be_is_refused(row: str) -> None:
    assert wrong(PURPOSES, thiet_bi_su_dung=row) == [("thiet_bi_su_dung", "number_between")]
