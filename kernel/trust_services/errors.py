"""What goes wrong with a trust service. Texts: `messages/<language>/trust_services.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.api.messages import message
from kernel.api.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.api.text import Language

__all__ = [
    "AnswerWrong",
    "NotConnected",
    "PasswordUnreadable",
    "ProxyRefused",
    "QuotaUsedUp",
    "Refused",
    "ServiceResting",
    "ServiceUnreachable",
    "TrustServiceError",
    "because",
    "together",
    "words",
]


class TrustServiceError(QuayDienError):
    """Root of this package's errors. Facts: service, detail."""

    code = "trust_services.error"


class ServiceUnreachable(TrustServiceError):
    """The line failed or the server could not answer: asking again may work."""

    code = "trust_services.unreachable"


class NotConnected(ServiceUnreachable):
    """No line came about: nothing was asked."""

    code = "trust_services.not_connected"


class ProxyRefused(TrustServiceError):
    """The HTTP proxy wants a user and password, or other ones (RFC 9110, 15.5.8)."""

    code = "trust_services.proxy_refused"


class Refused(TrustServiceError):
    """The service understood and said no."""

    code = "trust_services.refused"


class AnswerWrong(TrustServiceError):
    """What came is not a right answer to what was asked."""

    code = "trust_services.answer_wrong"


class QuotaUsedUp(TrustServiceError):
    """The authority's time stamps of the day or month are used up."""

    code = "trust_services.quota_used_up"


class ServiceResting(TrustServiceError):
    """The service failed a moment ago and is left alone for a while."""

    code = "trust_services.resting"


class PasswordUnreadable(TrustServiceError):
    """The file with an account's password can't be used. Facts: service, file, detail."""

    code = "trust_services.password_unreadable"


def because(key: str, /, **facts: object) -> Text:
    """Return the detail `key` of the catalogue in both languages; a fact may be a Text itself."""
    return Text(_said(key, "vi", facts), _said(key, "en", facts))


def _said(key: str, language: Language, facts: dict[str, object]) -> str:
    filled = {name: fact(language) if isinstance(fact, Text) else fact for name, fact in facts.items()}
    return message(f"trust_services.because.{key}", language, **filled)


def words(problem: QuayDienError) -> Text:
    """Return what an error says happened, in both languages, to stand inside another's detail."""
    vi, en = (problem.diagnosis(language).cause.rstrip(".") for language in ("vi", "en"))
    return Text(vi, en)


def together(said: Sequence[QuayDienError]) -> Text:
    """Return what several errors say, one after the other."""
    each = [words(problem) for problem in said]
    return Text("; ".join(one.vi for one in each), "; ".join(one.en for one in each))
