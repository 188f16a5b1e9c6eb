"""Check a customer's consent: the record, the bytes it names, and that nothing else came between them and now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.sign.fields import enumerate_sig_fields

from kernel.signing._pdf import entry, open_pdf
from kernel.signing.attachments import attachment_bytes, attachment_names
from kernel.signing.changes import Changes, consent_update_only
from kernel.signing.consent import CONSENT_FILE
from kernel.signing.errors import EvidenceInvalid, NotPdf
from kernel.signing.evidence import canonical
from kernel.signing.report import Reason, Verdict
from kernel.signing.source import Overlay

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

    from kernel.api.text import Language

__all__ = ["Consent", "ConsentCheck", "check_consent", "check_consent_in", "read_consent"]

_SHOWN_DIGITS = 3
_TAIL = 16


@dataclass(frozen=True, slots=True)
class Consent:
    """The consent record as it stands in a file: `data` byte by byte, `record` as JSON reads it."""

    data: bytes
    record: dict[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        """The part that names the agreed bytes, empty where it is missing."""
        document = self.record.get("document")
        return document if isinstance(document, dict) else {}


@dataclass(frozen=True, slots=True)
class ConsentCheck:
    """`matches` only if every check passed; `reasons` says which did not. `covered_by` are signed fields."""

    consent: Consent | None
    matches: bool
    reasons: tuple[Reason, ...]
    covered_by: tuple[str, ...]

    def as_json(self, language: Language) -> dict[str, Any]:
        """Return what `quaydien verify --json` shows; the phone number is masked."""
        consent = self.consent
        document = consent.document if consent else {}
        return {
            "matches": self.matches,
            "sha256": document.get("sha256"),
            "length": document.get("length"),
            "confirmed_at": _inside(consent, "answer", "confirmed_at"),
            "given_by": _inside(consent, "answer", "given_by"),
            "phone": _masked(_inside(consent, "delivery", "phone")),
            "covered_by": list(self.covered_by),
            "reasons": [reason.text(language) for reason in self.reasons],
        }


def read_consent(pdf: bytes) -> Consent | None:
    """Return the consent record of a file, None without one.

    Raises NotPdf, DocumentEncrypted, DocumentHybrid, EvidenceInvalid.
    """
    reader = open_pdf(pdf)
    try:
        found = _specification(reader.root)
        return None if found is None else _parsed(attachment_bytes(found))
    except EvidenceInvalid:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem


def check_consent(pdf: bytes) -> ConsentCheck | None:
    """Return the check of a file's consent record, None without one. Raises as `read_consent`."""
    reader = open_pdf(pdf)
    return check_consent_in(pdf, reader, Changes(reader))


def check_consent_in(pdf: bytes, reader: PdfFileReader, changes: Changes) -> ConsentCheck | None:
    """`check_consent` for a file already opened. What is broken in the file becomes a reason."""
    try:
        found = _specification(reader.root)
        if found is None:
            removed = reader.total_revisions > 1 and _specification(reader.get_historical_root(1)) is not None
            return _failed(None, "consent_removed") if removed else None
        consent = _parsed(attachment_bytes(found))
    except Exception as problem:  # noqa: BLE001  # whatever a broken file raises becomes a reason
        return _failed(None, "consent_unreadable", f"{type(problem).__name__}: {problem}")
    try:
        code = _first_problem(pdf, reader, changes, found, consent)
        covered = tuple(_covering(reader))
    except Exception as problem:  # noqa: BLE001  # whatever a broken file raises becomes a reason
        return _failed(consent, "consent_unreadable", f"{type(problem).__name__}: {problem}")
    if code is not None:
        return _failed(consent, code)
    return ConsentCheck(consent, matches=True, reasons=(), covered_by=covered)


