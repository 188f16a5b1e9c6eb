"""What signing asks of the outside world: time stamps, revocation data. `kernel.trust_services` answers over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["RevocationSource", "Revocations", "TimeStampToken", "TimeStamper"]


@dataclass(frozen=True, slots=True)
class TimeStampToken:
    """A time stamp that was checked against its request (RFC 3161, 2.4.2)."""

    der: bytes
    """The TimeStampToken: a CMS ContentInfo."""
    at: datetime
    """genTime, aware."""
    authority: str
    """Which of the configured authorities gave it, by its id in the settings."""


class TimeStamper(Protocol):
    """Gives RFC 3161 time stamps, from whichever of its authorities answers."""

    @property
    def token_size(self) -> int:
        """Bytes a token may take at most: what was seen of these authorities, with a margin."""

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        """Return a time stamp over `imprint`, a digest by `algorithm` (`sha256`, `sha384`, `sha512`).

        Raises TimeStampUnavailable where no authority gave one that is right, TimeStampWrong for an imprint whose
        length is not the algorithm's.
        """


@dataclass(frozen=True, slots=True)
class Revocations:
    """Revocation lists and OCSP responses, each as DER."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __add__(self, other: Revocations) -> Revocations:
        return Revocations(
            (*self.crls, *(one for one in other.crls if one not in self.crls)),
            (*self.ocsps, *(one for one in other.ocsps if one not in self.ocsps)),
        )


class RevocationSource(Protocol):
    """Tells what is known of certificates' revocation, by OCSP where they name a responder, else by CRL."""

    def revocations(self, chain: Sequence[bytes], *, newer_than: datetime | None = None) -> Revocations:
        """Return revocation data for every certificate of `chain` (DER, the root last) that names a source.

        What is in the cache and was made after `newer_than` is not asked for again. Raises RevocationUnavailable with
        the certificates nothing could be learnt about.
        """
