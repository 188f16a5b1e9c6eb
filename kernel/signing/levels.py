"""PAdES levels (ETSI EN 319 142-1, clause 6): what each adds to the one before."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Level"]


class Level(StrEnum):
    """As written in reports. Compared by what they prove: B-B < B-T < B-LT < B-LTA."""

    B_B = "B-B"
    """A signature."""
    B_T = "B-T"
    """It existed at a time proven by a time stamp."""
    B_LT = "B-LT"
    """What certificates and revocation data its checking takes lies in the file."""
    B_LTA = "B-LTA"
    """A time stamp over all of that: it can be checked when the certificates are over."""

    @classmethod
    def of(cls, written: str) -> Level | None:
        """Return the level of a report, that of a signature that is not PAdES (`PKCS7-T`) too; None for no level."""
        _, _, reached = written.partition("-")
        return next((level for level in cls if level.value == f"B-{reached}"), None)

    @property
    def _rank(self) -> int:
        return list(type(self)).index(self)

    def __lt__(self, other: str) -> bool:
        return self._rank < Level(other)._rank

    def __le__(self, other: str) -> bool:
        return self._rank <= Level(other)._rank

    def __gt__(self, other: str) -> bool:
        return self._rank > Level(other)._rank

    def __ge__(self, other: str) -> bool:
        return self._rank >= Level(other)._rank
