"""The party of a contract: a business is known by its tax code, a person by the identity paper."""

from __future__ import annotations

import pytest

from kernel.casework.parties import parties_of
from plugins.documents.hop_dong_mua_ban_dien import DOCUMENT

BOTH = {"ten_khach_hang": "Công ty TNHH Đông Ệ", "ma_so_thue": "0301234562", "so_giay_to": "001190000001"}


@pytest.mark.parametrize(
    ("kind", "identity"),
    [
        ({"loai_khach_hang": "to_chuc"}, "0301234562"),
        ({"loai_khach_hang": "ho_kinh_doanh"}, "0301234562"),
        ({"loai_khach_hang": "ca_nhan"}, "001190000001"),
        ({}, "001190000001"),
        ({"dang_ky_kinh_doanh": "0301234562"}, "0301234562"),
        ({"dang_ky_kinh_doanh": "0301234562", "loai_khach_hang": "ca_nhan"}, "001190000001"),
    ],
)
def test_the_customer_is_known_by_the_number_of_its_kind(kind: dict[str, str], identity: str) -> None:
    form = DOCUMENT.of("ngoai_sinh_hoat")
    customer, _ = parties_of(form, BOTH | kind, {"dai_dien": "Trần Văn Đức"})
    assert (customer.field, customer.identity) == ("ben_mua", identity)


def test_a_business_without_a_tax_code_is_not_known_by_its_clerks_paper() -> None:
    values = {name: value for name, value in BOTH.items() if name != "ma_so_thue"} | {"loai_khach_hang": "to_chuc"}
    assert parties_of(DOCUMENT.of("ngoai_sinh_hoat"), values, {})[0].identity == ""
