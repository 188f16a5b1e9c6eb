"""The answer of a verification: a verdict, its reasons, and what was found of each signature."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from kernel.api.messages import message

if TYPE_CHECKING:
    from datetime import datetime

    from kernel.api.text import Language
    from kernel.signing.certificates import CertificateInfo
    from kernel.signing.consent_check import ConsentCheck

__all__ = ["Reason", "Report", "Revocation", "SignatureReport", "Verdict", "worst"]

Revocation = Literal["good", "revoked", "unknown"]


class Verdict(StrEnum):
    """The words of TT 15/2025/TT-BKHCN, Điều 6, and the two that honesty adds."""

    VALID = "HOP_LE"
    NO_SIGNATURE = "KHONG_CO_CHU_KY"
    UNKNOWN = "CHUA_XAC_DINH"
    INVALID = "KHONG_HOP_LE"

    def label(self, language: Language) -> str:
        """Return the words a person reads."""
        return message(f"verify.verdicts.{self.name.lower()}", language)


_WEIGHT = {Verdict.VALID: 0, Verdict.NO_SIGNATURE: 1, Verdict.UNKNOWN: 2, Verdict.INVALID: 3}


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the gravest of `verdicts`, valid for none."""
    return max(verdicts, key=_WEIGHT.__getitem__, default=Verdict.VALID)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is not better, or a remark that leaves it as it is (`weight` VALID)."""

    code: str
    """Entry of `verify.reasons` in the message catalogue."""
    weight: Verdict
    facts: dict[str, str] = field(default_factory=dict)
    """What the sentence names; `detail` is what a library said, for people who mend programs, and never in it."""

    @property
    def detail(self) -> str:
        """The technical detail, in whatever language it came; empty without one."""
        return self.facts.get("detail", "")

    def text(self, language: Language) -> str:
        """Return the sentence a person reads."""
        return message(f"verify.reasons.{self.code}", language, **self.facts)


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature. Times are aware; None where unknown."""

    field: str
    signer: str
    signer_uid: str
    issuer: str
    signed_at: datetime | None
    """The time the signer's machine wrote: a claim."""
    time_stamp: datetime | None
    """The time a trusted authority proved."""
    level: str
    """`B-B`, `B-T`, `B-LT`, `B-LTA`; `PKCS7-…` for signatures that are not PAdES; empty if unreadable."""
    intact: bool
    """The signed bytes are the signed bytes, and the signature over them is right."""
    trusted: bool
    """The certificate leads to a given root."""
    revocation: Revocation
    changed_after: bool
    """Something was changed after it that is neither archive data nor a further signature."""
    reasons: tuple[Reason, ...]
    certificate: CertificateInfo | None = None
    """What the signer's certificate says; None where it cannot be read."""
    party: str = ""
    """Whom the document names for this field; empty where it names nobody."""

    @property
    def verdict(self) -> Verdict:
        """The gravest of its reasons, valid without one."""
        return worst([reason.weight for reason in self.reasons])


@dataclass(frozen=True, slots=True)
class Report:
    """The verification of one file."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    signatures: tuple[SignatureReport, ...]
    consent: ConsentCheck | None
    seconds: float

    def as_json(self, file: str, language: Language) -> dict[str, Any]:
        """Return the shape of `quaydien verify --json` for one file."""
        return {
            "file": file,
            "verdict": self.verdict.value,
            "reasons": [reason.text(language) for reason in self.reasons],
            "signatures": [
                {
                    "field": one.field,
                    "signer": one.signer,
                    "issuer": one.issuer,
                    "signed_at": one.signed_at.isoformat() if one.signed_at else None,
                    "time_stamp": one.time_stamp.isoformat() if one.time_stamp else None,
                    "level": one.level,
                    "intact": one.intact,
                    "trusted": one.trusted,
                    "revocation": one.revocation,
                    "changed_after": one.changed_after,
                }
                for one in self.signatures
            ],
            "consent": None if self.consent is None else self.consent.as_json(language),
            "seconds": round(self.seconds, 3),
        }
