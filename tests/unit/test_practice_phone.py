"""The practice customer reads out codes, and nothing that looks like one."""

from __future__ import annotations

import pytest

from console.practice.phone import _CODE


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("336723 la ma OTP xac nhan Bien ban so 01/2026/BBTT, hieu luc 5 phut. Ho tro: 19000000", ["336723"]),
        ("336723 là mã OTP xác nhận Hợp đồng mua bán điện số 26/000123 với Điện lực", ["336723"]),
        ("Hop dong mua ban dien so 26/000123 da ky xong, ma yeu cau GC3957601", []),
    ],
)
def test_a_code_is_told_from_a_contract_number(text: str, codes: list[str]) -> None:
    assert _CODE.findall(text) == codes
