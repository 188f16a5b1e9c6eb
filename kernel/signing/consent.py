"""Tie a customer's consent to the very bytes agreed to: the first revision of the file, and a record appended to it.

Anyone can check it without this program: cut the file at `document.length`, hash it, compare with `document.sha256`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kernel.signing._pdf import Extension, extend
from kernel.signing.attachments import attach_json, attachment_names
from kernel.signing.errors import AlreadyAgreed, DocumentNotFirstRevision, EvidenceInvalid, NotPdf, SigningError
from kernel.signing.evidence import canonical

__all__ = ["CONSENT_FILE", "attach_consent"]

CONSENT_FILE = "xac-nhan-khach-hang.json"
_DESCRIPTION = "Bằng chứng khách hàng xác nhận bằng mã OTP"


def attach_consent(pdf: bytes, evidence: Mapping[str, Any]) -> bytes:
    """Return `pdf` followed by an incremental update with `evidence` as an associated file (ISO 19005-3, 6.8).

    `evidence["document"]` must name the SHA-256 and the length of `pdf`, which must be a single revision.
    The PDF version, Info and XMP stay. Raises EvidenceInvalid, DocumentNotFirstRevision, AlreadyAgreed, NotPdf.
    """
    document = evidence.get("document")
    digest = hashlib.sha256(pdf).hexdigest()
    if not isinstance(document, Mapping) or (document.get("sha256"), document.get("length")) != (digest, len(pdf)):
        raise EvidenceInvalid(detail="document.sha256")
    data = canonical(evidence)
    writer = extend(pdf)
    if writer.prev.total_revisions != 1:
        raise DocumentNotFirstRevision(revisions=writer.prev.total_revisions)
    try:
        _attach(writer, evidence, data)
        return writer.to_bytes()
    except SigningError:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem


def _confirmed_at(evidence: Mapping[str, Any]) -> datetime | None:
    answer = evidence.get("answer")
    try:
        return datetime.fromisoformat(answer["confirmed_at"]) if isinstance(answer, Mapping) else None
    except (KeyError, TypeError, ValueError):
        return None


def _attach(writer: Extension, evidence: Mapping[str, Any], data: bytes) -> None:
    if CONSENT_FILE in dict(attachment_names(writer.root)):
        raise AlreadyAgreed
    attach_json(writer, CONSENT_FILE, data, description=_DESCRIPTION, modified=_confirmed_at(evidence))
