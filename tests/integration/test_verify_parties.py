"""Who signed is who was to sign: the UID of the certificate against the party the document names."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from functools import cache
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.api.documents import Purpose
from kernel.signing.attachments import attach_json, attachment_bytes, attachment_names
from kernel.signing.consent import attach_consent
from kernel.signing.fields import with_signature_fields
from kernel.signing.parties import PARTIES_FILE, Party
from kernel.signing.report import Report, Verdict
from kernel.signing.telling import tell
from kernel.signing.verify import verify
from tests.pki import BOXES, contract, draw, evidence_for, sign

PARTIES = (
    Party("ben_mua", Purpose.CUSTOMER, ("Nguyễn Thị Lấp Lánh Ánh",), "001090000001"),
    Party("ben_ban", Purpose.SIGNATORY, ("Trần Văn Ữ",)),
    Party("dong_dau", Purpose.SEAL, ("Công ty Điện lực",), "0400000011"),
)


@cache
def drawn() -> bytes:
    return with_signature_fields(draw(), BOXES, PARTIES)


@cache
def agreed() -> bytes:
    return attach_consent(drawn(), dataclasses.asdict(evidence_for(drawn())))


def judged(pdf: bytes) -> Report:
    return verify(pdf, contract().trust, seconds=30)


def codes(report: Report) -> list[str]:
    return [reason.code for reason in report.reasons]


def test_the_document_carries_its_parties_in_its_only_revision() -> None:
    reader = PdfFileReader(BytesIO(drawn()))
    assert reader.total_revisions == 1
    assert with_signature_fields(draw(), BOXES, PARTIES) == drawn()
    found = dict(attachment_names(reader.root))
    record = json.loads(attachment_bytes(found[PARTIES_FILE]))
    assert [one["field"] for one in record["parties"]] == ["ben_mua", "ben_ban", "dong_dau"]
    assert found[PARTIES_FILE].get_object()["/AFRelationship"] == "/Data"
    assert record["parties"][0]["names"] == ["Nguyễn Thị Lấp Lánh Ánh"]


def test_the_right_people_signed() -> None:
    pdf = sign(sign(agreed(), "ben_ban", contract().signatory), "dong_dau", contract().seal)
    report = judged(pdf)
    assert (report.verdict, codes(report)) == (Verdict.VALID, [])
    assert [one.party for one in report.signatures] == ["Trần Văn Ữ", "Công ty Điện lực"]
    rows = [dict(part.rows) for part in tell(report, "a.pdf", "vi").signatures]
    assert [row["Người phải ký theo văn bản"] for row in rows] == ["Trần Văn Ữ", "Công ty Điện lực"]


@pytest.mark.parametrize("uid", ["CCCD:001090000001", "CMND:001090000001", "cccd: 001090000001"])
def test_a_customer_is_known_by_the_number_in_any_of_its_forms(uid: str) -> None:
    signer = contract().pki.issuing.person("Nguyễn Thị Lấp Lánh Ánh", uid=uid)
    report = judged(sign(drawn(), "ben_mua", signer))
    assert (report.verdict, codes(report)) == (Verdict.VALID, [])


@pytest.mark.parametrize(
    ("field", "uid", "code", "verdict"),
    [
        ("ben_mua", "CCCD:001090000009", "signed_by_another", Verdict.INVALID),
        ("ben_mua", "MST:0400000011", "signed_by_another", Verdict.INVALID),
        ("ben_mua", "", "identity_unknown", Verdict.UNKNOWN),
        ("dong_dau", "MST:0400000011-001", "signed_by_another", Verdict.INVALID),
        ("ben_ban", "CCCD:001090000002", "name_differs", Verdict.UNKNOWN),
    ],
)
def test_another_person_is_told(field: str, uid: str, code: str, verdict: Verdict) -> None:
    # the same name: only the number tells them apart, but for the signatory, who is known by name
    name = "Lê Thị Khác" if field == "ben_ban" else "Nguyễn Thị Lấp Lánh Ánh"
    report = judged(sign(agreed(), field, contract().pki.issuing.person(name, uid=uid)))
    assert (report.verdict, codes(report)) == (verdict, [code])
    [one] = report.signatures
    assert one.intact
    assert one.trusted
    assert name in report.reasons[0].text("vi")


def test_a_name_in_decomposed_letters_is_the_same_name() -> None:
    signer = contract().pki.issuing.person(unicodedata.normalize("NFD", "trần văn ữ"), uid="CCCD:001090000002")
    assert codes(judged(sign(agreed(), "ben_ban", signer))) == []


def test_a_customer_who_did_neither_is_told_of() -> None:
    report = judged(sign(drawn(), "ben_ban", contract().signatory))
    assert (report.verdict, codes(report)) == (Verdict.VALID, ["customer_absent"])
    assert "Nguyễn Thị Lấp Lánh Ánh" in report.reasons[0].text("vi")


def test_a_list_put_in_later_names_nobody() -> None:
    from kernel.signing._pdf import extend

    signed = sign(with_signature_fields(draw(), BOXES), "ben_ban", contract().signatory)
    writer = extend(signed)
    attach_json(writer, PARTIES_FILE, b'{"schema":"quaydien.parties/1","parties":[]}', description="x")
    report = judged(writer.to_bytes())
    assert report.verdict is Verdict.INVALID
    assert [one.party for one in report.signatures] == [""]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"schema":"quaydien.parties/9","parties":[]}',
        b'{"schema":"quaydien.parties/1","parties":[{"field":1,"purpose":"dong_dau","names":[],"identity":""}]}',
        b'{"schema":"quaydien.parties/1","parties":[{"field":"a","purpose":"vua","names":[],"identity":""}]}',
    ],
)
def test_a_list_that_cannot_be_read_leaves_it_open(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.signing.parties.canonical", lambda _record: data)
    pdf = sign(with_signature_fields(draw(), BOXES, PARTIES), "ben_ban", contract().signatory)
    report = judged(pdf)
    assert (report.verdict, codes(report)) == (Verdict.UNKNOWN, ["parties_unreadable"])
