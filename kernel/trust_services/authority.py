"""One time-stamping authority asked over HTTP (RFC 3161, 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel.signing.trust import Trust, TrustPurpose, load_trust
from kernel.trust_services.account import read_password
from kernel.trust_services.line import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kernel.settings import TimeStampSettings
    from kernel.signing.ports import TimeStampToken
    from kernel.trust_services.line import Line

__all__ = ["Authority"]

LARGEST = 256 * 1024
"""Bytes of an answer: a token with its certificates takes 3 to 10 KB."""
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


@dataclass(frozen=True, slots=True)
class Authority:
    """A configured authority; `trust` tells what the branch believes in now."""

    settings: TimeStampSettings
    line: Line
    home: Path
    trust: Callable[[], Trust]

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        """Return a checked time stamp over a digest. Raises TrustServiceError, TrustUnreadable."""
        # imported late: pyHanko takes half a second to load
        from kernel.trust_services.token import Question, check_answer

        chosen = self.settings
        account = None
        if chosen.password_file is not None:
            account = (chosen.user, read_password(chosen.id, self.home / chosen.password_file))
        trust = self._trust()
        question = Question.new(imprint, algorithm, chosen.policy)
        answer = self.line.ask(Request(chosen.id, chosen.url, chosen.timeout, LARGEST, question.der, _HEADERS, account))
        return check_answer(answer.body or b"", question, trust, chosen.id)

    def _trust(self) -> Trust:
        """Return what this authority must lead to: its own roots where it has some, else the branch's."""
        branch = self.trust().serving(TrustPurpose.TIME_STAMPING)
        own = load_trust(self.home / path for path in self.settings.certificates)
        return Trust(own.roots or branch.roots, (*own.intermediates, *branch.intermediates), branch.crls)
