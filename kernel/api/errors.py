"""The root of every error a person may meet, and those that adapters and plugins may raise.

An error carries a code and facts. Its title, cause and advice stand in the message catalogue under that code,
in Vietnamese and English, so no sentence is written where the error is raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kernel.api.messages import message
from kernel.api.text import Language, Text

__all__ = [
    "AdapterAnswerInvalid",
    "AdapterError",
    "AdapterMisconfigured",
    "AdapterRefused",
    "AdapterUnavailable",
    "Diagnosis",
    "QuayDienError",
    "RemoteAccountRefused",
    "RemoteCertificateUnusable",
    "RemoteConfirmationExpired",
    "RemoteKeyNotAuthorised",
    "RemoteSigningFailed",
]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a person reads of an error: what happened, why, and what to do now."""

    title: str
    cause: str
    advice: str

    def __str__(self) -> str:
        return f"{self.title}. {self.cause} {self.advice}"


class QuayDienError(Exception):
    """Root of the error tree. `code` names the entry of the catalogue, `facts` fill its placeholders.

    A fact that is a `Text` is filled in in the language of the diagnosis.
    """

    code: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts

    def diagnosis(self, language: Language = "vi") -> Diagnosis:
        """Return title, cause and advice in `language`."""
        facts = {name: fact(language) if isinstance(fact, Text) else fact for name, fact in self.facts.items()}
        return Diagnosis(
            **{part: message(f"{self.code}.{part}", language, **facts) for part in ("title", "cause", "advice")}
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.diagnosis('en')}"


class AdapterError(QuayDienError):
    """A system outside did not do what it was asked. Facts: system, endpoint, detail."""

    code = "adapter.error"

    def __init__(self, *, system: str, endpoint: str, detail: str) -> None:
        super().__init__(system=system, endpoint=endpoint, detail=detail)


class AdapterUnavailable(AdapterError):
    """The system could not be reached or did not answer in time: asking again later may work."""

    code = "adapter.unavailable"


class AdapterAnswerInvalid(AdapterError):
    """The system answered something that is not of the agreed shape (HTML, broken JSON, missing table)."""

    code = "adapter.answer_invalid"


class AdapterRefused(AdapterError):
    """The system understood and said no: asking again unchanged will not work."""

    code = "adapter.refused"


class RemoteAccountRefused(AdapterRefused):
    """A remote signing service does not know this unit's account, or its password or token is wrong."""

    code = "remote.account_refused"


class RemoteCertificateUnusable(AdapterRefused):
    """A remote signing service does not let the signer's certificate be used: locked, lapsed, revoked."""

    code = "remote.certificate_unusable"


class RemoteConfirmationExpired(AdapterRefused):
    """The signer did not confirm within the time a remote signing service gives."""

    code = "remote.confirmation_expired"


class RemoteKeyNotAuthorised(AdapterRefused):
    """The signer confirmed, but a remote signing service could not open the key with it."""

    code = "remote.key_not_authorised"


class RemoteSigningFailed(AdapterRefused):
    """A remote signing service had the signer's word and made no signature."""

    code = "remote.signing_failed"


class AdapterMisconfigured(AdapterError):
    """The adapter's settings lack an entry or hold an unusable one, named by the fact `endpoint`."""

    code = "adapter.misconfigured"
