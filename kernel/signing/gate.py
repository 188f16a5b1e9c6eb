"""What a file just signed passes before it is released: a second reading by code of its own, and the verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.api.text import Text
from kernel.signing.check import second_opinion
from kernel.signing.verify import verify

if TYPE_CHECKING:
    from kernel.signing.trust import Trust

__all__ = ["doubt"]

_ANOTHER = "signed_by_another"


def doubt(pdf: bytes, field: str, certificate: bytes, trust: Trust) -> Text | None:
    """Return why a file must not be released as signed in `field` by `certificate` (DER); None where it may be."""
    try:
        second_opinion(pdf, field, certificate)
    except QuayDienError as error:
        return Text(*(error.diagnosis(language).cause.rstrip(".") for language in ("vi", "en")))
    report = verify(pdf, trust)
    if report.signatures and all(
        one.intact and not one.changed_after and all(reason.code != _ANOTHER for reason in one.reasons)
        for one in report.signatures
    ):
        return None
    return Text(*("; ".join(one.text(language).rstrip(".") for one in report.reasons) for language in ("vi", "en")))
