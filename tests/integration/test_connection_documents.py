"""The documents of a connection as drawn in each variant."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from kernel.api.documents import Purpose, Role
from kernel.api.fields import Kind
from kernel.api.forms import read_form
from kernel.api.reading import shown
from kernel.documents.drawing import Drawn, draw
from kernel.documents.preview import mark, read_pages
from kernel.documents.printing import date_in_words, printed, printed_rows
from kernel.documents.sample import sample
from plugins.documents.hop_dong_dau_tu import DOCUMENT as INVESTMENT
from plugins.documents.hop_dong_day_sau_cong_to import DOCUMENT as WIRING
from plugins.documents.phuong_an_dau_noi import DOCUMENT as PLAN
from plugins.documents.thoa_thuan_dau_noi import DOCUMENT as AGREEMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Field, Value
    from kernel.api.forms import Form

GOLDEN = Path(__file__).parents[1] / "golden"
MM = 72 / 25.4
DOCUMENTS = (PLAN, AGREEMENT, INVESTMENT, WIRING)
FORMS = [(document, variant.id) for document in DOCUMENTS for variant in document.variants]
EVERY = pytest.mark.parametrize(
    ("document", "variant"), FORMS, ids=["-".join(filter(None, (document.id, variant))) for document, variant in FORMS]
)
LONG_NAME = ("Công ty Trách nhiệm hữu hạn Một thành viên Thương mại Dịch vụ Xuất nhập khẩu Ữ " * 3)[:160].strip()
LONG_ADDRESS = ("Số 1234 ngách 56/78 ngõ 90 đường Nguyễn Thị Minh Khai kéo dài, tổ dân phố số 12, " * 5)[:250].strip()


def drawn(document: Document, variant: str, **values: Any) -> Drawn:
    case = sample(document, variant)
    return draw(document, variant, {**case.values, **values}, replace(case.setting, fonts="built-in"))


def text_of(pdf: bytes) -> str:
    """The text with single spaces, as one reads on overleaf: without the number above a page."""
    reader = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_bounded().split() for page in reader]
    finally:
        reader.close()
    assert [words[0] for words in pages[1:]] == [str(number) for number in range(2, len(pages) + 1)]
    return " ".join(" ".join(words[bool(number) :]) for number, words in enumerate(pages))


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def typed_again(document: Document, variant: str, **typed: str) -> Mapping[str, Value]:
    """The sample's values, some typed anew, with what follows computed."""
    fields = document.of(variant).fields
    values = sample(document, variant).values
    lines = {field.id: shown(field, values[field.id]) for field in fields if field.id in values and not field.formula}
    form = read_form(fields, {**lines, **typed})
    assert [finding for finding in form.findings if finding.severity == "error"] == []
    return form.values


def lines_of(field: Field, value: Value) -> list[str]:
    if field.kind is Kind.TABLE:
        return [cell for row in printed_rows(field, value) for cell in row.values()]
    return [printed(field, value)]


def spelled(value: Value) -> str:
    """A date may stand in words, as the field of an article."""
    return date_in_words(value) if isinstance(value, date) else "never printed"


@EVERY
def test_every_value_of_the_case_stands_in_the_document(document: Document, variant: str) -> None:
    case = sample(document, variant)
    whole = squeezed(text_of(drawn(document, variant).pdf))
    unprinted = {"phan_khach_hang"}  # a step of the computation, shown as the sum
    missing = [
        (field.id, line)
        for field in document.of(variant).fields
        if field.id in case.values
        for line in lines_of(
            replace(field, columns=tuple(column for column in field.columns if column.id not in unprinted)),
            case.values[field.id],
        )
        if squeezed(line) not in whole and squeezed(spelled(case.values[field.id])) not in whole
    ]
    assert missing == []
    assert squeezed(case.setting.number) in whole


