from __future__ import annotations

import dataclasses
import json
import unicodedata

import pytest

from kernel.signing.errors import EvidenceInvalid
from kernel.signing.evidence import ConsentEvidence, canonical, evidence_hash
from tests.pki import evidence_for


def test_there_and_back() -> None:
    evidence = evidence_for(b"%PDF")
    assert ConsentEvidence.from_json(evidence.to_json()) == evidence


def test_one_record_has_one_byte_string() -> None:
    composed = unicodedata.normalize("NFC", "Tôi đồng ý: Lấp Lánh Ữ Ệ")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert canonical({"b": 1, "a": decomposed}) == canonical({"a": composed, "b": 1})
    assert canonical({"a": composed}) == f'{{"a":"{composed}"}}'.encode()


def test_records_chain_by_hash() -> None:
    first = evidence_for(b"%PDF-1")
    second = dataclasses.replace(evidence_for(b"%PDF-2"), previous=evidence_hash(first.to_json()))
    assert json.loads(second.to_json())["previous"] == evidence_hash(first.to_json())


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "khac/1"},
        {"document": {}},
        {"document": None},
        {"la": "thừa"},
        {"customer": 7},
        {"code": {"hash": "", "salt": "", "key_id": "", "algorithm": "", "tries": "1"}},
        {"code": {"hash": "", "salt": "", "key_id": "", "algorithm": "", "tries": True}},
    ],
)
def test_another_shape_is_refused(change: dict[str, object]) -> None:
    record = {**dataclasses.asdict(evidence_for(b"%PDF")), **change}
    with pytest.raises(EvidenceInvalid):
        ConsentEvidence.from_mapping(record)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b"null", b"[" * 100_000])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        ConsentEvidence.from_json(data)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(EvidenceInvalid):
        canonical({"a": float("nan")})
    with pytest.raises(EvidenceInvalid):
        canonical({"a": b"bytes"})
