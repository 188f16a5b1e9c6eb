"""The checks of `quaydien doctor` that ask services: time stamps, OCSP, revocation lists, remote signing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.errors import AdapterError
from kernel.signing.certificates import describe
from kernel.signing.errors import RevocationUnavailable
from kernel.trust_services.errors import NotConnected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.examining import Check, Examiner, State
    from kernel.trust_services.pool import AuthorityState
    from kernel.trust_services.revocation import RevocationService

DRIFT = timedelta(seconds=60)
"""A signing time is wrong by more than a person would forgive."""


def examine_time_stamps(examiner: Examiner) -> Iterator[Check]:
    """Ask every time-stamping authority once; what it says of the time judges this machine's clock."""
    services = examiner.office.trust_services
    if services is None or services.time_stamper is None:
        yield examiner.check("tsa", "warning", "tsa_none")
        return
    before = services.time_stamper.states()
    asked = services.time_stamper.examine()
    # one that works is enough to go on
    state: State = "warning" if any(one.problem is None for one in asked) else "failed"
    for known, one in zip(before, asked, strict=True):
        if one.problem is not None:
            shut = examiner.shut("tsa") if isinstance(one.problem, NotConnected) else None
            yield shut or examiner.failed("tsa", one.problem, state)
            continue
        ahead = one.ahead or timedelta()
        key = "tsa_clock" if abs(ahead) > DRIFT else "tsa_answers"
        facts = {
            "id": one.id,
            "url": one.url,
            "ahead": _seconds(ahead),
            "day": _used(known, 0),
            "month": _used(known, 1),
        }
        yield examiner.check("tsa", "warning" if key == "tsa_clock" else "ok", key, **facts)
        if known.health.failures and known.health.failure and known.health.failed_at:
            at = f"{clock.local(known.health.failed_at):%H:%M %d/%m/%Y}"
            failure = known.health.failure(examiner.language)
            yield examiner.check("tsa", "warning", "tsa_failed_before", id=one.id, at=at, failure=failure)


def examine_revocation(examiner: Examiner) -> Iterator[Check]:
    """Ask every source that the certificates at hand and their authorities name."""
    services = examiner.office.trust_services
    if services is None:
        yield examiner.check("revocation", "warning", "revocation_none")
        return
    found = False
    for check in _sources(examiner, services.revocation):
        found = True
        yield check
    if not found:
        yield examiner.check("revocation", "warning", "revocation_idle")


def _sources(examiner: Examiner, revocation: RevocationService) -> Iterator[Check]:
    asked: set[str] = set()
    for signer in examiner.office.signers.values():
        at_hand = [certificate.der for certificate in signer.certificates()]
        for der in at_hand:
            if not describe(der).uid:
                continue  # an authority's, which lies on tokens too
            try:
                for one in revocation.examine((der, *at_hand), without=asked):
                    asked.add(one.url)
                    if isinstance(one.problem, NotConnected) and (shut := examiner.shut("revocation")):
                        yield shut
                        return  # they run together or not at all
                    if one.problem is not None:
                        yield examiner.failed("revocation", one.problem)
                        continue
                    until = f"{clock.local(one.until):%H:%M %d/%m/%Y}" if one.until else "–"
                    made = f"{clock.local(one.made):%H:%M %d/%m/%Y}" if one.made else "–"
                    yield examiner.check("revocation", "ok", f"{one.kind}_answers", url=one.url, made=made, until=until)
            except RevocationUnavailable as problem:
                yield examiner.failed("revocation", problem, "warning")


def _used(known: AuthorityState, period: int) -> str:
    limit = known.quota[period]
    return str(known.used[period]) if limit is None else f"{known.used[period]}/{limit}"


def _seconds(ahead: timedelta) -> str:
    return f"{ahead.total_seconds():+.1f}".replace(".", ",")


def examine_remote(examiner: Examiner) -> Iterator[Check]:
    """Ask every remote signing service what it calls itself."""
    for service in examiner.office.settings.signing.remote:
        try:
            name = examiner.office.remote[service.id].about()
        except AdapterError as error:
            yield examiner.failed("remote", error)
        else:
            yield examiner.check("remote", "ok", "remote_answers", title=service.title, name=name)
