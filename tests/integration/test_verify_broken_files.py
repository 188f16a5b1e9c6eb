"""Whatever a file holds, the answer is a verdict."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from kernel.signing import verify as verify_module
from kernel.signing.consent_check import check_consent
from kernel.signing.errors import SigningError
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests.pki import contract, draw, library_signer, prepared

if TYPE_CHECKING:
    from pathlib import Path

PROPERTY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOKENS = [
    b"/ByteRange", b"/Contents", b"/V", b"/Kids", b"/Parent", b"/Prev", b"/Root", b"/Size", b"/Fields", b"obj",
    b"endobj", b"stream", b"xref", b"trailer", b"startxref", b"/Names", b"/AF", b"/Length", b"/Filter", b"0 R",
]  # fmt: skip
REPLACEMENTS = [b"", b"null", b"/Kids", b"9999999999", b"-1", b"<<", b"]", b"1 0 R", b"(\xfe\xff)", b"/Prev 0"]


EDITS = st.one_of(
    st.tuples(st.just("token"), st.sampled_from(TOKENS), st.integers(0, 400), st.sampled_from(REPLACEMENTS)),
    st.tuples(st.just("cut"), st.integers(0, 64_000), st.integers(0, 2000), st.just(b"")),
    st.tuples(st.just("double"), st.integers(0, 64_000), st.integers(0, 2000), st.just(b"")),
    st.tuples(st.just("insert"), st.integers(0, 64_000), st.just(0), st.binary(max_size=20)),
)


def mutated(pdf: bytes, edits: list[tuple[str, bytes | int, int, bytes]]) -> bytes:
    for kind, where, number, put in edits:
        if isinstance(where, bytes):
            places = [found.start() for found in re.finditer(re.escape(where), pdf)]
            at = places[number % len(places)] if places else 0
            pdf = pdf[:at] + put + pdf[at + len(where) :]
        elif kind == "cut":
            pdf = pdf[:where] + pdf[where + number :]
        else:
            pdf = pdf[:where] + (pdf[where : where + number] if kind == "double" else put) + pdf[where:]
    return pdf


@PROPERTY
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_mutations_get_a_verdict(edits: list[tuple[str, bytes | int, int, bytes]]) -> None:
    pdf = mutated(contract().pdf, edits)
    report = verify(pdf, contract().trust, seconds=30)
    assert report.verdict is not Verdict.VALID or pdf == contract().pdf
    assert report.as_json("a.pdf", "vi")["verdict"] == report.verdict.value
    try:
        check_consent(pdf)
    except SigningError as problem:
        assert problem.diagnosis("vi").title


@PROPERTY
@given(st.binary(max_size=300), st.booleans())
def test_rubbish_gets_a_verdict(data: bytes, header: bool) -> None:
    report = verify(b"%PDF-1.7\n" + data if header else data, contract().trust)
    assert report.verdict in (Verdict.NO_SIGNATURE, Verdict.INVALID)


@pytest.mark.parametrize(
    "problem", [KeyError("V"), AssertionError(), RecursionError(), MemoryError(), OSError(), UnicodeError()]
)
def test_any_error_becomes_a_verdict(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise problem

    monkeypatch.setattr(verify_module, "_verify", broken)
    report = verify(contract().pdf, contract().trust)
    assert (report.verdict, report.reasons[0].code) == (Verdict.INVALID, "unreadable")


def test_a_file_that_takes_too_long_is_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_arguments: object) -> None:
        while True:
            pass

    monkeypatch.setattr(verify_module, "_verify", endless)
    report = verify(contract().pdf, contract().trust, seconds=0.05)
    assert (report.verdict, report.reasons[0].code) == (Verdict.UNKNOWN, "too_slow")


def test_a_file_written_for_the_web_is_verified(tmp_path: Path) -> None:
    """Its older half has no catalog (ISO 32000-1, annex F); nothing is wrong with that."""
    (tmp_path / "a.pdf").write_bytes(prepared())
    subprocess.run(["qpdf", "--linearize", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    writer = IncrementalPdfFileWriter(BytesIO((tmp_path / "b.pdf").read_bytes()))
    made = PdfSigner(PdfSignatureMetadata("ben_ban"), library_signer(contract().signatory)).sign_pdf(writer)
    assert isinstance(made, BytesIO)
    report = verify(made.getvalue(), contract().trust, seconds=30)
    assert (report.verdict, [one.field for one in report.signatures]) == (Verdict.VALID, ["ben_ban"])


def test_deep_nesting_is_survived() -> None:
    deep = draw().replace(b"/Lang(vi)", b"/Lang(vi)/X" + b"[" * 60_000 + b"]" * 60_000)
    assert verify(deep, contract().trust, seconds=30).verdict is not Verdict.VALID