def _first_problem(
    pdf: bytes,
    reader: PdfFileReader,
    changes: Changes,
    specification: generic.PdfObject,
    consent: Consent,
) -> str | None:
    length, digest = consent.document.get("length"), consent.document.get("sha256")
    if type(length) is not int or not 0 < length < len(pdf) or canonical(consent.record) != consent.data:
        return "consent_unreadable"
    if hashlib.sha256(memoryview(pdf)[:length]).hexdigest() != digest:
        return "consent_document_differs"
    if not _is_first_revision(pdf, length, reader):
        return "consent_not_first_revision"
    if not _came_second(reader, specification):
        return "consent_replaced"
    return None if _nothing_else(reader, changes) else "consent_document_changed"


def _nothing_else(reader: PdfFileReader, changes: Changes) -> bool:
    """Tell whether the record alone came with its update, and only signatures and archive data after it."""
    attached = consent_update_only(reader.get_historical_resolver(0), reader.get_historical_resolver(1), CONSENT_FILE)
    return attached and changes.after(1) is None and not _new_visible_fields(reader)


def _is_first_revision(pdf: bytes, length: int, reader: PdfFileReader) -> bool:
    """Tell whether the first `length` bytes are a whole file of one revision, and the one `reader` starts from."""
    alone = open_pdf(Overlay(BytesIO(pdf), length))
    tail = pdf[max(length - _TAIL, 0) : length]
    ends = tail.rstrip(b"\r\n").endswith(b"%%EOF") and len(tail) - len(tail.rstrip(b"\r\n")) <= 2
    same = alone.last_startxref == reader.xrefs.get_startxref_for_revision(0)
    return alone.total_revisions == 1 and ends and same


def _came_second(reader: PdfFileReader, specification: generic.PdfObject) -> bool:
    """Tell whether record and stream were written by the update right after the first revision, and never again."""
    if not isinstance(specification, generic.IndirectObject):
        return False
    stream = specification.get_object()["/EF"].raw_get("/F")
    if not isinstance(stream, generic.IndirectObject):
        return False
    xrefs = reader.xrefs
    return all(
        xrefs.get_introducing_revision(reference) == 1 and xrefs.get_last_change(reference) == 1
        for reference in (specification.reference, stream.reference)
    )


def _new_visible_fields(reader: PdfFileReader) -> bool:
    known = {name for name, _, _ in enumerate_sig_fields(reader.get_historical_resolver(0))}
    for name, _, reference in enumerate_sig_fields(reader):
        if name not in known:
            left, bottom, right, top = (float(value) for value in reference.get_object()["/Rect"])
            if left != right and bottom != top:
                return True
    return False


def _covering(reader: PdfFileReader) -> list[str]:
    """Return the fields signed in a revision that holds the record."""
    return [
        str(name)
        for name, value, _ in enumerate_sig_fields(reader, filled_status=True)
        if reader.xrefs.get_last_change(value.reference) >= 1 and entry(value.get_object(), "/Type") != "/DocTimeStamp"
    ]


def _specification(root: generic.DictionaryObject) -> generic.PdfObject | None:
    found = [specification for name, specification in attachment_names(root) if name == CONSENT_FILE]
    if len(found) > 1:
        raise PdfReadError("two consent records")
    return found[0] if found else None


def _parsed(data: bytes) -> Consent:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise EvidenceInvalid(detail=str(problem)) from problem
    if not isinstance(record, dict):
        raise EvidenceInvalid(detail="JSON")
    return Consent(data, record)


def _failed(consent: Consent | None, code: str, detail: str = "") -> ConsentCheck:
    return ConsentCheck(
        consent, matches=False, reasons=(Reason(code, Verdict.INVALID, {"detail": detail}),), covered_by=()
    )


def _inside(consent: Consent | None, part: str, name: str) -> str | None:
    section = entry(consent.record, part, {}) if consent else {}
    value = section.get(name) if isinstance(section, dict) else None
    return value if isinstance(value, str) else None


def _masked(phone: str | None) -> str | None:
    return None if phone is None else "•" * max(0, len(phone) - _SHOWN_DIGITS) + phone[-_SHOWN_DIGITS:]
