"""Tables in a form: what a spreadsheet pastes becomes rows, and what is wrong is told by row and column."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.api.conditions import When
from kernel.api.fields import Choice, Field, Kind, Value
from kernel.api.findings import finding_text
from kernel.api.forms import read_form, read_row
from kernel.api.reading import StoredValueInvalid, read, restore, shown, stored
from kernel.api.text import Text


def column(name: str, kind: Kind, **more: object) -> Field:
    return Field(name, Text(name.replace("_", " "), name), kind, Text("Gõ", "Type")).but(**more)


RESIDENCE = (Choice("tt", Text("Thường trú", "Resident")), Choice("thue", Text("Thuê", "Tenant")))
HOUSEHOLDS = Field(
    "danh_sach_ho",
    Text("Danh sách hộ", "Households"),
    Kind.TABLE,
    Text("Mỗi dòng một hộ", "A row a household"),
    minimum=Decimal(1),
    maximum=Decimal(3),
    columns=(
        column("chu_ho", Kind.NAME),
        column("can_cuoc", Kind.CITIZEN_ID, unique=True),
        column("nhan_khau", Kind.INTEGER, minimum=Decimal(1), maximum=Decimal(99)),
        column("cu_tru", Kind.CHOICE, choices=RESIDENCE),
        column("chu_nha", Kind.NAME, when=When("cu_tru", ("thue",))),
        column("so_ho", Kind.DECIMAL, places=2, formula="nhan_khau / 4"),
    ),
)  # fmt: skip
TOTAL = Field("tong_ho", Text("Tổng", "Total"), Kind.DECIMAL, Text("", ""), places=2, formula="sum(danh_sach_ho.so_ho)")

FIRST = "Nguyễn Thị Ệ\t001190000001\t5\tthường trú"
SECOND = "Đặng Ngọc Ữ\t001089000002\t2\tthuê\tTrần Văn Đức"


def test_lines_and_tabs_become_rows_with_what_is_computed() -> None:
    form = read_form((HOUSEHOLDS, TOTAL), {"danh_sach_ho": f"{FIRST}\n\n  {SECOND}\n"})
    assert form.findings == ()
    assert form.values["danh_sach_ho"] == (
        {"chu_ho": "Nguyễn Thị Ệ", "can_cuoc": "001190000001", "nhan_khau": 5, "cu_tru": "tt",
         "so_ho": Decimal("1.25")},
        {"chu_ho": "Đặng Ngọc Ữ", "can_cuoc": "001089000002", "nhan_khau": 2, "cu_tru": "thue",
         "chu_nha": "Trần Văn Đức", "so_ho": Decimal("0.50")},
    )  # fmt: skip
    assert form.values["tong_ho"] == Decimal("1.75")


def test_what_is_shown_may_be_typed_again() -> None:
    rows = read_form((HOUSEHOLDS,), {"danh_sach_ho": f"{FIRST}\n{SECOND}"}).values["danh_sach_ho"]
    again = read_form((HOUSEHOLDS,), {"danh_sach_ho": shown(HOUSEHOLDS, rows)}).values["danh_sach_ho"]
    assert again == rows
    assert shown(HOUSEHOLDS, rows).splitlines()[1] == "Đặng Ngọc Ữ\t001089000002\t2\tThuê\tTrần Văn Đức"


def test_a_row_that_is_too_long_does_not_shift_the_numbers_of_the_others() -> None:
    found = read(HOUSEHOLDS, f"thừa{chr(9) * 9}thừa\n{FIRST}\n{FIRST}").findings
    assert {finding.row for finding in found if finding.code == "repeated"} == {2, 3}


def test_a_row_holds_what_reads_well_before_it_is_complete() -> None:
    answers = {"nhan_khau": 99}
    assert read_row(HOUSEHOLDS, ["Nguyễn Thị Ệ", "12", "5"], answers) == {
        "chu_ho": "Nguyễn Thị Ệ", "nhan_khau": 5, "so_ho": Decimal("1.25"),
    }  # fmt: skip


def test_decomposed_letters_become_composed() -> None:
    form = read_form((HOUSEHOLDS,), {"danh_sach_ho": unicodedata.normalize("NFD", FIRST)})
    assert "Nguyễn Thị Ệ" in str(form.values["danh_sach_ho"])


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (f"{FIRST}\nĐặng Ngọc Ữ\t12\t2\ttt", "Dòng 2, can cuoc: Có 2 chữ số; số căn cước có 12 chữ số."),
        (f"\t001190000001\t5\ttt\n{SECOND}", "Dòng 1, chu ho: Cần điền ô này."),
        ("Đặng Ngọc Ữ\t001089000002\t2\tthuê", "Dòng 1, chu nha: Cần điền ô này."),
        (f"{FIRST}\t\t\t\t\tthừa", "Dòng 1: Có 9 ô, bảng có 5 cột. Bỏ bớt ô thừa."),
        (f"{FIRST}\n{FIRST}", "Dòng 1, can cuoc: “001190000001” có ở nhiều dòng. Mỗi dòng một giá trị khác nhau."),
        (
            "\n".join(f"Nguyễn Thị Ệ\t00119000000{n}\t1\ttt" for n in range(4)),
            "Có 4 dòng, tối đa 3. Bỏ bớt dòng.",
        ),
        ("", "Cần điền ô này."),
        ("\n\t\t\n", "Cần điền ô này."),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(typed: str, text: str) -> None:
    form = read_form((HOUSEHOLDS, TOTAL), {"danh_sach_ho": typed})
    assert finding_text(form.findings[0]) == text
    assert {finding.field for finding in form.findings} == {"danh_sach_ho"}
    assert form.values == {}


def test_too_few_rows() -> None:
    three = replace(HOUSEHOLDS, minimum=Decimal(2))
    form = read_form((three,), {"danh_sach_ho": FIRST})
    assert [finding.code for finding in form.findings] == ["rows_at_least"]


def test_a_warning_in_a_cell_lets_the_table_in() -> None:
    form = read_form((HOUSEHOLDS,), {"danh_sach_ho": "Nguyễn Thị Ệ\t999190000001\t5\ttt"})
    assert [(finding.severity, finding.row) for finding in form.findings] == [("warning", 1)]
    assert "danh_sach_ho" in form.values


def test_a_table_is_stored_and_restored() -> None:
    rows = read_form((HOUSEHOLDS,), {"danh_sach_ho": f"{FIRST}\n{SECOND}"}).values["danh_sach_ho"]
    kept = stored(rows)
    assert isinstance(kept, list)
    assert kept[0]["so_ho"] == "1.25"
    assert restore(HOUSEHOLDS, kept) == rows
    for wrong in ("chữ", [1], [{"nhan_khau": "năm"}]):
        with pytest.raises(StoredValueInvalid):
            restore(HOUSEHOLDS, wrong)


def test_a_computed_field_takes_nothing_typed() -> None:
    assert read(TOTAL, "99").value is None
    values: dict[str, Value] = dict(read_form((TOTAL,), {"tong_ho": "99"}).values)
    assert values == {}, "nothing to compute from, and nothing missing"


def test_money_and_whole_numbers_are_computed_in_their_kind() -> None:
    price = Field("don_gia", Text("Đơn giá", "Price"), Kind.MONEY, Text("", ""))
    amount = Field("thanh_tien", Text("Thành tiền", "Amount"), Kind.MONEY, Text("", ""), formula="don_gia * 1.5")
    assert read_form((price, amount), {"don_gia": "333.333"}).values["thanh_tien"] == 500000


def test_a_field_that_does_not_apply_counts_in_no_formula() -> None:
    extra = Field("phu_phi", Text("Phụ phí", "Extra"), Kind.MONEY, Text("", ""), when=When("co_phi", ("True",)))
    asked = Field("co_phi", Text("Có phí", "Fee"), Kind.YES_NO, Text("", ""))
    total = Field("tong", Text("Tổng", "Sum"), Kind.MONEY, Text("", ""), formula="phu_phi * 2")
    typed = {"co_phi": "Không", "phu_phi": "1000"}
    assert "tong" not in read_form((asked, extra, total), typed).values
    assert read_form((asked, extra, total), {**typed, "co_phi": "Có"}).values["tong"] == 2000


def test_a_computed_column_stands_only_in_the_rows_it_is_for() -> None:
    tenants = column("ho_thue", Kind.DECIMAL, places=2, formula="nhan_khau / 4", when=When("cu_tru", ("thue",)))
    table = HOUSEHOLDS.but(columns=(*HOUSEHOLDS.columns, tenants))
    total = TOTAL.but(formula="sum(danh_sach_ho.ho_thue)")
    values = read_form((table, total), {"danh_sach_ho": f"{FIRST}\n{SECOND}"}).values
    rows = values["danh_sach_ho"]
    assert isinstance(rows, tuple)
    assert [row.get("ho_thue") for row in rows] == [None, Decimal("0.50")]
    assert values["tong_ho"] == Decimal("0.50")
