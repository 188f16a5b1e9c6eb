"""What is kept when a customer agrees to a document by one-time code.

It is evidence of consent, not an electronic signature (Luật Giao dịch điện tử 20/2023/QH15, Điều 22 khoản 4).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from kernel.api.text import nfc
from kernel.signing.errors import EvidenceInvalid

__all__ = [
    "SCHEMA",
    "Answer",
    "ConsentEvidence",
    "ConsentedDocument",
    "Delivery",
    "OneTimeCode",
    "Place",
    "canonical",
    "evidence_hash",
]

Part = TypeVar("Part")

SCHEMA = "quaydien.consent/1"


@dataclass(frozen=True, slots=True)
class ConsentedDocument:
    """The exact bytes the customer agreed to: the first `length` bytes of the final file."""

    id: str
    type: str
    version: str
    sha256: str
    """Lower-case hex SHA-256 of those bytes."""
    length: int
    pages: int
    pages_viewed: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the code reached the customer. Times are ISO 8601 in UTC, empty where not known."""

    phone: str
    phone_verified_by: str
    """How the number was known to be the customer's, e.g. `hop_dong`, `vneid`, `goi_lai`."""
    message_id: str
    gateway: str
    brandname: str
    sent_at: str
    delivered_at: str


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """The code as a keyed hash: HMAC over salt and code under key `key_id`. The code itself is kept nowhere."""

    hash: str
    salt: str
    key_id: str
    algorithm: str
    tries: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The customer's answer. `given_by` says how: `ban_phim_khach`, `may_khach`, `doc_cho_nhan_vien`."""

    confirmed_at: str
    given_by: str
    sentence: str
    """The sentence shown to the customer, word by word."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and before whom: `channel` is `quay` or `hien_truong`. `witness` is empty without one."""

    clerk: str
    workstation: str
    ip: str
    channel: str
    identity_check: str
    """Result of checking the identity paper, e.g. `khop_cccd`."""
    witness: str = ""


@dataclass(frozen=True, slots=True)
class ConsentEvidence:
    """One customer's confirmation of one document. `previous` is the `evidence_hash` of the record before it."""

    document: ConsentedDocument
    customer: str
    delivery: Delivery
    code: OneTimeCode
    answer: Answer
    place: Place
    previous: str = ""
    schema: str = SCHEMA

    def to_json(self) -> bytes:
        """Return the record as canonical JSON (see `canonical`)."""
        return canonical(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Return the record of `data`. Raises EvidenceInvalid for another shape or schema."""
        try:
            return cls.from_mapping(json.loads(data))
        except (ValueError, RecursionError) as problem:
            raise EvidenceInvalid(detail=str(problem)) from problem

    @classmethod
    def from_mapping(cls, record: object) -> Self:
        """Return the record of a mapping of that shape. Raises EvidenceInvalid."""
        if not isinstance(record, Mapping) or record.get("schema") != SCHEMA:
            raise EvidenceInvalid(detail="schema")
        parts: dict[str, type[Any]] = {
            "document": ConsentedDocument,
            "delivery": Delivery,
            "code": OneTimeCode,
            "answer": Answer,
            "place": Place,
        }
        try:
            built = {name: _checked(part(**record[name])) for name, part in parts.items()}
            rest = {name: value for name, value in record.items() if name not in parts}
            return _checked(cls(**built, **rest))
        except (TypeError, KeyError) as problem:
            raise EvidenceInvalid(detail=str(problem)) from problem


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return `record` as UTF-8 JSON with sorted keys, no spaces, text in Unicode NFC: one record, one byte string.

    Raises EvidenceInvalid for values JSON cannot hold.
    """
    try:
        text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return nfc(text).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as problem:
        raise EvidenceInvalid(detail=str(problem)) from problem


def evidence_hash(data: bytes) -> str:
    """Return the hex SHA-256 of a canonical record: what the next record names as `previous`."""
    return hashlib.sha256(data).hexdigest()


def _checked(part: Part) -> Part:
    """Return `part` if each plain field has its declared type. Raises TypeError."""
    plain = {"str": str, "int": int}
    for field in dataclasses.fields(part):  # type: ignore[arg-type]  # only the dataclasses above come here
        wanted = plain.get(str(field.type))
        if wanted is not None and type(getattr(part, field.name)) is not wanted:
            raise TypeError(field.name)
    return part
