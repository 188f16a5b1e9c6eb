"""The verification as a PDF to print: what the circular asks for, and never stopped by a strange name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest

from console.main import main
from kernel.documents.verification import Verified, draw_verification
from kernel.signing.telling import tell
from kernel.signing.verify import verify
from tests.pki import NOW, agreed, contract, make_pki, sign

if TYPE_CHECKING:
    from pathlib import Path


def text_of(pdf: bytes) -> str:
    reader = pypdfium2.PdfDocument(pdf)
    try:
        said = "\n".join(reader[number].get_textpage().get_text_range() for number in range(len(reader)))
    finally:
        reader.close()
    return " ".join(said.split())


def drawn(pdf: bytes, name: str = "hợp đồng.pdf") -> bytes:
    told = tell(verify(pdf, contract().trust, seconds=30), name, "vi")
    return draw_verification([Verified(told, pdf)], NOW, "vi", unit="Điện lực Thực Hành", roots=1, fonts="built-in")


def test_a_report_to_print(tmp_path: Path) -> None:
    good, bad, trust, out = (tmp_path / name for name in ("hợp đồng.pdf", "bị sửa.pdf", "gốc.pem", "kiểm tra.pdf"))
    good.write_bytes(contract().pdf)
    bad.write_bytes(contract().pdf + b"%")
    trust.write_bytes(contract().pki.trust_pem())
    words = ["verify", good, bad, "--trust", trust, "--home", tmp_path, "--report", out]
    assert main([str(word) for word in words]) == 1
    said = text_of(out.read_bytes())
    for part in (
        "BẢN KIỂM TRA CHỮ KÝ SỐ",
        "Kết quả: HỢP LỆ",
        "Kết quả: KHÔNG HỢP LỆ",
        "Trần Văn Ữ",
        "CA cấp phát thực hành",
        "MST:0400000011",
        "chưa bị thu hồi",
        "Sau phần kết thúc của tệp còn dữ liệu lạ",
        "không phải chữ ký số",
        "hợp đồng.pdf",
    ):
        assert part in said


def test_the_same_findings_are_the_same_bytes() -> None:
    told = Verified(tell(verify(contract().pdf, contract().trust), "a.pdf", "vi"), contract().pdf)
    one, two = (draw_verification([told], NOW, "vi", fonts="built-in") for _ in range(2))
    assert one == two


@pytest.mark.parametrize("name", ["ខ្មែរ", "山田太郎", "A\x07\u202eB", "Nguyễn 🖋 Ệ", "x" * 300, "#sys.inputs *đậm* $x$"])
def test_no_name_stops_a_report(name: str) -> None:
    stranger = make_pki("lạ").issuing.person(name[:60], uid="CCCD:1")
    pdf = sign(agreed(), "ben_ban", stranger)
    made = drawn(pdf, f"{name}.pdf")
    assert made.startswith(b"%PDF-1.7")
    assert "Kết quả: CHƯA XÁC ĐỊNH" in text_of(made)


def test_a_file_that_is_none_is_reported_too() -> None:
    said = text_of(drawn("không phải PDF".encode()))
    assert "Tệp không phải PDF." in said
    assert "Chi tiết kỹ thuật" in said


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "a.pdf"
    good.write_bytes(contract().pdf)
    out = tmp_path / "không có" / "b.pdf"
    assert main(["verify", str(good), "--home", str(tmp_path), "--report", str(out)]) == 3
    assert str(out) in capsys.readouterr().err


def test_english_is_spoken_when_asked() -> None:
    told = tell(verify(contract().pdf, contract().trust), "a.pdf", "en")
    said = text_of(draw_verification([Verified(told, contract().pdf)], NOW, "en", fonts="built-in"))
    assert "VERIFICATION OF DIGITAL SIGNATURES" in said
    assert "Result: VALID" in said
