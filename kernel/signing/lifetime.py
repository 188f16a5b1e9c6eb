"""Until when a file can be checked: the end of the certificates that its newest time stamp stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from kernel.clock import local
from kernel.signing.source import source_of
from kernel.signing.standing import authority, standing

if TYPE_CHECKING:
    from kernel.signing.standing import Holder
    from kernel.signing.trust import Trust

__all__ = ["Lifetime", "lifetime"]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """`until` is the moment (aware) after which nothing proves the signatures any more, unless renewed before."""

    until: datetime
    stamped: bool
    """The newest proof is a document time stamp; else the signatures' own certificates or time stamps count."""

    def renew_by(self, margin: timedelta) -> date:
        """Return the last day, in Vietnam, that leaves `margin` before the end."""
        return local(self.until - margin).date()


def lifetime(pdf: bytes, trust: Trust, now: datetime) -> Lifetime | None:
    """Return how long a file lasts as it stands, None without a signature.

    The newest proven document time stamp counts; without one, the first to end of each signature's proven time stamp
    or its own certificate. A root's own end does not count: it is trusted by decree. Raises NotPdf.
    """
    stands = standing(source_of(pdf).overlay(), pdf, trust, now)
    newest = next((time.token for time in stands.times if time.at), None)
    if newest is not None:
        return Lifetime(_end(authority(newest, now), trust), stamped=True)
    holders = [
        authority(proof.token, now) if proof and proof.at and proof.token else signer
        for signer, proof in zip(stands.signers, stands.proofs, strict=True)
    ]
    return Lifetime(min(_end(one, trust) for one in holders), stamped=False) if holders else None


def _end(holder: Holder, trust: Trust) -> datetime:
    """Return the first end among a certificate and those above it, the root left out."""
    path = holder.checked(trust).path
    ends: list[datetime] = [one.not_valid_after for one in (holder.certificate, *path[1:])]
    return min(ends)
