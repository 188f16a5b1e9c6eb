from __future__ import annotations

import subprocess
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from kernel.signing.boxes import SignatureBox
from kernel.signing.errors import DocumentEncrypted, FieldPlacement, NotPdf
from kernel.signing.fields import signature_fields, with_signature_fields
from tests.pki import BOXES, draw, prepared

if TYPE_CHECKING:
    from pathlib import Path


def test_one_revision_and_the_same_bytes_from_the_same_input() -> None:
    drawn = draw()
    made = with_signature_fields(drawn, BOXES)
    assert made == with_signature_fields(drawn, BOXES)
    assert made.count(b"%%EOF") == 1
    assert PdfFileReader(BytesIO(made)).total_revisions == 1
    assert made.startswith(b"%PDF-1.7\n")
    assert with_signature_fields(drawn, BOXES[:2]) != made


def test_fields_are_empty_named_and_in_order() -> None:
    assert signature_fields(prepared()) == {"ben_mua": False, "ben_ban": False, "dong_dau": False}


def test_boxes_are_measured_from_the_top_left_corner() -> None:
    reader = PdfFileReader(BytesIO(prepared()))
    [found] = [holder.get_object() for name, _, holder in enumerate_sig_fields(reader) if name == "ben_mua"]
    left, bottom, right, top = (float(value) for value in found["/Rect"])
    assert (left, right) == (60, 240)
    assert top == pytest.approx(841.89 - 500, abs=0.01)
    assert bottom == pytest.approx(841.89 - 580, abs=0.01)


def test_widgets_conform_to_pdf_a() -> None:
    reader = PdfFileReader(BytesIO(prepared()))
    pages = reader.root["/Pages"]["/Kids"]
    for _, _, holder in enumerate_sig_fields(reader):
        widget = holder.get_object()
        assert widget["/F"] & 4  # printed
        assert not widget["/F"] & (1 | 2 | 32)  # neither invisible, nor hidden, nor without view
        assert "/N" in widget["/AP"]
        assert widget.raw_get("/P").reference == pages.raw_get(2).reference
        assert holder.reference in [annotation.reference for annotation in widget["/P"]["/Annots"]]
    assert reader.root["/AcroForm"]["/SigFlags"] == 3
    assert "/NeedAppearances" not in reader.root["/AcroForm"]


def test_metadata_is_the_drawn_documents_own() -> None:
    before, after = (PdfFileReader(BytesIO(pdf)) for pdf in (draw(), prepared()))
    assert before.root["/Metadata"].data == after.root["/Metadata"].data
    information = [dict(reader.trailer_view["/Info"]) for reader in (before, after)]
    assert information[0] == information[1]
    assert before.document_id[0] == after.document_id[0]


def test_other_programs_find_the_file_clean(tmp_path: Path) -> None:
    (tmp_path / "hop-dong.pdf").write_bytes(prepared())
    seen = subprocess.run(
        ["qpdf", "--check", "hop-dong.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert seen.returncode == 0, seen.stdout + seen.stderr
    text = subprocess.run(["pdftotext", "hop-dong.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Nguyễn Thị Lấp Lánh Ánh, Điện Biên. Ệ Ữ đ Đ" in text.stdout


@pytest.mark.parametrize(
    "box",
    [
        SignatureBox("ben_mua", 4, 60, 500, 180, 80),
        SignatureBox("ben_mua", 0, 60, 500, 180, 80),
        SignatureBox("", 1, 60, 500, 180, 80),
        SignatureBox("ben.mua", 1, 60, 500, 180, 80),
        SignatureBox("ben_mua", 1, 500, 500, 180, 80),
        SignatureBox("ben_mua", 1, 60, 800, 180, 80),
        SignatureBox("ben_mua", 1, 60, 500, 0, 80),
    ],
)
def test_a_box_without_a_place_is_refused(box: SignatureBox) -> None:
    with pytest.raises(FieldPlacement) as refused:
        with_signature_fields(draw(), [box])
    assert refused.value.diagnosis("vi").title


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(FieldPlacement):
        with_signature_fields(draw(), [BOXES[0], BOXES[0]])


@pytest.mark.parametrize("pdf", [b"", b"xin ch\xc3\xa0o", b"%PDF-1.7\n", draw()[:-400], draw()[:3000]])
def test_what_is_no_pdf_is_refused(pdf: bytes) -> None:
    with pytest.raises(NotPdf):
        with_signature_fields(pdf, BOXES)


def test_an_encrypted_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(draw(standard="1.7"))
    subprocess.run(["qpdf", "--encrypt", "mk", "mk", "256", "--", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    with pytest.raises(DocumentEncrypted):
        with_signature_fields((tmp_path / "b.pdf").read_bytes(), BOXES)
