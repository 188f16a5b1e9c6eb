"""Nobody changes a signed contract unnoticed: one bit, an appended byte, an annotation, another consent."""

from __future__ import annotations

import dataclasses
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing.consent import attach_consent
from kernel.signing.consent_check import check_consent
from kernel.signing.evidence import canonical
from kernel.signing.fields import with_signature_fields
from kernel.signing.report import Report, Verdict
from kernel.signing.verify import verify
from tests.pki import BOXES, agreed, contract, draw, evidence_for, prepared, sign

if TYPE_CHECKING:
    from collections.abc import Callable

PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def small() -> bytes:
    """Return a small signed document: a bit in it is likely to matter."""
    box = dataclasses.replace(BOXES[1], page=1)
    plain = with_signature_fields(draw("Điện", pages=1), [box])
    return sign(attach_consent(plain, dataclasses.asdict(evidence_for(plain))), "ben_ban", contract().signatory)


@cache
def envelope() -> range:
    """Return the positions of the hex digits of the small document's CMS."""
    [found] = PdfFileReader(BytesIO(small())).embedded_signatures
    _, first, start, _ = (int(number) for number in found.byte_range)
    return range(first, start)


def judged(pdf: bytes) -> Report:
    return verify(pdf, contract().trust, seconds=30)


def flipped(pdf: bytes, position: int, bit: int) -> bytes:
    return pdf[:position] + bytes([pdf[position] ^ (1 << bit)]) + pdf[position + 1 :]


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_small_document_is_valid() -> None:
    assert judged(small()).verdict is Verdict.VALID


@PROPERTY
@given(st.data())
def test_one_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(small()) - 1))
    assert judged(flipped(small(), position, data.draw(st.integers(0, 7)))).verdict is not Verdict.VALID


@PROPERTY
@given(st.data())
def test_one_bit_in_the_envelope_is_noticed(data: st.DataObject) -> None:
    position = data.draw(st.sampled_from(envelope()))
    assert judged(flipped(small(), position, data.draw(st.integers(0, 7)))).verdict is not Verdict.VALID


@PROPERTY
@given(st.binary(min_size=1, max_size=200))
@example(b"%%EOF\n")
@example(b"\nstartxref\n0\n%%EOF\n")
@example(b" ")
@example(b"\x00")
def test_appended_bytes_are_noticed(tail: bytes) -> None:
    report = judged(small() + tail)
    # a line end more is what mail programs add; it changes nothing for any reader
    if tail.strip(b"\r\n"):
        assert report.verdict is not Verdict.VALID


def test_the_beginning_of_a_file_appended_is_noticed() -> None:
    for size in (100, 2000, len(agreed())):
        assert judged(contract().pdf + contract().pdf[:size]).verdict is not Verdict.VALID


def test_the_end_of_a_file_repeated_is_noticed() -> None:
    pdf = contract().pdf
    for size in (30, 200, 1000, 3000):
        assert pdf[-size:].endswith(b"%%EOF\n")
        assert judged(pdf + pdf[-size:]).verdict is not Verdict.VALID


def note(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0]
    text = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(generic.NumberObject(number) for number in (100, 700, 300, 800)),
            pdf_name("/Contents"): pdf_string("Giá bán: 0 đồng"),
        }
    )
    writer.register_annotation(page, writer.add_object(text))


