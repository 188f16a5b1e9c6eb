"""What the checks of `quaydien doctor` are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kernel.api.messages import message

if TYPE_CHECKING:
    from kernel.api.errors import QuayDienError
    from kernel.api.text import Language
    from kernel.casework.office import Office

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found. `advice` is empty when there is nothing to do."""

    name: str
    state: State
    finding: str
    advice: str = ""


class Examiner:
    """An office under examination, and the words of what is found there."""

    def __init__(self, office: Office, language: Language) -> None:
        self.office = office
        self.language = language

    def say(self, key: str, /, **facts: object) -> str:
        """Return a text of the catalogue's `doctor`."""
        return message(f"doctor.{key}", self.language, **facts)

    def check(self, subject: str, state: State, key: str, /, **facts: object) -> Check:
        """Return a check whose finding, and advice unless all is well, stand in the catalogue under `key`."""
        advice = "" if state == "ok" else self.say(f"{key}.advice", **facts)
        return Check(self.say(f"names.{subject}"), state, self.say(f"{key}.finding", **facts), advice)

    def failed(self, name: str, error: QuayDienError, state: State = "failed") -> Check:
        """Return a check in the words of an error."""
        said = error.diagnosis(self.language)
        return Check(self.say(f"names.{name}"), state, f"{said.title}: {said.cause}", said.advice)

    def shut(self, subject: str) -> Check | None:
        """Return the check of a practice branch's outside system, which runs only while the branch is open."""
        return self.check(subject, "warning", "practice_shut") if self.office.settings.branch.practice else None