@EVERY
def test_the_text_is_the_one_a_person_has_read(document: Document, variant: str) -> None:
    name = "-".join(filter(None, (document.id, variant)))
    golden = (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert text_of(drawn(document, variant).pdf).split() == golden.split()


@EVERY
def test_the_file_is_pdf_a_3b_in_one_family_and_the_same_bytes_again(document: Document, variant: str) -> None:
    made = drawn(document, variant)
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>", made.pdf)
    assert len(set(re.findall(rb"/FontName ?/[A-Z]{6}\+([A-Za-z]+)", made.pdf))) == 1
    assert drawn(document, variant) == made


@EVERY
def test_boxes_stand_in_signing_order_on_one_page_clear_of_text(document: Document, variant: str) -> None:
    made = drawn(document, variant)
    assert [box.field for box in made.boxes] == [slot.field for slot in document.slots]
    assert len({box.page for box in made.boxes}) == 1
    letters = read_pages(made.pdf)[made.boxes[0].page - 1]
    for box in made.boxes:
        assert box.x > 20 * MM
        assert box.x + box.width < 200 * MM
        assert box.y + box.height < 280 * MM
        inside = [
            one.text
            for one in letters
            if box.x < one.left < box.x + box.width and box.y < one.line < box.y + box.height and one.text.strip()
        ]
        assert inside == []


@EVERY
def test_a_blank_form_can_be_drawn(document: Document, variant: str) -> None:
    case = sample(document, variant)
    made = draw(document, variant, {}, replace(case.setting, branch={}))
    assert {value.field for value in made.placed} == {"number"}


@EVERY
def test_what_a_dossier_does_without_leaves_no_dots(document: Document, variant: str) -> None:
    case = sample(document, variant)
    fields = document.of(variant).fields
    needed = {
        field.id: case.values[field.id]
        for field in fields
        if (field.required or field.formula) and field.id in case.values
    }
    assert "...." not in text_of(draw(document, variant, needed, case.setting).pdf).replace("…", "...")


@EVERY
def test_the_preview_marks_every_letter_of_every_value(document: Document, variant: str) -> None:
    made = drawn(document, variant)
    marked = [
        span.text for page in mark(read_pages(made.pdf), made.placed) for line in page for span in line if span.value
    ]
    assert sorted(squeezed("".join(marked))) == sorted(squeezed("".join(value.text for value in made.placed)))


def longest(field: Field) -> str:
    if field.kind is Kind.NAME:
        return LONG_NAME[: field.max_length]
    if field.kind in {Kind.TEXT, Kind.ADDRESS}:
        return (LONG_ADDRESS * 3)[: field.max_length].strip()
    return ""


def crowded(field: Field, value: Value) -> str:
    """A table of as many rows as it may have, each text as long as it may be."""
    assert isinstance(value, tuple)
    columns = [column for column in field.columns if not column.formula]
    row = "\t".join(longest(column) or shown(column, value[0][column.id]) for column in columns)
    return "\n".join([row] * int(field.maximum or 40))


@EVERY
def test_the_longest_values_stay_on_the_paper_and_the_signatures_together(document: Document, variant: str) -> None:
    case = sample(document, variant)
    fields = [field for field in document.of(variant).fields if field.id in case.values]
    typed = {field.id: longest(field) for field in fields if longest(field)}
    typed |= {
        field.id: crowded(field, case.values[field.id])
        for field in fields
        if field.kind is Kind.TABLE and not any(column.unique for column in field.columns)
    }
    values = typed_again(document, variant, **typed)
    made = draw(document, variant, values, replace(case.setting, fonts="built-in"))
    whole = squeezed(text_of(made.pdf))
    assert squeezed(LONG_NAME) in whole
    assert len({box.page for box in made.boxes}) == 1
    letters = [one for page in read_pages(made.pdf) for one in page if one.text.strip()]
    assert min(one.left for one in letters) > 20 * MM
    assert max(one.right for one in letters) < 200 * MM
    assert max(one.line for one in letters) < 289 * MM
    assert all(box.y + box.height < 280 * MM for box in made.boxes)


def test_the_plan_is_signed_by_the_surveyor_and_the_head_alone() -> None:
    assert [(slot.purpose, slot.role) for slot in PLAN.slots] == [
        (Purpose.SURVEYOR, Role.NVKS),
        (Purpose.HEAD, Role.TPKD),
    ]


def test_headings_of_the_plan_stand_in_order() -> None:
    for variant in ("ha_ap", "trung_ap"):
        whole = text_of(drawn(PLAN, variant).pdf)
        headings = [
            "I. THÔNG TIN KHÁCH HÀNG",
            "II. HIỆN TRẠNG LƯỚI ĐIỆN KHU VỰC",
            "III. PHƯƠNG ÁN CẤP ĐIỆN",
            "IV. KHỐI LƯỢNG VÀ DỰ TOÁN",
            "V. PHÂN ĐỊNH ĐẦU TƯ VÀ RANH GIỚI TÀI SẢN",
            "VI. SƠ ĐỒ",
            "VII. KIẾN NGHỊ",
        ]
        places = [whole.index(heading) for heading in headings]
        assert places == sorted(places)


ONE_ROW = "V1\tCáp\tm\t2,5\t1.001\t0,3\t0,1\t40"


def test_the_estimate_is_counted_from_rows_norms_and_percentages() -> None:
    values = typed_again(
        PLAN, "ha_ap", vat_tu_du_toan=ONE_ROW, don_gia_nhan_cong="301", don_gia_ca_may="1.002", pt_nhan_cong="150",
        pt_truc_tiep="2", pt_chung="5,5", pt_tinh_truoc="6", pt_khac="1,5", pt_vat="8",
    )  # fmt: skip
    rows = values["vat_tu_du_toan"]
    assert isinstance(rows, tuple)
    (row,) = rows
    # 2502,5 goes up: halves are rounded away from zero
    assert (row["vat_lieu"], row["nhan_cong"], row["may"]) == (2503, 339, 251)
    assert row["phan_khach_hang"] == 1237
    assert {name: values[name] for name in ("tong_vat_lieu", "tong_nhan_cong", "tong_may", "truc_tiep_khac")} == {
        "tong_vat_lieu": 2503,
        "tong_nhan_cong": 339,
        "tong_may": 251,
        "truc_tiep_khac": 62,
    }
    assert values["chi_phi_truc_tiep"] == 3155
    assert values["chi_phi_chung"] == 174
    assert values["thu_nhap_tinh_truoc"] == 200
    assert values["chi_phi_khac"] == 53
    assert values["du_toan_truoc_thue"] == 3582
    assert values["du_toan_thue"] == 287
    assert values["du_toan_sau_thue"] == 3869
    assert values["du_toan_khach_hang"] == 1547
    assert values["du_toan_nganh_dien"] == 2322


def test_the_plan_tells_the_tax_of_its_day() -> None:
    assert "theo mức chung đang áp dụng là 8% theo Nghị quyết số 204/2025/QH15" in text_of(drawn(PLAN, "ha_ap").pdf)
    own = text_of(draw(PLAN, "ha_ap", typed_again(PLAN, "ha_ap", pt_vat="10"), sample(PLAN, "ha_ap").setting).pdf)
    assert "tăng 10% là mức riêng của hàng hóa, dịch vụ này; mức chung đang áp dụng là 8%" in own


def test_the_shares_of_an_estimate_make_up_the_whole() -> None:
    for variant in ("ha_ap", "trung_ap"):
        values = sample(PLAN, variant).values
        shares = [values["du_toan_khach_hang"], values["du_toan_nganh_dien"]]
        assert all(isinstance(share, int) for share in shares)
        assert Decimal(str(shares[0])) + Decimal(str(shares[1])) == values["du_toan_sau_thue"]


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("vat_tu_du_toan", "V1\tCáp\tm\t0\t1.000\t0\t0\t0", "number_between"),
        ("vat_tu_du_toan", "V1\tCáp\tm\t1\t1.000\t0\t0\t101", "number_between"),
        ("vat_tu_du_toan", "V1\tCáp\tm\t1\t-5\t0\t0\t0", "number_between"),
        ("vat_tu_du_toan", "V1\tCáp\tm\t1", "required"),
        ("pt_vat", "101", "number_between"),
        ("pt_vat", "8.5", "number_dot_decimal"),
        ("thanh_phan_khao_sat", "Đỗ Văn Khảo\tNhân viên", "required"),
        ("tong_cong_suat", "0", "number_between"),
        ("so_cong_van", "", "required"),
    ],
)
def test_what_cannot_be_in_a_plan_is_refused(field: str, typed: str, code: str) -> None:
    findings = read_form(PLAN.of("trung_ap").fields, {field: typed}).findings
    assert code in {finding.code for finding in findings if finding.field == field and finding.severity == "error"}


