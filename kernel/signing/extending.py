"""Raise a signed file to a higher PAdES level, and renew its archive time stamp: by incremental updates alone.

B-T is a document time stamp where signatures carry none; B-LT the security store; B-LTA a document time stamp over
it (ETSI EN 319 142-1, 5.4 and 6). A renewal puts what proves the last time stamp into the store before the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.signing.archiving import Growing
from kernel.signing.errors import (
    ExtensionBroken,
    ExtensionRefused,
    LevelNotProved,
    NotPdf,
    RevocationUnavailable,
    SigningError,
    TimeStampUnavailable,
    TimeStampWrong,
)
from kernel.signing.gathering import gather, reason_text
from kernel.signing.levels import Level
from kernel.signing.ports import Revocations
from kernel.signing.report import Verdict
from kernel.signing.source import source_of
from kernel.signing.standing import authority, standing
from kernel.signing.verify import verify

if TYPE_CHECKING:
    from datetime import datetime

    from kernel.signing.ports import RevocationSource, TimeStamper
    from kernel.signing.report import Report
    from kernel.signing.standing import Holder, Standing
    from kernel.signing.time_stamp_token import Token
    from kernel.signing.timestamps import Proof
    from kernel.signing.trust import Trust

__all__ = ["Extended", "extend", "file_level", "renew"]

_MAY_BE_LEARNT = "revocation_unknown"
"""The one doubt about a file that an extension is there to settle."""


@dataclass(frozen=True, slots=True)
class Extended:
    """A file with what could be appended to it."""

    pdf: bytes
    """The same bytes as before, and updates behind them."""
    level: Level | None
    """That all its signatures have reached; None without a signature."""
    obstacle: QuayDienError | None
    """What stopped it below what was wanted."""


def extend(
    pdf: bytes,
    *,
    wanted: Level,
    trust: Trust,
    time_stamper: TimeStamper | None,
    revocation: RevocationSource | None,
    now: datetime,
) -> Extended:
    """Return `pdf` raised as high as it goes, to `wanted` at most. Never raises for what is missing or broken.

    Without `time_stamper` or `revocation` it goes as far as what is in the file and given with `trust` carries.
    A file whose signatures do not hold is returned as it is, with the obstacle.
    """
    work = _Work(pdf, trust, time_stamper, revocation, now)
    try:
        work.refuse_unfit()
        if work.level is None or work.level < wanted:
            _raise(work, wanted)
    except QuayDienError as problem:
        return work.result(wanted, problem)
    return work.result(wanted)


def renew(
    pdf: bytes,
    *,
    trust: Trust,
    time_stamper: TimeStamper | None,
    revocation: RevocationSource | None,
    now: datetime,
) -> Extended:
    """Return `pdf` with one more archive time stamp, so that it can be checked for as long as that one can.

    First what tells of the last time stamp's authority, made after that time stamp, is put into the security store.
    A file without a document time stamp is raised to B-LTA instead.
    """
    work = _Work(pdf, trust, time_stamper, revocation, now)
    try:
        work.refuse_unfit()
        last = next((time.token for time in work.standing().times if time.at and time.token), None)
        if last is None or work.level != Level.B_LTA:
            _raise(work, Level.B_LTA)
        else:
            _renew(work, last)
    except QuayDienError as problem:
        return work.result(Level.B_LTA, problem)
    return work.result(Level.B_LTA)


def file_level(report: Report) -> Level | None:
    """Return the level all signatures of a file have reached, None where one has none."""
    levels = [Level.of(one.level) for one in report.signatures]
    known = [level for level in levels if level is not None]
    return min(known) if known and len(known) == len(levels) else None


def _raise(work: _Work, wanted: Level) -> None:
    if wanted >= Level.B_T and not all(_stamped(proof) for proof in work.standing().proofs):
        work.stamp()
    if wanted >= Level.B_LT:
        work.keep(work.standing())
    elif wanted == Level.B_T:
        # the time is not proven before the authority's certificate is known to be good
        now = work.standing()
        work.known += gather(now.authorities, now.kept, trust=work.knowing(), source=work.revocation).known
    if wanted == Level.B_LTA:
        work.stamp()


def _renew(work: _Work, last: Token) -> None:
    now = work.standing()
    newest = [holder for holder in now.authorities if holder.certificate.dump() == last.certificate.dump()][-1:]
    work.keep(now, holders=[replace(holder, at=work.now) for holder in newest], newer_than=last.generated)
    work.stamp()


def _stamped(proof: Proof | None) -> bool:
    if proof is None or proof.broken:
        return False
    return proof.at is not None or (proof.doubt is not None and proof.doubt.code == _MAY_BE_LEARNT)


class _Work:
    """One file on its way up."""

    def __init__(
        self,
        pdf: bytes,
        trust: Trust,
        time_stamper: TimeStamper | None,
        revocation: RevocationSource | None,
        now: datetime,
    ) -> None:
        self.pdf, self.now = pdf, now
        self.trust = replace(trust, allow_fetching=False)
        self.time_stamper, self.revocation = time_stamper, revocation
        self.growing = Growing(source_of(pdf))
        self.known = Revocations()
        self.level: Level | None = None
        self._stands: tuple[tuple[int, Revocations], Standing] | None = None

    def knowing(self) -> Trust:
        """Return what was given and what was learnt on the way."""
        crls, ocsps = (*self.trust.crls, *self.known.crls), (*self.trust.ocsps, *self.known.ocsps)
        return replace(self.trust, crls=crls, ocsps=ocsps)

    def verified(self, content: bytes) -> Report:
        return verify(content, self.knowing(), at=self.now)

    def refuse_unfit(self) -> None:
        """Raise ExtensionRefused for a file that is not signed, or whose signatures do not hold.

        Raises RevocationUnavailable where that depends on what cannot be learnt about a time stamp's authority.
        """
        unlearnt: SigningError | None = None
        try:
            self._learn()
        except (NotPdf, RevocationUnavailable) as problem:
            unlearnt = problem if isinstance(problem, RevocationUnavailable) else None
        report = self.verified(self.pdf)
        self.level = file_level(report)
        doubts = [reason for reason in report.reasons if reason.weight is not Verdict.VALID]
        grave = [reason for reason in doubts if reason.code != _MAY_BE_LEARNT]
        if grave and unlearnt is not None and report.verdict is Verdict.UNKNOWN:
            raise unlearnt
        if grave:
            raise ExtensionRefused(reason=reason_text(grave[0]))

    def _learn(self) -> None:
        """Ask about the authorities of time stamps that prove nothing only for want of revocation data."""
        stands = self.standing()
        doubted = [time for time in (*stands.times, *stands.proofs) if time and time.token and time.doubt]
        tokens = [time.token for time in doubted if time.doubt and time.doubt.code == _MAY_BE_LEARNT]
        holders = [authority(token, self.now) for token in tokens if token]
        if holders:
            self.known += gather(holders, stands.kept, trust=self.knowing(), source=self.revocation).known

    def standing(self) -> Standing:
        """Return how the file stands now. The answer is kept until something is appended or learnt."""
        state = (len(self.growing), self.known)
        if self._stands is None or self._stands[0] != state:
            found = standing(self.growing.stream(), self.growing, self.knowing(), self.now)
            self._stands = (state, found)
        return self._stands[1]

    def stamp(self) -> None:
        """Append a document time stamp."""
        if self.time_stamper is None:
            raise TimeStampUnavailable(detail="–")
        self.growing.time_stamp(self.time_stamper, self._accept)

    def _accept(self, token: Token, name: str) -> None:
        """Raise TimeStampWrong for a time stamp that could not prove anything here."""
        holder = authority(token, self.now)
        chain = holder.checked(self.knowing())
        if not chain.trusted or any(reason.weight is Verdict.INVALID for reason in chain.reasons):
            raise TimeStampWrong(authority=name, detail=reason_text(chain.reasons[0], holder))

    def keep(self, standing: Standing, holders: list[Holder] | None = None, newer_than: datetime | None = None) -> None:
        """Append what proves the holders' certificates, by default those of all signatures and time stamps."""
        wanted = [*standing.signers, *standing.authorities] if holders is None else holders
        found = gather(wanted, standing.kept, trust=self.knowing(), source=self.revocation, newer_than=newer_than)
        self.known += found.known
        self.growing.keep(found.certificates, found.known)

    def result(self, wanted: Level, obstacle: QuayDienError | None = None) -> Extended:
        """Return what was reached, checked as any reader would: nothing that does not hold leaves here."""
        if not self.growing.updates:
            return Extended(self.pdf, self.level, obstacle)
        content = self.growing.content()
        report = self.verified(content)
        grave = [reason for reason in report.reasons if reason.weight is Verdict.INVALID]
        if grave:
            return Extended(self.pdf, self.level, obstacle or ExtensionBroken(reason=reason_text(grave[0])))
        level = file_level(report)
        if obstacle is None and (level is None or level < wanted):
            reason = reason_text(report.reasons[0]) if report.reasons else "–"
            obstacle = LevelNotProved(wanted=wanted.value, reached=level.value if level else "–", reason=reason)
        return Extended(content, level, obstacle)
