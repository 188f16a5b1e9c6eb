"""Who is to sign which field: carried in the first revision of a document, and compared with who did.

The certificate's UID against the contract party's CCCD or MST is the check that tells another person's signature from
the right one (TT 15/2025/TT-BKHCN, Phụ lục II: the signer's information is right).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from kernel.api.documents import Purpose
from kernel.api.identifiers import same_name
from kernel.signing.attachments import attach_json, attachment_bytes, attachment_names
from kernel.signing.certificates import belongs_to
from kernel.signing.evidence import canonical
from kernel.signing.report import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyhanko.pdf_utils.reader import PdfFileReader

    from kernel.signing._pdf import Extension
    from kernel.signing.certificates import CertificateInfo
    from kernel.signing.report import SignatureReport

__all__ = [
    "PARTIES_FILE",
    "PartiesUnreadable",
    "Party",
    "absent_customers",
    "attach_parties",
    "compared",
    "read_parties",
]

PARTIES_FILE = "cac-ben-ky.json"
SCHEMA = "quaydien.parties/1"
_DESCRIPTION = "Ai ký vào ô nào của văn bản này"


class PartiesUnreadable(Exception):
    """The list of parties in the file is not of the shape this program writes."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who is to sign `field`: one of `names`; `identity` is the CCCD or MST, empty where the document has none."""

    field: str
    purpose: Purpose
    names: tuple[str, ...]
    identity: str = ""


def attach_parties(writer: Extension, parties: Sequence[Party]) -> None:
    """Put the list into a document that is being prepared, as an associated file."""
    record = {"schema": SCHEMA, "parties": [asdict(party) for party in parties]}
    attach_json(writer, PARTIES_FILE, canonical(record), description=_DESCRIPTION, relationship="/Data")


def read_parties(reader: PdfFileReader) -> tuple[Party, ...]:
    """Return the list as the first revision has it, empty without one. Raises PartiesUnreadable."""
    try:
        found = [one for name, one in attachment_names(reader.get_historical_root(0)) if name == PARTIES_FILE]
    except Exception:  # noqa: BLE001  # what a broken file holds is no list of this program's; other checks tell of it
        return ()
    if not found:
        return ()
    try:
        [specification] = found
        return _parsed(json.loads(attachment_bytes(specification)))
    except Exception as problem:
        # a broken file makes pyHanko raise anything
        raise PartiesUnreadable(f"{type(problem).__name__}: {problem}") from problem


def compared(one: SignatureReport, parties: Sequence[Party]) -> SignatureReport:
    """Return a signature's report with what its certificate's owner has to do with the party of its field."""
    party = next((party for party in parties if party.field == one.field), None)
    if party is None or one.certificate is None:
        return one
    named = replace(one, party=" / ".join(party.names))
    problem = _problem(one, one.certificate, party)
    return named if problem is None else replace(named, reasons=(*one.reasons, problem))


def absent_customers(parties: Sequence[Party], signatures: Sequence[SignatureReport], *, agreed: bool) -> list[Reason]:
    """Return a remark for a customer who neither signed nor confirmed: a drawn name is no signature."""
    signed = {one.field for one in signatures}
    return [
        Reason("customer_absent", Verdict.VALID, {"expected": " / ".join(party.names), "field": party.field})
        for party in parties
        if party.purpose is Purpose.CUSTOMER and party.field not in signed and not agreed
    ]


def _problem(one: SignatureReport, certificate: CertificateInfo, party: Party) -> Reason | None:
    expected = " / ".join(party.names)
    facts = {"field": one.field, "signer": one.signer, "expected": expected}
    if party.identity:
        if belongs_to(certificate, party.identity):
            return None
        if not certificate.uid:
            return Reason("identity_unknown", Verdict.UNKNOWN, facts)
        return Reason(
            "signed_by_another", Verdict.INVALID, {**facts, "uid": certificate.uid, "identity": party.identity}
        )
    if not party.names or any(same_name(name, certificate.name) for name in party.names):
        return None
    # those who did the work are known by their employee's code, which no certificate carries
    decisive = party.purpose is Purpose.SIGNATORY
    return Reason("name_differs", Verdict.UNKNOWN if decisive else Verdict.VALID, facts)


def _parsed(record: dict[str, Any]) -> tuple[Party, ...]:
    if record["schema"] != SCHEMA:
        raise ValueError(record["schema"])
    return tuple(_party(one) for one in record["parties"])


def _party(one: dict[str, Any]) -> Party:
    party = Party(one["field"], Purpose(one["purpose"]), tuple(one["names"]), one["identity"])
    if not all(isinstance(text, str) for text in (party.field, party.identity, *party.names)):
        raise TypeError(one["field"])
    return party
