"""A verification in the words people read, one shape for the terminal and for print (TT 15/2025/TT-BKHCN, Điều 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.messages import message
from kernel.signing.report import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel.api.text import Language
    from kernel.signing.consent_check import ConsentCheck
    from kernel.signing.report import Reason, Report, SignatureReport

__all__ = ["Told", "ToldPart", "ToldReason", "tell"]

_OF_THE_CERTIFICATE = frozenset(
    {
        "authority_expired",
        "authority_revoked",
        "certificate_unreadable",
        "chain_broken",
        "expired",
        "expired_at_signing",
        "key_usage",
        "not_yet_valid",
        "revocation_unknown",
        "revoked",
        "revoked_later",
        "root_unknown",
    }
)
"""Reasons that leave a certificate without its validity at the time of signing (Phụ lục II)."""
_CERTIFICATE_WORDS = {Verdict.VALID: "certificate_valid", Verdict.INVALID: "certificate_invalid"}
_MARKS = {Verdict.VALID: "✓", Verdict.INVALID: "✗", Verdict.UNKNOWN: "?", Verdict.NO_SIGNATURE: "–"}
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ToldReason:
    """A sentence, and apart from it what a library said, in whatever language."""

    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A signature or the customer's consent: a heading with its mark, rows of label and text, reasons."""

    mark: str
    title: str
    rows: tuple[tuple[str, str], ...]
    reasons: tuple[ToldReason, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The verification of one file. `reasons` are those of the file as a whole."""

    mark: str
    file: str
    verdict: str
    reasons: tuple[ToldReason, ...]
    signatures: tuple[ToldPart, ...]
    consent: ToldPart | None


def tell(report: Report, file: str, language: Language) -> Told:
    """Return a report in words."""
    inside = [reason for one in report.signatures for reason in one.reasons]
    inside += report.consent.reasons if report.consent else ()
    return Told(
        mark=_MARKS[report.verdict],
        file=file,
        verdict=report.verdict.label(language),
        reasons=_reasons((reason for reason in report.reasons if reason not in inside), language),
        signatures=tuple(_signature(one, language) for one in report.signatures),
        consent=None if report.consent is None else _consent(report.consent, language),
    )


def _signature(one: SignatureReport, language: Language) -> ToldPart:
    def say(name: str, **facts: str) -> str:
        return message(f"verification.text.{name}", language, **facts)

    certificate = one.certificate
    period = certificate and say("period", since=clock.shown(certificate.since), until=clock.shown(certificate.until))
    rows = {
        "signer": one.signer,
        "uid": one.signer_uid,
        "party": one.party,
        "organisation": certificate.organisation if certificate else "",
        "issuer": one.issuer,
        "serial": certificate.serial if certificate else "",
        "period": period or "",
        "signed_at": say("claimed", time=clock.shown(one.signed_at)) if one.signed_at else "",
        "time_stamp": clock.shown(one.time_stamp) if one.time_stamp else say("none"),
        "level": one.level,
        "integrity": say("broken" if not one.intact else "changed" if one.changed_after else "intact"),
        "validity": say(_CERTIFICATE_WORDS.get(_certificate_at_signing(one), "certificate_unknown")),
        "revocation": message(f"verify.revocation.{one.revocation}", language),
    }
    title = say("signature", field=one.field, verdict=one.verdict.label(language))
    return ToldPart(_MARKS[one.verdict], title, _labelled(rows, language), _reasons(one.reasons, language))


def _certificate_at_signing(one: SignatureReport) -> Verdict:
    known = Verdict.UNKNOWN if not one.trusted or one.revocation == "unknown" else Verdict.VALID
    return worst([known, *(reason.weight for reason in one.reasons if reason.code in _OF_THE_CERTIFICATE)])


def _consent(check: ConsentCheck, language: Language) -> ToldPart:
    found = check.as_json(language)
    rows = {
        "confirmed_at": _moment(found["confirmed_at"]),
        "length": str(found["length"]) if type(found["length"]) is int else "",
        "sha256": str(found["sha256"] or ""),
        "phone": found["phone"] or "",
        "covered_by": ", ".join(check.covered_by),
    }
    verdict = Verdict.VALID if check.matches else Verdict.INVALID
    title = message(f"verification.text.consent_{'matches' if check.matches else 'differs'}", language)
    return ToldPart(_MARKS[verdict], title, _labelled(rows, language), _reasons(check.reasons, language))


def _moment(written: str | None) -> str:
    """Return an ISO time as it is shown everywhere, other text as it stands in the record."""
    try:
        moment = datetime.fromisoformat(written or "")
        return clock.shown(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return written or ""


def _labelled(rows: dict[str, str], language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((message(f"verification.label.{name}", language), text or _NOTHING) for name, text in rows.items())


def _reasons(reasons: Iterable[Reason], language: Language) -> tuple[ToldReason, ...]:
    return tuple(
        ToldReason(
            one.text(language), one.detail and message("verification.text.technical", language, detail=one.detail)
        )
        for one in reasons
    )
