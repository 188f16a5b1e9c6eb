"""Higher PAdES levels: a file signed B-B is raised, its time stamps and revocation lists made in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.signing.contracts import FIELD
from benchmarks.signing.ways import Way, now, timed
from kernel.signing.levels import Level
from tests.archive_kit import Archive

if TYPE_CHECKING:
    from benchmarks.signing.contracts import Contract
    from benchmarks.signing.ways import Made, Token

LEVELS = (Level.B_T, Level.B_LT, Level.B_LTA)


def raised(level: Level) -> Way:
    """Return the way from B-B to a level: verified before and after, as the worker does it."""
    archive = Archive(now())
    signed: dict[int, bytes] = {}

    def sign(contract: Contract, count: int) -> Made:
        if contract.pages not in signed:
            signed[contract.pages] = archive.signed(contract.pdf, FIELD)
        return timed(lambda _: archive.extended(signed[contract.pages], level).pdf, count)

    def accepts(_token: Token, file: bytes) -> bool:
        return archive.judged(file).signatures[0].level == level.value

    return Way(name(level), 1, sign, accepts)


def name(level: Level) -> str:
    """Return what the row of a level is called."""
    return f"this signer, a file raised from B-B to {level.value}"