def test_a_plan_without_obstacle_prints_none() -> None:
    assert "Trở ngại" not in text_of(drawn(PLAN, "ha_ap").pdf)
    assert "Trở ngại: KS07 – Tuyến cáp" in text_of(drawn(PLAN, "trung_ap").pdf)


def test_a_table_that_breaks_repeats_its_heading() -> None:
    values = typed_again(PLAN, "ha_ap", vat_tu_du_toan="\n".join([ONE_ROW] * 60))
    case = sample(PLAN, "ha_ap")
    whole = text_of(draw(PLAN, "ha_ap", values, case.setting).pdf)
    assert whole.count("TT Mã vật tư Tên vật tư ĐVT") > 1
    assert "60 V1 Cáp m 2,5 1.001" in whole


PARTIES = [Purpose.CUSTOMER, Purpose.SIGNATORY, Purpose.SEAL]
ARTICLES = {AGREEMENT.id: 9, INVESTMENT.id: 10, WIRING.id: 7}
BETWEEN_PARTIES = pytest.mark.parametrize("document", [AGREEMENT, INVESTMENT, WIRING], ids=lambda one: one.id)


@BETWEEN_PARTIES
def test_between_the_parties_the_customer_is_first_and_the_seal_last(document: Document) -> None:
    assert [slot.purpose for slot in document.slots] == PARTIES
    articles = re.findall(r"Điều (\d+)\. [A-ZĐ]", text_of(drawn(document, "").pdf))
    assert articles == [str(number) for number in range(1, ARTICLES[document.id] + 1)]


