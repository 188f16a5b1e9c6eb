"""From the settings to the trust services at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kernel.trust_services.authority import Authority
from kernel.trust_services.cache import Cache
from kernel.trust_services.line import Line
from kernel.trust_services.pool import TimeStampPool
from kernel.trust_services.prompt import PromptTimeStamper
from kernel.trust_services.record import Record
from kernel.trust_services.revocation import RevocationService
from kernel.trust_services.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel.settings import Settings
    from kernel.signing.trust import Trust

__all__ = ["TrustServices", "connect"]

RECORD = "time-stamps.db"


@dataclass(frozen=True, slots=True)
class TrustServices:
    """What a branch has of the outside world's trust. Both time stampers are None where no authority is configured."""

    time_stamper: TimeStampPool | None
    at_signing: PromptTimeStamper | None
    """The same authorities, for who waits: a short deadline in all."""
    revocation: RevocationService
    line: Line

    def close(self) -> None:
        """Let go of the connections."""
        self.line.close()


def connect(settings: Settings, trust: Callable[[], Trust]) -> TrustServices | None:
    """Return the services of the settings' `[trust_services]`, None without that section. Nothing is asked yet.

    `trust` tells what the branch believes in at the moment it is called. Raises SettingsInvalid for an unusable
    `ca_file` and PasswordUnreadable for the proxy's.
    """
    chosen = settings.trust_services
    if chosen is None:
        return None
    line = Line(chosen, settings.home)
    authorities = [Authority(one, line, settings.home, trust) for one in chosen.time_stamp]
    rest = timedelta(seconds=chosen.rest_seconds)
    record = Record(settings.state / RECORD)
    pool = TimeStampPool(authorities, record, tries=chosen.tries, rest=rest) if authorities else None
    return TrustServices(
        pool,
        PromptTimeStamper(pool, seconds=chosen.at_signing_seconds, rest=rest) if pool else None,
        RevocationService(Statements(line, Cache(settings.home / chosen.cache), chosen), trust),
        line,
    )
