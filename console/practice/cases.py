"""The cases the practice branch works through by itself: what each person types, beyond what CMIS sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Case:
    """One dossier from CMIS to the archive. `phone` (E.164) finds the customer's request among those received."""

    service: str
    variant: str
    phone: str
    answers: Mapping[str, str]


def cases(today: date) -> tuple[Case, ...]:
    """Return one case of every service and variant, dated from today."""
    soon = f"{today + timedelta(days=2):%d/%m/%Y}"
    now = f"{today:%d/%m/%Y}"
    household = {
        "so_giay_to": "001192000001",
        "ngay_sinh": "12/05/1992",
        "gioi_tinh": "Nữ",
        "ngay_cap_giay_to": "20/08/2021",
        "noi_cap_giay_to": "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
        "dia_chi_thuong_tru": "Số 8 ngách 25/4 phố Chùa Láng, phường Láng, thành phố Hà Nội",
        "khu_vuc": "thanh_thi",
        "so_ho": "1",
        "ngay_khao_sat": now,
        "ket_qua_khao_sat": "thuan_loi",
        "ma_tram": "PD0500T012",
        "khoang_cach_luoi": "25",
        "them_luoi": "Không",
        "vi_tri_do_dem": "Hộp 4 công tơ trên cột C12/L2",
        "ngay_ghi_chi_so": "5",
        "hinh_thuc_thanh_toan": "chuyen_khoan",
        "kenh_thong_bao": "sms",
        "lai_cham_tra": "0,8",
        "co_quan_tranh_chap": "Tòa án nhân dân có thẩm quyền nơi sử dụng điện",
        "ngay_hieu_luc": soon,
        "ngay_treo_thao": now,
        "so_cot": "C12/L2",
        "so_hop": "H4-07",
        "ma_so_gcs": "D05A012",
        "nhan_vien_treo_thao": "Đinh Quốc Hữu",
        "nhan_vien_niem_phong": "Hoàng Thị Khuê",
        "treo_so_cong_to": "0018123456",
        "treo_nam_san_xuat": "2025",
        "treo_ma_hieu": "CE-18G",
        "treo_ma_chung_loai": "580",
        "treo_ngay_kiem_dinh": f"{today - timedelta(days=120):%d/%m/%Y}",
        "treo_ma_chi_hop": "HN05",
        "treo_so_vien_hop": "0045121",
        "treo_ma_chi_tem": "TKD26",
        "treo_so_vien_tem": "T250118421",
        "treo_chi_so_p": "0,3",
    }
    return (Case("cap_dien_ha_ap", "sinh_hoat", "+84900000001", MappingProxyType(household)),)