@BETWEEN_PARTIES
def test_wording_that_nobody_has_approved_says_so(document: Document) -> None:
    assert "Điều khoản mẫu – thay bằng văn bản của" in text_of(drawn(document, "").pdf)


def test_the_circular_of_the_agreements_day_is_printed() -> None:
    case = sample(AGREEMENT)
    old = draw(AGREEMENT, "", case.values, replace(case.setting, date=date(2024, 5, 6)))
    assert "39/2015/TT-BCT" in text_of(old.pdf)
    assert "05/2025" not in text_of(old.pdf)
    assert text_of(drawn(AGREEMENT, "").pdf).count("05/2025/TT-BCT") == 2


def test_the_agreement_is_cmis_type_57() -> None:
    assert AGREEMENT.cmis_type == "57"


def test_each_partys_part_is_taxed_and_the_totals_are_the_sums() -> None:
    # half a đồng of tax goes up on both sides
    values = typed_again(INVESTMENT, "", gia_tri_ben_a="1.005", gia_tri_ben_b="2.015", thue_suat="10")
    assert [values[f"thue_{name}"] for name in ("ben_a", "ben_b", "dau_tu")] == [101, 202, 303]
    assert [values[f"sau_thue_{name}"] for name in ("ben_a", "ben_b", "dau_tu")] == [1106, 2217, 3323]
    assert values["gia_tri_dau_tu"] == 3020
    case = sample(INVESTMENT)
    whole = text_of(draw(INVESTMENT, "", values, case.setting).pdf)
    assert "Tổng cộng 3.020 đ 303 đ 3.323 đ" in whole
    assert "Ba nghìn ba trăm hai mươi ba đồng" in whole
    assert "Một nghìn một trăm linh sáu đồng" in whole


def test_the_tax_of_the_day_is_printed_and_another_rate_is_told_apart() -> None:
    case = sample(INVESTMENT)
    assert "Thuế suất thuế giá trị gia tăng theo mức chung đang áp dụng là 8% theo Nghị quyết số 204/2025/QH15" in (
        text_of(drawn(INVESTMENT, "").pdf)
    )
    later = text_of(draw(INVESTMENT, "", case.values, replace(case.setting, date=date(2027, 1, 4))).pdf)
    assert "tăng 8% là mức riêng của hàng hóa, dịch vụ này; mức chung đang áp dụng là 10% theo Luật" in later


