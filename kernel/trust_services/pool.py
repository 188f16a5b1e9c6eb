"""Time stamps from an ordered list of authorities: the first that is well, has quota left and answers right."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.signing.errors import TimeStampUnavailable, TimeStampWrong, TrustUnreadable
from kernel.trust_services.errors import (
    NotConnected,
    QuotaUsedUp,
    ServiceResting,
    ServiceUnreachable,
    TrustServiceError,
    because,
    together,
    words,
)
from kernel.trust_services.record import LONGEST_REST, Health

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, timedelta

    from kernel.signing.ports import TimeStampToken
    from kernel.trust_services.authority import Authority
    from kernel.trust_services.record import Record

__all__ = ["AuthorityState", "Examined", "TimeStampPool"]

DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
UNSEEN_BYTES = 10_000
"""What is kept free for a token of an authority that gave none yet."""
PAUSE_SECONDS = 0.2
"""Before an authority whose line failed is asked again."""

State = Literal["ready", "resting", "used_up"]


@dataclass(frozen=True, slots=True)
class AuthorityState:
    """What is known of an authority without asking it. `used` and `quota` count the day and the month."""

    id: str
    url: str
    state: State
    health: Health
    used: tuple[int, int]
    quota: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Examined:
    """What an authority answered just now: `problem`, or how far its clock is ahead of this machine's."""

    id: str
    url: str
    problem: QuayDienError | None
    ahead: timedelta | None = None


class TimeStampPool:
    """The TimeStamper of a branch. Safe to use from several threads."""

    def __init__(self, authorities: Sequence[Authority], record: Record, *, tries: int, rest: timedelta) -> None:
        """`tries` is how often an authority whose line fails is asked, `rest` how long it is then left alone."""
        self._authorities = tuple(authorities)
        self._record = record
        self._tries = tries
        self._rest = rest

    @property
    def token_size(self) -> int:
        """Bytes a token may take at most: the largest seen of each authority and a quarter more."""
        sizes = (self._record.health(one.settings.id).largest for one in self._authorities)
        return max(size + size // 4 if size else UNSEEN_BYTES for size in sizes)

    def stamp(self, imprint: bytes, algorithm: str) -> TimeStampToken:
        """Return a time stamp over `imprint` from the first authority that gives one that is right.

        Raises TimeStampUnavailable with what each of them said, TimeStampWrong for an imprint of the wrong length.
        """
        if len(imprint) != DIGEST_BYTES.get(algorithm):
            raise TimeStampWrong(authority="–", detail=f"{algorithm}: {len(imprint)} bytes")
        said: list[QuayDienError] = []
        for authority in self._authorities:
            try:
                self._refuse_resting(authority)
                return self._ask(authority, imprint, algorithm)
            except (TrustServiceError, TrustUnreadable) as problem:
                said.append(problem)
        raise TimeStampUnavailable(detail=together(said))

    def states(self) -> tuple[AuthorityState, ...]:
        """Return what is known of each authority, in order, without asking any."""
        return tuple(map(self._state, self._authorities))

    def examine(self) -> tuple[Examined, ...]:
        """Ask every authority once for a time stamp over a random digest, whatever is known of it."""
        return tuple(map(self._examined, self._authorities))

    def _refuse_resting(self, authority: Authority) -> None:
        health = self._record.health(authority.settings.id)
        until = _resting(health, clock.now())
        if until is not None:
            detail = because("rest", until=f"{clock.local(until):%H:%M:%S}", failure=health.failure or "–")
            raise ServiceResting(service=authority.settings.id, detail=detail)

    def _ask(self, authority: Authority, imprint: bytes, algorithm: str) -> TimeStampToken:
        name = authority.settings.id
        problem: QuayDienError
        for attempt in range(self._tries):
            if attempt:
                time.sleep(PAUSE_SECONDS)
            day = clock.local(clock.now()).date()
            self._take(authority, day)
            try:
                token = authority.stamp(imprint, algorithm)
            except ServiceUnreachable as failed:
                problem = failed
                if isinstance(failed, NotConnected):
                    self._record.give_back(name, day)
            except (TrustServiceError, TrustUnreadable) as failed:
                # it would only say the same again
                problem = failed
                break
            else:
                self._record.answered(name, clock.now(), len(token.der))
                return token
        self._record.failed(name, clock.now(), words(problem), self._rest)
        raise problem

    def _take(self, authority: Authority, day: date) -> None:
        limits = _quota(authority)
        use = self._record.take(authority.settings.id, day, limits)
        if use is None:
            return
        spent = "day" if limits[0] is not None and use.day >= limits[0] else "month"
        used, limit = (use.day, limits[0]) if spent == "day" else (use.month, limits[1])
        raise QuotaUsedUp(service=authority.settings.id, detail=because(spent, used=used, limit=limit))

    def _state(self, authority: Authority) -> AuthorityState:
        now = clock.now()
        chosen = authority.settings
        health = self._record.health(chosen.id)
        use = self._record.used(chosen.id, clock.local(now).date())
        used, quota = (use.day, use.month), _quota(authority)
        state: State = "ready"
        if any(limit is not None and spent >= limit for spent, limit in zip(used, quota, strict=True)):
            state = "used_up"
        elif _resting(health, now) is not None:
            state = "resting"
        return AuthorityState(chosen.id, chosen.url, state, health, used, quota)

    def _examined(self, authority: Authority) -> Examined:
        chosen = authority.settings
        try:
            before = clock.now()
            token = self._ask(authority, secrets.token_bytes(DIGEST_BYTES["sha256"]), "sha256")
            after = clock.now()
        except QuayDienError as problem:
            return Examined(chosen.id, chosen.url, problem)
        return Examined(chosen.id, chosen.url, None, token.at - (before + (after - before) / 2))


def _quota(authority: Authority) -> tuple[int | None, int | None]:
    return authority.settings.quota_day, authority.settings.quota_month


def _resting(health: Health, now: datetime) -> datetime | None:
    """Return until when an authority rests, None where it does not."""
    until = health.rests_until
    # a clock that was set back must not make it rest for ever
    return until if until is not None and now < until <= now + LONGEST_REST else None
