"""Two ways to write a signature: by hand into a plain file, through pyHanko into any other. Both are accepted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing import prepared as prepared_module
from kernel.signing.check import second_opinion
from kernel.signing.classic import plain_field
from kernel.signing.errors import DocumentUnreadable, FieldFilled, FieldMissing
from kernel.signing.report import Verdict
from kernel.signing.sign import sign_field
from kernel.signing.source import source_of
from kernel.signing.verify import verify
from tests.pki import NOW, agreed, contract, prepared, sign, stamp
from tests.scans import write_scan

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = ("ben_mua", "ben_ban", "dong_dau")
SHOWN: dict[str, Any] = {"name": "Trần Văn Ữ", "reason": "Ký hợp đồng", "location": "Điện Biên"}


def plain(pdf: bytes, name: str = "ben_ban") -> bool:
    return plain_field(source_of(pdf), name) is not None


def test_every_revision_this_program_writes_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared_module, "_by_library", None)
    signer = contract().signatory
    document = agreed()
    for field in FIELDS:
        assert plain(document, field)
        document = sign(document, field, signer)
    assert verify(document, contract().trust).verdict is Verdict.VALID
    assert not any(plain(document, field) for field in FIELDS)


def by_library(pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr(prepared_module, "plain_field", lambda *_: None)
        return sign(pdf, "ben_ban", contract().signatory)


def test_both_ways_are_accepted_by_everyone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for signed in (by_library(agreed(), monkeypatch), sign(agreed(), "ben_ban", contract().signatory)):
        second_opinion(signed, "ben_ban", contract().signatory.certificate)
        sealed = sign(signed, "dong_dau", contract().seal)
        assert verify(sealed, contract().trust).verdict is Verdict.VALID
        (tmp_path / "a.pdf").write_bytes(sealed)
        subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, check=True, capture_output=True)
        seen = subprocess.run(["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert seen.stdout.count("Signature is Valid") == 2
        text = subprocess.run(["pdftotext", "a.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "Ký bởi: Trần Văn Ữ" in text.stdout


def test_a_file_with_streams_of_cross_references_goes_through_the_library(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(prepared())
    subprocess.run(["qpdf", "--object-streams=generate", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    packed = (tmp_path / "b.pdf").read_bytes()
    assert not plain(packed)
    assert verify(sign(packed, "ben_ban", contract().signatory), contract().trust).verdict is Verdict.VALID


def swapped(pdf: bytes, old: bytes, new: bytes) -> bytes:
    assert old in pdf
    assert len(old) == len(new)
    return pdf.replace(old, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: swapped(pdf, b"/SigFlags 3", b"/SigFlags 1"),
        lambda pdf: swapped(pdf, b"/SigFlags 3", b"/Sig#46lags"),
        lambda pdf: swapped(pdf, b"startxref", b"startxxxx"),
        lambda pdf: swapped(pdf, b"%PDF-1.", b"%PDF-2."),
        lambda pdf: re.sub(rb"/T \(ben.137ban\)", b"/TT(ben\\\\137ban)", pdf),
        lambda pdf: pdf[:-7],
        lambda pdf: pdf + "% thêm".encode(),
    ],
)
def test_what_is_not_plain_is_left_to_the_library(change: Callable[[bytes], bytes]) -> None:
    assert plain(prepared())
    assert not plain(change(prepared()))


def test_a_circle_of_tables_ends() -> None:
    pdf = prepared()
    last = pdf.rindex(b"trailer")
    circular = pdf[:last] + pdf[last:].replace(b"/Size", b"/Prev %d /Size" % (pdf.rindex(b"\nxref\n") + 1), 1)
    assert not plain(circular)


def test_the_library_has_the_words() -> None:
    with pytest.raises(FieldMissing):
        sign(prepared(), "không có", contract().signatory)
    with pytest.raises(FieldFilled):
        sign(contract().pdf, "ben_ban", contract().signatory)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 4000), byte=st.integers(0, 255))
def test_a_broken_byte_is_no_plain_file_or_the_same_field(place: int, byte: int) -> None:
    pdf = agreed()
    at = max(len(pdf) - 1 - place, 0)
    broken = pdf[:at] + bytes([byte]) + pdf[at + 1 :]
    found = plain_field(source_of(broken), "ben_ban")
    assert found is None or found.first_free > 0


def test_a_signature_leaves_the_document_as_it_is() -> None:
    source = source_of(agreed())
    made = sign_field(source, field="ben_ban", signer=contract().signatory, at=NOW, appearance=stamp(), **SHOWN)
    assert made.sha256_before == source.sha256
    whole = agreed() + made.update
    assert made.sha256_after == source_of(whole).sha256
    assert PdfFileReader(source_of(whole).overlay()).document_id[0] == PdfFileReader(source.overlay()).document_id[0]


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(DocumentUnreadable) as caught:
        sign_field(Path("không có.pdf"), field="a", signer=contract().signatory, at=NOW, appearance=None, **SHOWN)
    assert "không có.pdf" in caught.value.diagnosis("vi").cause


MEMORY = """
import re, sys
from pathlib import Path
from kernel.signing.sign import sign_field
from tests.pki import NOW, contract, sign, agreed
signer = contract().signatory
sign(agreed(), "ben_ban", signer)
status = Path("/proc/self/status")
Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
before = int(re.search(r"VmRSS:\\s+(\\d+)", status.read_text()).group(1))
shown = {"name": "Ữ", "reason": "", "location": ""}
made = sign_field(Path(sys.argv[1]), field="ben_ban", signer=signer, at=NOW, appearance=None, **shown)
print(int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text()).group(1)) - before, made.sha256_after)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the highest memory use on Linux only")
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "by library"])
def test_a_scan_of_200_megabytes_is_signed_where_it_lies(tmp_path: Path, packed: bool) -> None:
    scan = tmp_path / "bản quét.pdf"
    write_scan(scan, prepared(), 200_000_000)
    if packed:
        subprocess.run(
            ["qpdf", "--object-streams=generate", "--stream-data=preserve", scan, tmp_path / "b.pdf"], check=True
        )
        scan = tmp_path / "b.pdf"
    run = [sys.executable, "-c", MEMORY, str(scan)]
    said = subprocess.run(run, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    kilobytes, sha256 = said.stdout.split()
    assert 0 <= int(kilobytes) < 15_000, kilobytes
    assert len(sha256) == 64
