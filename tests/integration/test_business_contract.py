"""The contract with a business: specific terms, fifteen articles, annexes; prices and hours of the day it is made."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from kernel.api.forms import check, read_form
from kernel.casework.parties import parties_of
from kernel.documents.drawing import Drawn, draw
from kernel.documents.preview import read_pages
from kernel.documents.printing import printed, printed_rows
from kernel.documents.sample import sample
from kernel.signing.fields import with_signature_fields
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from plugins.documents.hop_dong_mua_ban_dien import DOCUMENT
from tests.pki import BOXES, contract, sign
from tests.pki import draw as draw_plain

GOLDEN = Path(__file__).parents[1] / "golden"
VARIANTS = pytest.mark.parametrize("variant", ["ngoai_sinh_hoat", "ngan_han"])
MM = 72 / 25.4
LONG_NAME = ("Công ty Trách nhiệm hữu hạn Một thành viên Thương mại Dịch vụ Xuất nhập khẩu " * 3)[:160]
LONG_ADDRESS = ("Số 1234 ngách 56/78 ngõ 90 đường Nguyễn Thị Minh Khai kéo dài, tổ dân phố số 12, " * 5)[:250]


def drawn(variant: str = "ngoai_sinh_hoat", *, day: date | None = None, **values: Any) -> Drawn:
    case = sample(DOCUMENT.of(variant), variant)
    setting = replace(case.setting, fonts="built-in", date=day or case.setting.date)
    return draw(DOCUMENT, variant, {**case.values, **values}, setting)


def pages_of(made: Drawn) -> list[str]:
    with pypdfium2.PdfDocument(made.pdf) as reader:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in reader]


def whole(made: Drawn) -> str:
    return " ".join(pages_of(made))


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


@VARIANTS
def test_every_value_and_cell_stands_in_the_contract(variant: str) -> None:
    form = DOCUMENT.of(variant)
    values = sample(form, variant).values
    text = squeezed(whole(drawn(variant)))
    plain = [field for field in form.fields if not field.columns and field.id in values]
    told_otherwise = {"co_bao_dam"}  # the clause says it
    shown = [printed(field, values[field.id]) for field in plain if field.id not in told_otherwise]
    shown = [one for one in shown if not re.fullmatch(r"\d\d/\d\d/\d{4}", one)]
    shown += [
        cell for field in form.fields for row in printed_rows(field, values.get(field.id)) for cell in row.values()
    ]
    assert [one for one in shown if squeezed(one) not in text] == []


@VARIANTS
def test_the_text_is_what_a_person_has_read(variant: str) -> None:
    kept = (GOLDEN / f"hop_dong_mua_ban_dien-{variant}.txt").read_text("utf-8")
    assert " ".join(kept.split()) == whole(drawn(variant))


@VARIANTS
def test_fourteen_items_then_fifteen_articles_then_annexes(variant: str) -> None:
    pages = pages_of(drawn(variant))
    text = " ".join(pages)
    items = [text.find(f" {number}. {first}") for number, first in ((1, "Các điều khoản"), (7, "Vị trí và thông số"))]
    assert 0 < items[0] < items[1]
    articles = re.findall(r"Điều (\d+)\. [A-ZĐ]", text)
    assert articles == [str(number) for number in range(1, 16)]
    assert re.findall(r"PHỤ LỤC (\d\d)", text) == ["01", "02", "03"]
    assert re.findall(r"\((PL_\w+)\) Kèm theo", text) == ["PL_TTDBao", "PL_BDPT", "PL_TB"]
    assert len(pages) == 14


def test_sums_and_peaks_are_computed() -> None:
    values = sample(DOCUMENT.of("ngoai_sinh_hoat"), "ngoai_sinh_hoat").values
    assert values["tong_ty_le"] == 100
    # 12 x 7,5 x 0,8 + 6 x 11,2 x 0,5 + 37 + 80 x 0,12
    assert values["tong_cong_suat_su_dung"] == Decimal("152.20")
    # 72 x 8 x 26 + 33,6 x 4,5 x 26 + 37 x 10 x 26 + 9,6 x 10 x 30
    assert values["tong_dien_nang"] == Decimal("31407.20")
    assert values["pmax_lam_viec"] == Decimal("245.50")
    assert values["dien_nang_nghi"] == Decimal("660.00")


@pytest.mark.parametrize(
    ("purpose", "voltage", "standard", "peak", "off_peak"),
    [
        ("SXBT", "22kV", "1.833", "3.398", "1.190"),
        ("SXBT", "10kV", "1.899", "3.508", "1.234"),
        ("KDDV", "380V", "3.152", "5.422", "1.918"),
        ("HCSN(CS)", "380V", "2.226", "–", "–"),
    ],
)
def test_prices_are_those_of_purpose_and_voltage(
    purpose: str, voltage: str, standard: str, peak: str, off_peak: str
) -> None:
    made = drawn(muc_dich_va_ty_le=({"muc_dich": purpose, "ty_le": Decimal(100)},), cap_dien_ap=voltage)
    assert f"{standard} {peak} {off_peak}" in whole(made)


def test_without_hours_only_the_normal_price_is_printed() -> None:
    text = whole(drawn(ban_theo_gio=False))
    assert "1.833 – –" in text
    assert "3.398" not in text
    assert "Giờ cao điểm, từ" not in text


def test_hours_and_tax_are_those_of_the_day() -> None:
    assert "từ 17 giờ 30 đến 22 giờ 30" in whole(drawn())
    before = whole(drawn(day=date(2026, 4, 21)))
    assert "từ 09 giờ 30 đến 11 giờ 30" in before
    assert "(8% theo Nghị quyết" in before
    assert "(10% theo Luật" in whole(drawn(day=date(2027, 1, 1)))


def test_security_is_an_annex_where_it_is_agreed() -> None:
    assert "Bốn trăm năm mươi triệu đồng" in whole(drawn())
    without = whole(drawn(co_bao_dam=False))
    assert "không áp dụng biện pháp bảo đảm" in without
    assert re.findall(r"PHỤ LỤC (\d\d) ([A-ZĐ]+)", without)[0][0] == "01"
    assert "THỎA THUẬN BẢO ĐẢM" not in without


def test_a_load_curve_is_asked_from_40_kw() -> None:
    form = DOCUMENT.of("ngoai_sinh_hoat").fields
    asked = {
        power: "bieu_do_phu_tai" in {f.field for f in check(form, {"cong_suat": power})} for power in ("39,9", "40")
    }
    assert asked == {"39,9": False, "40": True}
    no_curve: dict[str, Any] = dict.fromkeys(("bieu_do_phu_tai", "pmax_lam_viec", "pmax_nghi"), "")
    assert "BIỂU ĐỒ PHỤ TẢI" not in whole(drawn(**no_curve))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"muc_dich_va_ty_le": "SXBT\t80\nKDDV\t19,99"}, "shares_not_100"),
        ({"muc_dich_va_ty_le": "SXBT\t50\nSXBT\t50"}, "repeated"),
        (
            {"cong_suat": "200", "bieu_do_phu_tai": "".join(f"{hour}\t201\t0\n" for hour in range(24))},
            "curve_over_power",
        ),
        ({"bieu_do_phu_tai": "0\t1\t1", "cong_suat": "50"}, "rows_at_least"),
    ],
)
def test_what_contradicts_is_told(typed: dict[str, str], code: str) -> None:
    assert code in {finding.code for finding in check(DOCUMENT.of("ngoai_sinh_hoat").fields, typed)}


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        ("01/12/2026", "29/11/2027", None),
        ("01/12/2026", "30/11/2027", "not_short_term"),
        ("29/02/2028", "28/02/2029", "not_short_term"),
        ("01/12/2026", "30/11/2026", "ends_before_start"),
    ],
)
def test_a_short_term_is_less_than_twelve_months(start: str, end: str, code: str | None) -> None:
    findings = check(DOCUMENT.of("ngan_han").fields, {"ngay_hieu_luc": start, "ngay_ket_thuc": end})
    assert [one.code for one in findings if one.field == "ngay_ket_thuc"] == ([code] if code else [])


def test_a_short_contract_cannot_do_without_security() -> None:
    missing = {one.field for one in read_form(DOCUMENT.of("ngan_han").fields, {}).findings if one.code == "required"}
    assert {"hinh_thuc_bao_dam", "gia_tri_bao_dam", "han_bao_dam", "ngay_ket_thuc"} <= missing


def test_security_outlasts_a_short_contract() -> None:
    typed = {"ngay_ket_thuc": "31/05/2027", "han_bao_dam": "30/05/2027"}
    assert "order_han_bao_dam" in {one.code for one in check(DOCUMENT.of("ngan_han").fields, typed)}
    terms = whole(drawn("ngan_han"))
    assert "45 ngày tiền điện" in terms
    assert "không quá 15 ngày tiền điện" in terms


def test_a_person_needs_no_registration_but_an_identity_number() -> None:
    fields = DOCUMENT.of("ngan_han").fields
    missing = {one.field for one in check(fields, {"loai_khach_hang": "ca_nhan"}) if one.code == "required"}
    business = {"ma_so_thue", "dang_ky_kinh_doanh", "ngay_dang_ky", "noi_dang_ky", "nguoi_dai_dien", "chuc_vu_dai_dien"}
    assert not missing & business
    assert "so_giay_to" in missing
    assert business <= {one.field for one in check(fields, {}) if one.code == "required"}
    person: dict[str, Any] = {**dict.fromkeys(business, ""), "loai_khach_hang": "ca_nhan"}
    text = whole(drawn("ngan_han", **person, ten_khach_hang="Hoàng Thị Lệ"))
    assert "Đăng ký kinh doanh" not in text
    assert text.count("HOÀNG THỊ LỆ") == 2
    assert "Số căn cước/hộ chiếu: 001190000034, cấp ngày 12/08/2022 tại Bộ Công an" in text


def test_a_company_signs_with_its_own_certificate_and_not_its_representatives() -> None:
    values = sample(DOCUMENT.of("ngoai_sinh_hoat"), "ngoai_sinh_hoat").values
    pdf = with_signature_fields(draw_plain(), BOXES, parties_of(DOCUMENT.of("ngoai_sinh_hoat"), values, {}))
    pki, name = contract(), str(values["ten_khach_hang"])

    def judged(uid: str) -> tuple[Verdict, list[str]]:
        report = verify(sign(pdf, "ben_mua", pki.pki.issuing.person(name, uid=uid)), pki.trust, seconds=30)
        return report.verdict, [reason.code for reason in report.reasons]

    assert judged(f"MST:{values['ma_so_thue']}") == (Verdict.VALID, [])
    assert judged(f"CCCD:{values['so_giay_to']}") == (Verdict.INVALID, ["signed_by_another"])
    assert judged(f"MST:{values['ma_so_thue']}-001") == (Verdict.INVALID, ["signed_by_another"])


@VARIANTS
def test_the_longest_values_stay_on_the_paper(variant: str) -> None:
    device = {
        "ten_thiet_bi": "Máy Ữ" * 24,
        "cong_suat_may": Decimal("99999.999"),
        "so_luong": 9999,
        "he_so_dong_thoi": Decimal("0.99"),
        "so_gio": Decimal(24),
        "so_ngay": 31,
        "muc_dich_may": "HCSN(CS)",
    }
    device |= {"tong_cong_suat_may": Decimal("989900990.10"), "dien_nang": Decimal("736486336634.40")}
    meter = {"loai": "CTO", "ky_hieu": "W" * 80, "thong_so": "W" * 60, "cap_chinh_xac": "0,5S", "so_luong": 1}
    made = drawn(
        variant,
        ten_khach_hang=LONG_NAME,
        dia_chi_giao_dich=LONG_ADDRESS,
        dia_chi_dung_dien=LONG_ADDRESS,
        so_huu_luoi=LONG_ADDRESS,
        nguoi_dai_dien="Ữ" * 160,
        chuc_vu_dai_dien="Ệ" * 80,
        email="a" * 242 + "@example.com",
        thiet_bi_do_dem=(meter,) * 18,
        thiet_bi_su_dung=(device,) * 40,
    )
    assert len({box.page for box in made.boxes}) == 1
    for letter in (one for page in read_pages(made.pdf) for one in page if one.text.strip()):
        assert letter.left > 20 * MM
        assert letter.right < 210 * MM - 10 * MM
        assert letter.line < 297 * MM - 8 * MM
    headings = [page for page in pages_of(made) if "Hệ số đồng thời" in page]
    assert len(headings) > 1, "the heading is repeated on each page of the list"


@VARIANTS
def test_a_blank_form_has_nothing_of_a_dossier(variant: str) -> None:
    case = sample(DOCUMENT.of(variant), variant)
    assert {value.field for value in draw(DOCUMENT, variant, {}, replace(case.setting, branch={})).placed} == {"number"}
