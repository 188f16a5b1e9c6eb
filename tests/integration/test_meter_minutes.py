"""The minutes of meters metered through TI and TU: rows of both sides, the multiplier, what contradicts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from kernel.api.forms import check, read_form
from kernel.api.text import Text
from kernel.documents.drawing import Drawn, draw
from kernel.documents.preview import read_pages
from kernel.documents.printing import printed_rows
from kernel.documents.sample import sample
from plugins.documents.bien_ban_treo_thao import DOCUMENT

GOLDEN = Path(__file__).parents[1] / "golden"
MM = 72 / 25.4
FIELDS = {field.id: field for field in DOCUMENT.fields}
HUNG_TI = "\n".join(f"21088{n}\t2025\t12/03/2026\tBD-06\t100/5\tHN05/004513{n}\tTKD26/007890{n}" for n in (1, 2, 3))
REMOVED_TI = "\n".join(f"11077{n}\t2018\t10/02/2021\tBD-06\t75/5\tHN04/001113{n}\t" for n in (1, 2, 3))
HUNG_TU = "\n".join(f"19055{n}\t2025\t12/03/2026\tBU-24\t22000/110\t\tTKD26/007895{n}" for n in (1, 2, 3))
MORE = "\n".join(
    f"{side}\t00181240{n:02}\tME-41\t3\t12/03/2026\t20\tHN05/00460{n:02}\t12345678,125\t4000\t4000\t4345678,125\t99,5"
    for n, side in enumerate(["Treo"] * 5 + ["Tháo"] * 5)
)
TYPED = {
    "ma_ly_do": "TK",
    "ly_do_treo_thao": "Thay định kỳ, đổi TI",
    "mo_ta_treo_thao": "Hộp công tơ khô, đấu nối chắc chắn",
    "ngay_treo_thao": "26/11/2026",
    "ten_khach_hang": "Công ty TNHH Cơ khí Đông Ệ",
    "nguoi_dai_dien": "Đỗ Thị Hữu",
    "dien_thoai": "0900 000 021",
    "dia_chi_dung_dien": "Lô 7 Khu công nghiệp Thử Nghiệm, xã Thử Nghiệm, thành phố Hà Nội",
    "vi_tri_do_dem": "Cột 31 lộ 471",
    "nhan_vien_treo_thao": "Phạm Văn Hữu",
    "nhan_vien_niem_phong": "Vũ Thị Điệp",
    "chot_chi_so": "Có",
    "qua_vong": "Không",
    "chi_so_tinh_tien_p": "98.700",
    "thao_so_cong_to": "0017000001",
    "thao_so_pha": "3",
    "thao_ti": "75/5",
    "thao_he_so_man_hinh": "1",
    "thao_may_bien_dong": REMOVED_TI,
    "thao_loai_chi_so": "KT",
    "thao_chi_so_p": "98.765,4",
    "treo_so_cong_to": "0018123777",
    "treo_nam_san_xuat": "2025",
    "treo_ma_hieu": "ME-41",
    "treo_so_pha": "3",
    "treo_loai_cong_to": "HVC",
    "treo_ngay_kiem_dinh": "12/03/2026",
    "treo_han_kiem_dinh": "12/03/2029",
    "treo_ti": "50/5",
    "treo_ma_chi_hop": "HN05",
    "treo_so_vien_hop": "0045121",
    "treo_may_bien_dong": HUNG_TI,
    "treo_may_bien_dien_ap": HUNG_TU,
    "treo_he_so_man_hinh": "1",
    "treo_loai_chi_so": "BCS3",
    "treo_chi_so_bt": "0",
    "treo_chi_so_cd": "0",
    "treo_chi_so_td": "0",
    "treo_chi_so_p": "0",
    "treo_chi_so_q": "0,5",
    "cong_to_khac": MORE,
}


def full_case() -> Drawn:
    form = read_form(DOCUMENT.fields, TYPED)
    assert [finding for finding in form.findings if finding.severity == "error"] == []
    return draw(DOCUMENT, "", form.values, replace(sample(DOCUMENT).setting, fonts="built-in"))


def pages_of(made: Drawn) -> list[str]:
    with pypdfium2.PdfDocument(made.pdf) as reader:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in reader]


def codes(**typed: str) -> set[str]:
    return {finding.code for finding in check(DOCUMENT.fields, TYPED | typed)}


def multiplier(**typed: str) -> object:
    return read_form(DOCUMENT.fields, {"treo_he_so_man_hinh": "1"} | typed).values.get("treo_he_so_nhan")


def test_the_multiplier_is_what_is_there_over_what_the_meter_knows() -> None:
    assert multiplier() == 1
    assert multiplier(treo_ti="100/5", treo_may_bien_dong=HUNG_TI) == 1
    assert multiplier(treo_may_bien_dong=HUNG_TI) == 20
    assert multiplier(treo_ti="50/5", treo_may_bien_dong=HUNG_TI, treo_may_bien_dien_ap=HUNG_TU) == 400
    assert multiplier(treo_may_bien_dong=HUNG_TI, treo_he_so_man_hinh="0,5") == 10
    # 20 / 60 to three decimals, halves away from zero
    assert multiplier(treo_ti="300/5", treo_may_bien_dong=HUNG_TI) == Decimal("0.333")
    assert multiplier(treo_ti="một trăm", treo_may_bien_dong=HUNG_TI) is None


def test_rows_of_both_sides_stand_in_the_minutes() -> None:
    values = read_form(DOCUMENT.fields, TYPED).values
    text = "".join(" ".join(pages_of(full_case())).split())
    for name in ("treo_may_bien_dong", "thao_may_bien_dong", "treo_may_bien_dien_ap", "cong_to_khac"):
        for row in printed_rows(FIELDS[name], values[name]):
            for column, cell in row.items():
                assert column == "he_so" or "".join(cell.split()) in text, (name, column, cell)
    assert "TK–Thayđịnhkỳ,đổiTI" in text
    assert "P:98.700kWh" in text


def test_the_text_is_what_a_person_has_read() -> None:
    kept = (GOLDEN / "bien_ban_treo_thao.txt").read_text("utf-8")
    assert " ".join(kept.split()) == " ".join(pages_of(full_case()))


def test_six_meters_on_each_side_stay_on_the_paper_with_the_signatures_together() -> None:
    made = full_case()
    assert made.pages <= 3
    assert len({box.page for box in made.boxes}) == 1
    for letter in (one for page in read_pages(made.pdf) for one in page if one.text.strip()):
        assert letter.left > 20 * MM
        assert letter.right < 210 * MM - 10 * MM
        assert letter.line < 297 * MM - 8 * MM


def test_the_longest_rows_stay_on_the_paper_and_tables_repeat_their_heading() -> None:
    row = "\t".join(["{0:02}" + "W" * 38, "2025", "12/03/2026", "M" * 40, "1234567890/1234567", "W" * 40, "W" * 40])
    rows = "\n".join(row.format(number) for number in range(18))
    meter = "\t".join(["Treo", "{0:020}", "M" * 40, "3", "12/03/2026", "9999999,125", "W" * 40] + ["99999998,125"] * 5)
    meters = "\n".join(meter.format(number) for number in range(10))
    tables = ("thao_may_bien_dong", "treo_may_bien_dong", "treo_may_bien_dien_ap")
    form = read_form(DOCUMENT.fields, TYPED | dict.fromkeys(tables, rows) | {"cong_to_khac": meters})
    assert {"thao_may_bien_dong", "cong_to_khac"} <= set(form.values)
    made = draw(DOCUMENT, "", form.values, replace(sample(DOCUMENT).setting, fonts="built-in"))
    assert sum("Máy biến dòng (TI) thực tế" in page for page in pages_of(made)) > 1
    assert len({box.page for box in made.boxes}) == 1
    for letter in (one for page in read_pages(made.pdf) for one in page if one.text.strip()):
        assert letter.left > 20 * MM
        assert letter.right < 210 * MM - 10 * MM
        assert letter.line < 297 * MM - 8 * MM


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"thao_chi_so_p": "98.699,9"}, "index_below_billed"),
        ({"treo_may_bien_dong": HUNG_TI.rsplit("\n", 1)[0]}, "three_transformers"),
        ({"treo_may_bien_dong": HUNG_TI.replace("100/5", "150/5", 1)}, "ratios_differ"),
        ({"treo_may_bien_dong": HUNG_TI.replace("100/5", "100:5")}, "ratio_unreadable"),
        ({"treo_may_bien_dong": ""}, "transformers_missing"),
        ({"treo_ti": "100"}, "ratio_unreadable"),
        ({"treo_han_kiem_dinh": "25/11/2026"}, "verification_over"),
        ({"treo_so_vien_hop": "0045131"}, "seal_twice"),
        ({"cong_to_khac": MORE + "\n" + MORE.splitlines()[0]}, "rows_at_most"),
    ],
)
def test_what_contradicts_is_told(typed: dict[str, str], code: str) -> None:
    assert code not in codes()
    assert code in codes(**typed)


def test_a_register_that_rolled_over_may_stand_below_the_last_bill() -> None:
    assert "index_below_billed" not in codes(thao_chi_so_p="12,5", qua_vong="Có")


def test_labels_tell_hung_from_removed() -> None:
    assert FIELDS["treo_may_bien_dong"].label == Text("Máy biến dòng TI (treo)", "Current transformers (hung)")
    assert FIELDS["thao_may_bien_dong"].columns[0].source == "THAO.SO_TBI"
