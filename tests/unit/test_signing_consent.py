from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing.consent import CONSENT_FILE, attach_consent
from kernel.signing.consent_check import check_consent, read_consent
from kernel.signing.errors import AlreadyAgreed, DocumentNotFirstRevision, EvidenceInvalid, NotPdf
from kernel.signing.evidence import ConsentEvidence
from kernel.signing.fields import with_signature_fields
from tests.pki import BOXES, agreed, compiled, contract, evidence_for, prepared, sign

if TYPE_CHECKING:
    from pathlib import Path


def record_for(pdf: bytes) -> dict[str, Any]:
    return dataclasses.asdict(evidence_for(pdf))


def test_the_agreed_bytes_stay_the_first_part_of_the_file() -> None:
    assert agreed().startswith(prepared())
    assert agreed().count(b"%%EOF") == 2
    final = contract().pdf
    consent = read_consent(final)
    assert consent is not None
    length = consent.document["length"]
    assert hashlib.sha256(final[:length]).hexdigest() == consent.document["sha256"]
    assert final[:length] == prepared()


def test_the_record_is_read_back_unchanged() -> None:
    consent = read_consent(agreed())
    assert consent is not None
    assert ConsentEvidence.from_json(consent.data) == evidence_for(prepared())


def test_the_version_and_the_metadata_stay() -> None:
    reader = PdfFileReader(BytesIO(agreed()))
    assert reader.input_version == (1, 7)
    assert "/Version" not in reader.root
    assert reader.root["/Metadata"].data == PdfFileReader(BytesIO(prepared())).root["/Metadata"].data


def test_the_record_is_an_associated_file_of_pdf_a_3() -> None:
    reader = PdfFileReader(BytesIO(agreed()))
    [specification] = [one.get_object() for one in reader.root["/AF"]]
    assert specification["/AFRelationship"] == "/Supplement"
    assert specification["/UF"] == CONSENT_FILE
    stream = specification["/EF"]["/F"]
    assert stream["/Subtype"] == "/application/json"
    assert stream["/Params"]["/Size"] == len(stream.data)
    assert "/ModDate" in stream["/Params"]


def test_other_programs_can_take_it_out(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(agreed())
    subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["pdfdetach", "-saveall", "a.pdf"], cwd=tmp_path, check=True, capture_output=True)
    assert json.loads((tmp_path / CONSENT_FILE).read_text("utf-8"))["customer"] == "Nguyễn Thị Lấp Lánh Ánh"


def test_attachments_of_the_document_itself_are_kept() -> None:
    attach = (
        '#pdf.attach("{0}", bytes("{{}}"), mime-type: "application/json", relationship: "data", description: "{0}")\n'
    )
    head = '#set document(title: "Hợp đồng", date: datetime(year: 2026, month: 1, day: 1))\n'
    drawn = compiled(head + attach.format("z.json") + attach.format("a.json") + "Điện", "a-3b")
    plain = with_signature_fields(drawn, [dataclasses.replace(box, page=1) for box in BOXES])
    made = attach_consent(plain, record_for(plain))
    reader = PdfFileReader(BytesIO(made))
    names = [str(name) for name in list(reader.root["/Names"]["/EmbeddedFiles"]["/Names"])[::2]]
    assert names == ["a.json", CONSENT_FILE, "z.json"]
    assert len(reader.root["/AF"]) == 3
    check = check_consent(made)
    assert check is not None
    assert check.matches


def test_agreeing_twice_is_refused() -> None:
    with pytest.raises((AlreadyAgreed, DocumentNotFirstRevision)):
        attach_consent(agreed(), record_for(agreed()))


def test_a_document_of_two_revisions_is_refused() -> None:
    signed = sign(prepared(), "ben_ban", contract().signatory)
    with pytest.raises(DocumentNotFirstRevision):
        attach_consent(signed, record_for(signed))


@pytest.mark.parametrize("document", [None, {}, [], {"sha256": "00", "length": 3}])
def test_evidence_of_another_document_is_refused(document: object) -> None:
    with pytest.raises(EvidenceInvalid):
        attach_consent(prepared(), {"document": document})


def test_what_is_no_pdf_is_refused() -> None:
    rubbish = "hợp đồng".encode()
    with pytest.raises(NotPdf):
        attach_consent(rubbish, record_for(rubbish))


def test_without_a_record_there_is_none() -> None:
    assert read_consent(prepared()) is None
    assert check_consent(prepared()) is None


def test_signatures_that_cover_the_record_are_named() -> None:
    before, after = check_consent(agreed()), check_consent(contract().pdf)
    assert before is not None
    assert before.matches
    assert before.covered_by == ()
    assert after is not None
    assert after.matches
    assert after.covered_by == ("ben_ban", "dong_dau")


def test_the_phone_number_is_masked_for_the_screen() -> None:
    check = check_consent(agreed())
    assert check is not None
    shown = json.dumps(check.as_json("vi"), ensure_ascii=False)
    assert "0900000001" not in shown
    assert check.as_json("vi")["phone"] == "•••••••001"