def test_the_law_of_the_investment_contracts_day_is_printed() -> None:
    case = sample(INVESTMENT)
    old = draw(INVESTMENT, "", case.values, replace(case.setting, date=date(2024, 5, 6)))
    assert "28/2004/QH11" in text_of(old.pdf)
    assert "61/2024/QH15" in text_of(drawn(INVESTMENT, "").pdf)


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("gia_tri_ben_a", "-1", "number_between"),
        ("gia_tri_ben_b", "1.000,5", "money_not_whole"),
        ("thue_suat", "100,01", "number_between"),
        ("moc_tien_do", "Thi công\tBên C\t01/12/2026\t05/12/2026", "choice_unknown"),
        ("moc_tien_do", "Thi công\tBên A\t01/12/2026", "required"),
        ("chieu_dai_duong_day", "195.5", "number_dot_decimal"),
    ],
)
def test_what_cannot_be_in_an_investment_contract_is_refused(field: str, typed: str, code: str) -> None:
    findings = read_form(INVESTMENT.fields, {field: typed}).findings
    assert code in {finding.code for finding in findings if finding.field == field and finding.severity == "error"}


def test_every_row_of_wiring_is_taxed_at_its_own_rate() -> None:
    # 2,5 x 333 is 832,5: the amount goes up, its tax is counted from what is printed
    values = typed_again(WIRING, "", vat_tu_day="Dây\tm\t2,5\t333\t8\nỐng Ữ\tm\t1\t1.005\t10")
    rows = values["vat_tu_day"]
    assert isinstance(rows, tuple)
    assert [(row["thanh_tien"], row["tien_thue"]) for row in rows] == [(833, 67), (1005, 101)]
    assert [values[name] for name in ("gia_tri_day", "thue_day", "sau_thue_day")] == [1838, 168, 2006]
    whole = text_of(draw(WIRING, "", values, sample(WIRING).setting).pdf)
    assert "1 Dây m 2,5 333 833 8 67" in whole
    assert "(đã có thuế GTGT) 2.006 đ" in whole
    assert "Hai nghìn không trăm linh sáu đồng" in whole


def test_the_wiring_contract_tells_the_tax_and_the_law_of_its_day() -> None:
    case = sample(WIRING)
    assert "8% theo Nghị quyết số 204/2025/QH15" in text_of(drawn(WIRING, "").pdf)
    old = text_of(draw(WIRING, "", case.values, replace(case.setting, date=date(2024, 5, 6))).pdf)
    assert "8% theo Nghị quyết số 110/2023/QH15" in old
    assert "19/2023/QH15" not in old


@pytest.mark.parametrize(
    ("document", "variant", "earlier", "later"),
    [(WIRING, "", "ngay_bat_dau_day", "ngay_xong_day"), (PLAN, "ha_ap", "ngay_duoc_giao", "ngay_khao_sat")],
)
def test_days_out_of_order_are_refused(document: Document, variant: str, earlier: str, later: str) -> None:
    fields = document.of(variant).fields
    assert f"order_{later}" in codes(read_form(fields, {earlier: "20/11/2026", later: "19/11/2026"}), later)
    assert f"order_{later}" not in codes(read_form(fields, {earlier: "20/11/2026", later: "20/11/2026"}), later)


def codes(form: Form, field: str) -> set[str]:
    return {finding.code for finding in form.findings if finding.field == field}


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("vat_tu_day", "Dây\tm\t0\t333\t8", "number_between"),
        ("vat_tu_day", "Dây\tm\t1\t333\t8,125", "number_places"),
        ("vat_tu_day", "Dây\tm\t1\t333", "required"),
        ("vat_tu_day", "Dây\tm\t1\t333\t8\t27", "row_cells"),
        ("thanh_toan_day", "séc", "choice_unknown"),
    ],
)
def test_what_cannot_be_in_a_wiring_contract_is_refused(field: str, typed: str, code: str) -> None:
    findings = read_form(WIRING.fields, {field: typed}).findings
    assert code in {finding.code for finding in findings if finding.field == field and finding.severity == "error"}