def another_page_text(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.update_container(page)


def new_title(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/OpenAction")] = generic.ArrayObject()
    writer.update_root()


def form_value(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    field = generic.DictionaryObject({pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): pdf_string("giá")})
    form["/Fields"].append(writer.add_object(field))
    writer.update_container(form["/Fields"])
    writer.update_container(form)


def drawn_empty_field(writer: IncrementalPdfFileWriter) -> None:
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    spec = SigFieldSpec("thêm", on_page=0, box=(50, 50, 500, 500), empty_field_appearance=True)
    append_signature_field(writer, spec)


def removed_field(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[pdf_name("/Fields")] = generic.ArrayObject()
    writer.update_container(form)


@pytest.mark.parametrize("change", [note, another_page_text, new_title, form_value, drawn_empty_field])
def test_changes_after_signing_are_noticed(change: Callable[[IncrementalPdfFileWriter], None]) -> None:
    report = judged(updated(contract().pdf, change))
    assert report.verdict is Verdict.INVALID
    assert all(one.changed_after for one in report.signatures)
    assert all(one.intact for one in report.signatures)


def test_taking_the_signatures_away_is_not_valid() -> None:
    assert judged(updated(contract().pdf, removed_field)).verdict is not Verdict.VALID


def test_a_revision_cut_off_is_the_earlier_document() -> None:
    once = sign(agreed(), "ben_ban", contract().signatory)
    assert contract().pdf[: len(once)].count(b"%%EOF") == 3
    report = judged(contract().pdf[: len(once)])
    assert [one.field for one in report.signatures] == ["ben_ban"]
    assert report.verdict is Verdict.VALID


def other_record(**changes: Any) -> bytes:
    return canonical({**dataclasses.asdict(evidence_for(prepared())), **changes})


def replaced_stream(writer: IncrementalPdfFileWriter) -> None:
    [specification] = list(writer.root["/AF"])
    stream = specification.get_object()["/EF"]["/F"]
    stream._data = other_record(customer="Người khác")
    stream._encoded_data = None
    writer.update_container(stream)


def pointing_elsewhere(writer: IncrementalPdfFileWriter) -> None:
    [specification] = list(writer.root["/AF"])
    target = specification.get_object()
    stream = generic.StreamObject(stream_data=other_record(customer="Người khác"))
    target[pdf_name("/EF")] = generic.DictionaryObject({pdf_name("/F"): writer.add_object(stream)})
    writer.update_container(target)


def removed_record(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Names"]
    del writer.root["/AF"]
    writer.update_root()


@pytest.mark.parametrize("change", [replaced_stream, pointing_elsewhere, removed_record])
def test_another_consent_record_is_noticed(change: Callable[[IncrementalPdfFileWriter], None]) -> None:
    for pdf in (agreed(), contract().pdf):
        report = judged(updated(pdf, change))
        assert report.consent is not None
        assert not report.consent.matches
        assert report.verdict is Verdict.INVALID
    # nor does a signature over the change heal it
    signed = sign(updated(agreed(), change), "ben_ban", contract().signatory)
    report = judged(signed)
    assert all(one.intact and not one.changed_after for one in report.signatures)
    assert report.verdict is Verdict.INVALID


@pytest.mark.parametrize("change", [note, another_page_text, new_title, drawn_empty_field])
def test_a_document_changed_between_consent_and_signature_is_noticed(
    change: Callable[[IncrementalPdfFileWriter], None],
) -> None:
    report = judged(sign(updated(agreed(), change), "ben_ban", contract().signatory))
    assert all(one.intact and not one.changed_after for one in report.signatures)
    assert (report.verdict, [reason.code for reason in report.reasons]) == (
        Verdict.INVALID,
        ["consent_document_changed"],
    )


def test_a_record_attached_together_with_a_change_is_noticed() -> None:
    def both(writer: IncrementalPdfFileWriter) -> None:
        note(writer)
        stream = writer.add_object(generic.StreamObject(stream_data=other_record()))
        specification = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Filespec"),
                pdf_name("/UF"): pdf_string("xac-nhan-khach-hang.json"),
                pdf_name("/EF"): generic.DictionaryObject({pdf_name("/F"): stream}),
            }
        )
        reference = writer.add_object(specification)
        names = generic.ArrayObject([pdf_string("xac-nhan-khach-hang.json"), reference])
        tree = generic.DictionaryObject({pdf_name("/Names"): names})
        writer.root[pdf_name("/Names")] = generic.DictionaryObject({pdf_name("/EmbeddedFiles"): tree})
        writer.root[pdf_name("/AF")] = generic.ArrayObject([reference])
        writer.update_root()

    check = check_consent(updated(prepared(), both))
    assert check is not None
    assert [reason.code for reason in check.reasons] == ["consent_document_changed"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"sha256": "00" * 32}, "consent_document_differs"),
        ({"length": 10**9}, "consent_unreadable"),
        ({"length": -1}, "consent_unreadable"),
        ({"length": "5"}, "consent_unreadable"),
    ],
)
def test_a_record_of_other_bytes_does_not_match(
    document: dict[str, Any], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = dataclasses.asdict(evidence_for(prepared()))
    record["document"] = {**record["document"], **document}
    # the writer refuses such a record, so its canonical form is put in behind its back
    monkeypatch.setattr("kernel.signing.consent.canonical", lambda _evidence: canonical(record))
    check = check_consent(attach_consent(prepared(), dataclasses.asdict(evidence_for(prepared()))))
    assert check is not None
    assert [reason.code for reason in check.reasons] == [code]


def test_a_record_of_half_the_document_does_not_match(monkeypatch: pytest.MonkeyPatch) -> None:
    half = prepared()[: len(prepared()) // 2]
    record = dataclasses.asdict(evidence_for(half))
    monkeypatch.setattr("kernel.signing.consent.canonical", lambda _evidence: canonical(record))
    check = check_consent(attach_consent(prepared(), dataclasses.asdict(evidence_for(prepared()))))
    assert check is not None
    assert not check.matches
